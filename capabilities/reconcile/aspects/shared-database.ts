/**
 * The database of a claim in a shared instance: a Secret with its password, then what the operator makes of the claim, one object after
 * the other, since each failure costs the operator half a minute.
 */
import { isApplied, withDigest } from "../../claim/applied";
import { annotations, finalizer } from "../../claim/names";
import {
  keyOf,
  refOf,
  secretResource,
  type KubeObject,
  type Resource,
  type Secret,
} from "../../kubernetes/objects";
import type { Standing } from "../../kubernetes/owners";
import { isContained } from "../../kubernetes/sameness";
import { withProof } from "../connection/connection-secret";
import { once } from "../pace";
import { needsOfOwned, ownedObject, stepsOfOwned, type Wanted } from "../owned-object";
import { askedOnce, perRun } from "../per-run";
import { outcomeFor, untried, type Aspect, type Run, type Step } from "../run";
import { passwordPlace, standingByName } from "../shared/operator-within";
import type { SharedPlan } from "../shared/plan";
import { failedVerdict, unwritten, type Verdict } from "../status";

const condition = "DatabaseReady";
const aspect = "shared database";

/** A part of what is made: the Secret, a role or the database. */
type Part = Wanted & {
  /** How it is, if it is there. */
  readonly health: SharedPlan["shared"]["health"];
};

export const sharedDatabaseAspect: Aspect = askedOnce({
  name: aspect,
  condition,
  isVital: true,
  needs: run => partsOf(run).flatMap(part => needsOfOwned(part, run)),
  steps: run => untried(run, stepsOf(run)),
  tell: run => {
    const verdict = verdictOf(run);
    const ms = nudgeAfterMs(run);
    return { condition, isVital: true, verdict, ...(ms === undefined ? {} : { again: once(ms) }) };
  },
});

/** Told where the instance's owner has changed their mind: what is there stays. */
export const instanceSharedAspect: Aspect = askedOnce({
  name: "sharing",
  condition: "InstanceShared",
  isVital: false,
  needs: () => [],
  steps: () => [],
  tell: run => {
    const { refused } = sharedOf(run);
    if (!refused || !isMade(run)) return undefined;
    const message = `${refused.message}; the database that is there stays as it is`;
    return { condition: "InstanceShared", isVital: false, verdict: { ...refused, message } };
  },
});

function sharedOf({ plan }: Run): SharedPlan {
  if (!plan.shared) throw new Error("the claim is not for a database in a shared instance");
  return plan.shared;
}

const partsOf = perRun((run: Run): readonly Part[] => {
  const { shared, objects } = sharedOf(run);
  const parts = objects.map(desired => ({
    ...{ aspect, condition, desired, standing: standingByName, health: shared.health },
    resource: resourceOf(desired, shared.resources),
  }));
  return [secretPart(run), ...parts];
});

function resourceOf(desired: KubeObject, resources: readonly Resource[]): Resource {
  const found = resources.find(({ kind }) => kind === desired.kind);
  if (!found) throw new Error(`${desired.kind} is no kind of a shared database`);
  return found;
}

/** The password is made with the Secret, and is never asked for again. */
function secretPart(run: Run): Part {
  const { shared, tenant, secret } = sharedOf(run);
  const made = shared.passwordIn(tenant, run.newPassword());
  const proof = run.proofOf(passwordPlace(secret));
  const standing = (found: KubeObject): Standing => {
    if (!run.plan.operator.credentials.isProven(found as Secret, found)) return "foreign";
    return found.metadata.deletionTimestamp === undefined ? "ours" : "deleting";
  };
  return {
    ...{ aspect, condition, resource: secretResource, desired: withProof(made, proof), standing },
    health: shared.health,
  };
}

/** Whether the claim has its database already. */
const isMade = perRun((run: Run): boolean => {
  const database = partsOf(run).at(-1);
  return database !== undefined && ownedObject(database, run) !== undefined;
});

function stepsOf(run: Run): readonly Step[] {
  const { finalizers = [] } = run.claim.metadata;
  if (!finalizers.includes(finalizer)) {
    const why = "keeps the claim until nothing of it is left in the instance";
    return [{ aspect, verb: "set finalizers", finalizers: [...finalizers, finalizer], why }];
  }
  if (hindranceOf(run)) return [];
  for (const part of partsOf(run)) {
    const steps = stepsOfPart(part, run);
    if (steps.length > 0) return steps;
    if (!isHealthy(part, run)) return nudgesOf(part, run);
  }
  return [];
}

function stepsOfPart(part: Part, run: Run): readonly Step[] {
  const owned = ownedObject(part, run);
  if (part.resource === secretResource) return owned ? [] : stepsOfOwned(part, run);
  return owned && isOfEarlierInstance(owned, run)
    ? stepsOfStale(part, owned, run)
    : stepsOfOwned(part, run);
}

/**
 * The object is made anew. Before that it is said to drop nothing: the instance may have been restored from a backup, with all that was
 * in it.
 */
function stepsOfStale({ resource }: Part, found: KubeObject, run: Run): readonly Step[] {
  const what = `${resource.kind} ${keyOf(refOf(found))}`;
  const desired = withDigest(sharedOf(run).shared.departing(found, true));
  if (!isApplied(desired, found) || !isContained(desired, found)) {
    const why = `has ${what} drop nothing: it was made for an earlier database of the instance`;
    return [{ aspect, verb: "apply", resource, object: desired, found, why }];
  }
  const why = `removes ${what}: it was made for an earlier database of the instance`;
  return [{ aspect, verb: "remove", resource, object: found, why }];
}

/** CNPG never looks at such an object again, and in the new instance nothing of it is there. */
function isOfEarlierInstance({ metadata }: KubeObject, run: Run): boolean {
  return Date.parse(metadata.creationTimestamp ?? "") < Date.parse(sharedOf(run).since);
}

