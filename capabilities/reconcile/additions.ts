/** Makes the optional objects beside the database so, those that are no longer asked for gone, and says how each is. */
import { isControlledBy } from "../kubernetes/owners";
import type { Addition } from "../operator/operator";
import { conditionIn, type Claim } from "../claim/claim";
import { type KubeObject, keyOf } from "../kubernetes/objects";
import type { Kube, Refusal } from "./kube";
import { settleObject, type Settlement } from "./owned-object";
import type { Plan } from "./plan";
import { isReason, unwritten, type Aspect, type Reason, type Verdict } from "./status";

type Wording = {
  readonly condition: string;
  readonly reasons: Readonly<Record<"healthy" | "progressing" | "failed", Reason>>;
  /** Where the kind is not in the cluster. */
  readonly missing: Reason;
  /** Whether Ready waits for it. */
  readonly isVital: boolean;
};

const wordings: Readonly<Record<Addition["field"], Wording>> = {
  extensions: {
    condition: "ExtensionsReady",
    reasons: {
      healthy: "ExtensionsApplied",
      progressing: "ExtensionsPending",
      failed: "ExtensionsFailed",
    },
    missing: "OperatorNotInstalled",
    isVital: true,
  },
  pooler: {
    condition: "PoolerReady",
    reasons: { healthy: "PoolerActive", progressing: "PoolerPending", failed: "PoolerFailed" },
    missing: "OperatorNotInstalled",
    isVital: true,
  },
  // A database that nobody measures is a database all the same.
  monitoring: {
    condition: "MonitoringReady",
    reasons: {
      healthy: "MonitoringActive",
      progressing: "MonitoringPending",
      failed: "MonitoringFailed",
    },
    missing: "MonitoringNotInstalled",
    isVital: false,
  },
};

/** What is told of an addition whose fault is none of the claim's. */
type OnFault = (cause: unknown) => { readonly verdict: Verdict };

/**
 * Settles all additions, each for itself. `database` is undefined while there is none that is the claim's: then nothing is made,
 * since the operator would do it to someone else's.
 */
export async function settleAdditions(
  planned: Plan,
  database: KubeObject | undefined,
  kube: Kube,
  onFault: OnFault,
): Promise<readonly Aspect[]> {
  const aspects: Aspect[] = [];
  for (const addition of planned.additions) {
    const { condition, isVital } = wordings[addition.field];
    const settled = settleAddition(planned.claim, addition, database, kube);
    const { verdict } = await settled.catch(onFault);
    if (verdict) aspects.push({ condition, verdict, isVital });
  }
  return aspects;
}

/** What was last said of the additions, where this run could not find out. */
export function additionsBefore({ status }: Claim): readonly Aspect[] {
  return Object.values(wordings).flatMap(({ condition, isVital }) => {
    const before = conditionIn(status, condition);
    if (!before || !isReason(before.reason)) return [];
    const { reason, message } = before;
    return [{ condition, verdict: { reason, message }, isVital }];
  });
}

async function settleAddition(
  claim: Claim,
  addition: Addition,
  database: KubeObject | undefined,
  kube: Kube,
): Promise<{ readonly verdict: Verdict | undefined }> {
  const { field, resource, desired } = addition;
  if (!desired) {
    await removeAddition(claim, addition, kube);
    return { verdict: undefined };
  }
  if (!database) {
    const reason = wordings[field].reasons.progressing;
    return { verdict: { reason, message: "waiting for the database" } };
  }
  const settlement = await settleObject({ claim, resource, desired }, kube);
  if (settlement.state === "settled" && isOlder(settlement.object, database)) {
    await kube.remove(resource, settlement.object);
    return { verdict: verdictOf(addition, { state: "deleting" }) };
  }
  return { verdict: verdictOf(addition, settlement) };
}

/**
 * Whether it was made for an earlier database of this name: releases of CNPG never look at such a Database again, and in the new
 * database nothing of it is there.
 */
function isOlder(object: KubeObject, database: KubeObject): boolean {
  const [made = NaN, since = NaN] = [object, database].map(({ metadata }) =>
    Date.parse(metadata.creationTimestamp ?? ""),
  );
  return made < since;
}

/** Costs nothing where there is none: only what is remembered is looked for. */
async function removeAddition(
  claim: Claim,
  { resource, ref }: Addition,
  kube: Kube,
): Promise<void> {
  const found = await kube.remembered(resource, ref);
  if (!found || !isControlledBy(found, claim)) return;
  if (found.metadata.deletionTimestamp === undefined) await kube.remove(resource, found);
}

function verdictOf(addition: Addition, settlement: Settlement): Verdict {
  const { field, resource, ref } = addition;
  const { reasons } = wordings[field];
  const what = `${resource.kind} ${keyOf(ref)}`;
  switch (settlement.state) {
    case "settled": {
      const { state, message } = addition.health(settlement.object);
      return { reason: reasons[state], message };
    }
    case "refused":
      return refusalVerdict(addition, settlement.refusal);
    case "foreign":
      return {
        reason: "NotOwned",
        message: `${what}, which spec.${field} needs, exists and is not this claim's, so it was left as it is: remove it, or take spec.${field} out`,
      };
    default:
      return {
        reason: reasons.progressing,
        message: `${what} is being deleted and will be made again`,
      };
  }
}

function refusalVerdict({ field, resource, provider, ref }: Addition, refusal: Refusal): Verdict {
  const what = `${resource.kind} ${keyOf(ref)}`;
  if (refusal.code === 404) {
    return {
      reason: wordings[field].missing,
      message: `spec.${field} needs ${provider} (there is no ${resource.plural}.${resource.group} in this cluster): ask the platform team; the claim goes on by itself once it is there`,
    };
  }
  if (refusal.code === 422) {
    return {
      reason: wordings[field].reasons.failed,
      message: `${what} is refused: ${refusal.message}`,
    };
  }
  return unwritten(what, refusal);
}
