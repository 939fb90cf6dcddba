/** The optional objects beside a database: each is made where the claim asks for it, and removed where it does no longer. */
import type { Reason } from "../reasons";
import { keyOf, refOf, type KubeObject } from "../../kubernetes/objects";
import { standingOf } from "../../kubernetes/owners";
import type { OptionalObject } from "../../operator/operator";
import type { Refusal } from "../kube";
import {
  needsOfOwned,
  ownedObject,
  removalOfOwned,
  stepsOfOwned,
  type Wanted,
} from "../owned-object";
import { askedOnce } from "../per-run";
import { object, outcomeFor, untried, type Aspect, type Need, type Run, type Step } from "../run";
import { failedVerdict, notOwned, unwritten, type Verdict } from "../status";
import { databaseAspect, databaseOf } from "./database";

type Field = OptionalObject["field"];

type Wording = {
  readonly field: Field;
  readonly condition: string;
  readonly reasons: Readonly<Record<"healthy" | "progressing" | "failed", Reason>>;
  /** Where the kind is not in the cluster. */
  readonly missing: Reason;
  /** Whether Ready waits for it. */
  readonly isVital: boolean;
};

const wordings = [
  {
    field: "extensions",
    condition: "ExtensionsReady",
    reasons: {
      healthy: "ExtensionsApplied",
      progressing: "ExtensionsPending",
      failed: "ExtensionsFailed",
    },
    missing: "OperatorNotInstalled",
    isVital: true,
  },
  {
    field: "pooler",
    condition: "PoolerReady",
    reasons: { healthy: "PoolerActive", progressing: "PoolerPending", failed: "PoolerFailed" },
    missing: "OperatorNotInstalled",
    isVital: true,
  },
  // A database that nobody measures is a database all the same.
  {
    field: "monitoring",
    condition: "MonitoringReady",
    reasons: {
      healthy: "MonitoringActive",
      progressing: "MonitoringPending",
      failed: "MonitoringFailed",
    },
    missing: "MonitoringNotInstalled",
    isVital: false,
  },
] as const satisfies readonly Wording[];

/** The fields of a claim that ask for an optional object. */
export type OptionalField = (typeof wordings)[number]["field"];

export const optionalAspects: readonly Aspect[] = wordings.map(aspectOf);

function aspectOf(wording: Wording): Aspect {
  const { field, condition, isVital } = wording;
  return askedOnce({
    name: field,
    condition,
    isVital,
    after: databaseAspect.condition,
    needs: run => needsOf(wording, run),
    steps: run => untried(run, stepsOf(wording, run)),
    tell: run => {
      const optional = optionalOf(field, run);
      if (!optional?.desired) return undefined;
      const verdict = verdictOf(
        wording,
        optional,
        wantedOf(wording, optional.desired, optional),
        run,
      );
      return { condition, isVital, verdict };
    },
  });
}

function optionalOf(field: Field, { plan }: Run): OptionalObject | undefined {
  return plan.optional.find(optional => optional.field === field);
}

function wantedOf(
  { field, condition }: Wording,
  desired: KubeObject,
  { resource }: OptionalObject,
): Wanted {
  return { aspect: field, condition, resource, desired, standing: standingOf };
}

function needsOf(wording: Wording, run: Run): readonly Need[] {
  const optional = optionalOf(wording.field, run);
  if (!optional) return [];
  const { desired, resource, ref } = optional;
  return desired
    ? needsOfOwned(wantedOf(wording, desired, optional), run)
    : [object(resource, ref)];
}

function stepsOf(wording: Wording, run: Run): readonly Step[] {
  const optional = optionalOf(wording.field, run);
  if (!optional) return [];
  if (!optional.desired) return removalOf(optional, run, "the claim does not ask for it any more");
  // Beside a database that is not the claim's, the operator would do it to someone else's.
  const database = databaseOf(run);
  if (!database) return [];
  const wanted = wantedOf(wording, optional.desired, optional);
  const owned = ownedObject(wanted, run);
  return owned && isOlder(owned, database)
    ? removalOf(optional, run, "it was made for an earlier database of this name")
    : stepsOfOwned(wanted, run);
}

function removalOf(
  { field, resource, ref }: OptionalObject,
  run: Run,
  why: string,
): readonly Step[] {
  return removalOfOwned({ aspect: field, resource }, run.seen.object(resource, ref), run, why);
}

/**
 * Whether it was made for an earlier database of this name: releases of CNPG never look at such a Database again, and in the new
 * database nothing of it is there.
 */
function isOlder(owned: KubeObject, database: KubeObject): boolean {
  const [made = NaN, since = NaN] = [owned, database].map(({ metadata }) =>
    Date.parse(metadata.creationTimestamp ?? ""),
  );
  return made < since;
}

function verdictOf(wording: Wording, optional: OptionalObject, wanted: Wanted, run: Run): Verdict {
  const { reasons } = wording;
  if (!databaseOf(run)) return { reason: reasons.progressing, message: "waiting for the database" };
  const outcome = outcomeFor(run, optional.resource, refOf(wanted.desired));
  if (outcome?.state === "failed") return failedVerdict(outcome.fault);
  if (outcome?.state === "refused") return refusalVerdict(wording, optional, outcome.refusal);
  const owned = outcome?.step.verb === "remove" ? undefined : ownedObject(wanted, run);
  if (!owned) return obstacleVerdict(wording, optional, run);
  const { state, message } = optional.health(owned);
  return { reason: reasons[state], message };
}

function obstacleVerdict(
  { field, reasons }: Wording,
  { resource, ref }: OptionalObject,
  { seen, claim }: Run,
): Verdict {
  const what = `${resource.kind} ${keyOf(ref)}`;
  const found = seen.object(resource, ref);
  return found && standingOf(found, claim) === "foreign"
    ? notOwned(what, `spec.${field} needs`, `take spec.${field} out`)
    : { reason: reasons.progressing, message: `${what} is being deleted and will be made again` };
}

function refusalVerdict(
  { missing, reasons, field }: Wording,
  { resource, provider, ref }: OptionalObject,
  refusal: Refusal,
): Verdict {
  const what = `${resource.kind} ${keyOf(ref)}`;
  if (refusal.code === 404) {
    return {
      reason: missing,
      message: `spec.${field} needs ${provider} (there is no ${resource.plural}.${resource.group} in this cluster): ask the platform team; the claim goes on by itself once it is there`,
    };
  }
  if (refusal.code === 422) {
    return { reason: reasons.failed, message: `${what} is refused: ${refusal.message}` };
  }
  return unwritten(what, refusal);
}