function isHealthy(part: Part, run: Run): boolean {
  const owned = ownedObject(part, run);
  return owned !== undefined && part.health(owned).state === "healthy";
}

/** How long after its password was made the operator is to look at a role again, in ms: it gives itself the right to read it meanwhile. */
const nudgesMs = [1000, 3000, 9000] as const;

/** When the operator is to look at the object again, by the clock, in ms; undefined where it looks by itself. */
function nudgeTimeOf(part: Part, run: Run): number | undefined {
  const owned = ownedObject(part, run);
  if (!owned || !sharedOf(run).shared.isEarly(owned)) return undefined;
  const after = nudgesMs[nudgesSoFar(owned)];
  const secret = run.seen.object(secretResource, sharedOf(run).secret);
  const made = Date.parse(secret?.metadata.creationTimestamp ?? "");
  return after === undefined || Number.isNaN(made) ? undefined : made + after;
}

function nudgesSoFar({ metadata }: KubeObject): number {
  return Number(metadata.annotations?.[annotations.askedAgain] ?? 0);
}

/** A change of the object has the operator look at it. */
function nudgesOf(part: Part, run: Run): readonly Step[] {
  const owned = ownedObject(part, run);
  const time = nudgeTimeOf(part, run);
  if (!owned || time === undefined || time > run.now.getTime()) return [];
  const { metadata } = part.desired;
  const count = String(nudgesSoFar(owned) + 1);
  const marks = { ...metadata.annotations, [annotations.askedAgain]: count };
  const object = { ...part.desired, metadata: { ...metadata, annotations: marks } };
  const why = `has ${part.resource.kind} ${keyOf(refOf(owned))} looked at again`;
  return [{ aspect, verb: "apply", resource: part.resource, object, found: owned, why }];
}

/** In how many ms a run is due that has the operator look again. */
function nudgeAfterMs(run: Run): number | undefined {
  const times = partsOf(run).map(part => nudgeTimeOf(part, run));
  const [time] = times.filter(due => due !== undefined);
  return time === undefined ? undefined : Math.max(0, time - run.now.getTime());
}

/** Why nothing is made or changed. */
function hindranceOf(run: Run): Verdict | undefined {
  const { refused, unready } = sharedOf(run);
  return (isMade(run) ? undefined : refused) ?? unready;
}

function verdictOf(run: Run): Verdict {
  const failed = run.done.find(({ step, state }) => step.aspect === aspect && state === "failed");
  if (failed?.state === "failed") return failedVerdict(failed.fault);
  const hindrance = hindranceOf(run);
  if (hindrance) return hindrance;
  // A name that is taken says more than the Secret which has it too.
  const parts = [...partsOf(run).filter(part => isTaken(part, run)), ...partsOf(run)];
  for (const part of parts) {
    const verdict = openVerdict(part, run);
    if (verdict) return verdict;
  }
  const { tenant, instance } = sharedOf(run);
  const message = `database ${tenant.database} in PostgresInstance ${keyOf(instance)} is as asked for`;
  return { reason: "DatabaseHealthy", message };
}

function isTaken({ resource, desired, standing }: Part, run: Run): boolean {
  const found = run.seen.object(resource, refOf(desired));
  return (
    resource !== secretResource && found !== undefined && standing(found, run.claim) === "foreign"
  );
}

/** What is still open of a part; undefined where it is as it should be. */
function openVerdict(part: Part, run: Run): Verdict | undefined {
  const ref = refOf(part.desired);
  const what = `${part.resource.kind} ${keyOf(ref)}`;
  const outcome = outcomeFor(run, part.resource, ref);
  if (outcome?.state === "refused") return refusalVerdict(part, what, outcome.refusal, run);
  const found = run.seen.object(part.resource, ref);
  if (!found) return { reason: "Provisioning", message: `${what} is being made` };
  const standing = part.standing(found, run.claim);
  if (standing === "foreign") return takenVerdict(part, what);
  if (standing === "deleting") {
    return {
      reason: "DatabaseDeleting",
      message: `${what} is being deleted and will be made again`,
    };
  }
  const { state, message } = part.health(found);
  const said = `${run.plan.operator.title}: ${message}`;
  if (nudgeTimeOf(part, run) !== undefined) {
    const message = `${run.plan.operator.title} is about to read the password of ${what}`;
    return { reason: "Provisioning", message };
  }
  if (state === "failed") return { reason: "DatabaseFailed", message: said };
  return state === "progressing" ? { reason: "Provisioning", message: said } : undefined;
}

/** Whose it is instead is not said: the claim's namespace may have no business to know. */
function takenVerdict({ resource }: Part, what: string): Verdict {
  if (resource === secretResource) {
    const message = `${what}, which is to hold the role's password, exists and was not made by the module: the owner of the instance has to remove it`;
    return { reason: "NotOwned", message };
  }
  return {
    reason: "NameTaken",
    message: `the name is taken in the instance (${what} is not this claim's): set spec.databaseName and spec.owner to other names in a new claim`,
  };
}

function refusalVerdict(
  { resource }: Part,
  what: string,
  refusal: { readonly code: number; readonly message: string },
  { plan }: Run,
): Verdict {
  const { title } = plan.operator;
  if (refusal.code === 404 && resource !== secretResource) {
    const message = `databases in a shared instance need ${title} 1.30 (there is no ${resource.plural}.${resource.group} in this cluster): ask the platform team; the claim goes on by itself once it is there`;
    return { reason: "OperatorNotInstalled", message };
  }
  if (refusal.code === 422) {
    return { reason: "DatabaseInvalid", message: `${title} refuses ${what}: ${refusal.message}` };
  }
  return unwritten(what, refusal);
}
