/**
 * What is made of a login in an instance: a Secret with its password, then the operator's objects, one after the other, since each failure
 * costs the operator half a minute.
 */
import { isApplied, withDigest } from "../../claim/applied";
import { annotations } from "../../claim/names";
import {
  keyOf,
  refOf,
  secretResource,
  type KubeObject,
  type Ref,
  type Resource,
  type Secret,
} from "../../kubernetes/objects";
import type { Standing } from "../../kubernetes/owners";
import { isContained } from "../../kubernetes/sameness";
import type { SharedDatabases } from "../../operator/operator";
import { withProof } from "../connection/connection-secret";
import { ownedObject, stepsOfOwned, type Wanted } from "../owned-object";
import { outcomeFor, type Run, type Step } from "../run";
import { unwritten, type Verdict } from "../status";
import { isPassword, passwordPlace, standingByName } from "./operator-within";

/** What the parts of one login have in common. */
export type Making = Pick<Wanted, "aspect" | "condition"> & {
  readonly shared: SharedDatabases;
  /** The Secret with the password. */
  readonly secret: Ref;
  /** When the instance's database was made: what is older was made for one before it. */
  readonly since: string;
};

/** The Secret, a role or the database. */
export type Part = Wanted & { readonly making: Making };

export function objectPart(making: Making, desired: KubeObject): Part {
  const { aspect, condition, shared } = making;
  const resource = resourceOf(desired, shared.resources);
  return { aspect, condition, desired, resource, making, standing: standingByName };
}

function resourceOf(desired: KubeObject, resources: readonly Resource[]): Resource {
  const found = resources.find(({ kind }) => kind === desired.kind);
  if (!found) throw new Error(`${desired.kind} is no kind of a shared database`);
  return found;
}

/** The password is made with the Secret, and is never asked for again. */
export function secretPart(making: Making, made: Secret, run: Run): Part {
  const { aspect, condition, secret } = making;
  const desired = withProof(made, run.proofOf(passwordPlace(secret)));
  const standing = (found: KubeObject): Standing => {
    if (!isPassword(found as Secret, run.claim, run.proofOf)) return "foreign";
    return found.metadata.deletionTimestamp === undefined ? "ours" : "deleting";
  };
  return { aspect, condition, resource: secretResource, desired, standing, making };
}

/** What is due for the first of the parts that is not as it should be. */
export function stepsOfParts(parts: readonly Part[], run: Run): readonly Step[] {
  for (const part of parts) {
    const steps = stepsOfPart(part, run);
    if (steps.length > 0) return steps;
    if (!isHealthy(part, run)) return nudgesOf(part, run);
  }
  return [];
}

function stepsOfPart(part: Part, run: Run): readonly Step[] {
  const owned = ownedObject(part, run);
  if (part.resource === secretResource) return owned ? [] : stepsOfOwned(part, run);
  return owned && isOfEarlierInstance(owned, part)
    ? stepsOfStale(part, owned)
    : stepsOfOwned(part, run);
}

/**
 * The object is made anew. Before that it is said to drop nothing: the instance may have been restored from a backup, with all that was
 * in it.
 */
function stepsOfStale({ aspect, resource, making }: Part, found: KubeObject): readonly Step[] {
  const what = `${resource.kind} ${keyOf(refOf(found))}`;
  const desired = withDigest(making.shared.departing(found, true));
  if (!isApplied(desired, found) || !isContained(desired, found)) {
    const why = `has ${what} drop nothing: it was made for an earlier database of the instance`;
    return [{ aspect, verb: "apply", resource, object: desired, found, why }];
  }
  const why = `removes ${what}: it was made for an earlier database of the instance`;
  return [{ aspect, verb: "remove", resource, object: found, why }];
}

/** CNPG never looks at such an object again, and in the new instance nothing of it is there. */
function isOfEarlierInstance({ metadata }: KubeObject, { making }: Part): boolean {
  return Date.parse(metadata.creationTimestamp ?? "") < Date.parse(making.since);
}

export function isHealthy(part: Part, run: Run): boolean {
  const owned = ownedObject(part, run);
  return owned !== undefined && part.making.shared.health(owned).state === "healthy";
}

/** How long after its password was made the operator is to look at a role again, in ms: it gives itself the right to read it meanwhile. */
const nudgesMs = [1000, 3000, 9000] as const;

/** When the operator is to look at the object again, by the clock, in ms; undefined where it looks by itself. */
function nudgeTimeOf(part: Part, run: Run): number | undefined {
  const owned = ownedObject(part, run);
  const { shared, secret: ref } = part.making;
  if (!owned || !shared.isEarly(owned)) return undefined;
  const after = nudgesMs[nudgesSoFar(owned)];
  const secret = run.seen.object(secretResource, ref);
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
  const { aspect, resource, desired } = part;
  const count = String(nudgesSoFar(owned) + 1);
  const marks = { ...desired.metadata.annotations, [annotations.askedAgain]: count };
  const object = { ...desired, metadata: { ...desired.metadata, annotations: marks } };
  const why = `has ${resource.kind} ${keyOf(refOf(owned))} looked at again`;
  return [{ aspect, verb: "apply", resource, object, found: owned, why }];
}

/** In how many ms a run is due that has the operator look again; undefined where none is. */
export function nudgeAfterMs(parts: readonly Part[], run: Run): number | undefined {
  const times = parts.map(part => nudgeTimeOf(part, run)).filter(due => due !== undefined);
  return times.length === 0 ? undefined : Math.max(0, Math.min(...times) - run.now.getTime());
}

/** What is still open of the parts; undefined where all are as they should be. */
export function openVerdict(parts: readonly Part[], run: Run): Verdict | undefined {
  // A name that is taken says more than the Secret which has it too.
  const inOrder = [...parts.filter(part => isTaken(part, run)), ...parts];
  for (const part of inOrder) {
    const verdict = verdictOfPart(part, run);
    if (verdict) return verdict;
  }
  return undefined;
}

function isTaken({ resource, desired, standing }: Part, run: Run): boolean {
  const found = run.seen.object(resource, refOf(desired));
  return (
    resource !== secretResource && found !== undefined && standing(found, run.claim) === "foreign"
  );
}

function verdictOfPart(part: Part, run: Run): Verdict | undefined {
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
  const { state, message } = part.making.shared.health(found);
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
    const message = `a ${resource.kind} needs ${title} 1.30 (there is no ${resource.plural}.${resource.group} in this cluster): ask the platform team; the claim goes on by itself once it is there`;
    return { reason: "OperatorNotInstalled", message };
  }
  if (refusal.code === 422) {
    return { reason: "DatabaseInvalid", message: `${title} refuses ${what}: ${refusal.message}` };
  }
  return unwritten(what, refusal);
}
