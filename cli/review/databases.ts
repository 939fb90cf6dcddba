/** Judges the claims for databases of an input as the webhook would, with the instances that are in it, and plans those that pass. */
import { judgeDatabase } from "../../capabilities/admission/database/judgement";
import { instanceRef, type DatabaseClaim } from "../../capabilities/claim/database";
import { parseDatabaseClaim } from "../../capabilities/claim/parse";
import type { Violation } from "../../capabilities/claim/violation";
import { isSameRef, keyOf, refOf } from "../../capabilities/kubernetes/objects";
import type { Plan } from "../../capabilities/reconcile/plan";
import { planWithin } from "../../capabilities/reconcile/shared/plan";
import type { ReviewedClaims } from "./claims";
import { inNamespace, problemsOf, twinFaults } from "./found";
import type { Fields, FoundObject } from "./kinds";
import { objectFaults, withObjectFaults } from "./object";

export type ReviewedDatabases = ReviewedClaims & {
  /** Claims whose instance is not in the input: what they become is not known here. */
  readonly notes: readonly string[];
};

/** `instances` are the plans of the instances in the input. */
export function reviewDatabases(
  found: readonly FoundObject[],
  instances: readonly Plan[],
  namespace: string,
): ReviewedDatabases {
  const homed = inNamespace(found, namespace);
  const twins = twinFaults(homed);
  const reviewed = homed.map(({ object, document }, index) => {
    const { claim, faults } = judged(object, instances);
    const all = [...faults, ...(twins[index] ?? [])];
    const host = hostOf(claim, instances);
    const isPlanned = all.length === 0 && host !== undefined;
    const missing = `${claim.kind} ${keyOf(refOf(claim))}: PostgresInstance ${keyOf(instanceRef(claim))} is not in the input, so that it is neither judged nor rendered beside it`;
    return {
      plans: isPlanned ? [planWithin({ claim, host, found: undefined, refused: undefined })] : [],
      problems: problemsOf(all, document),
      notes: host ? [] : [missing],
    };
  });
  return {
    plans: reviewed.flatMap(({ plans }) => plans.filter(plan => plan !== undefined)),
    problems: reviewed.flatMap(({ problems }) => problems),
    notes: reviewed.flatMap(({ notes }) => notes),
  };
}

type Judged = { readonly claim: DatabaseClaim; readonly faults: readonly Violation[] };

function judged(object: Fields, instances: readonly Plan[]): Judged {
  const strict = objectFaults(object, ["spec", "status", "writeConnectionSecretToRef"]);
  const { claim, faults } = parseDatabaseClaim(object);
  const host = hostOf(claim, instances);
  const { violations } = judgeDatabase(claim, undefined, {
    instance: host?.claim,
    chosen: host?.chosen,
  });
  const all = withObjectFaults(strict, [...faults, ...violations]);
  return { claim, faults: [...all, ...unserved(claim, host)] };
}

/** The reconcile would tell of it; here is the place to say so before. */
function unserved(claim: DatabaseClaim, host: Plan | undefined): readonly Violation[] {
  if (!host) return [];
  const what = `is PostgresInstance ${keyOf(instanceRef(claim))}`;
  if (!host.operator.sharedDatabases) {
    const problem = `${what}, which ${host.operator.title} runs: name one whose class is CloudNativePG's`;
    return [{ field: "spec.instanceRef", problem }];
  }
  return host.claim.spec.share
    ? []
    : [
        {
          field: "spec.instanceRef",
          problem: `${what}, which does not share itself: write spec.share: {} there`,
        },
      ];
}

function hostOf(claim: DatabaseClaim, instances: readonly Plan[]): Plan | undefined {
  return instances.find(plan => isSameRef(refOf(plan.claim), instanceRef(claim)));
}
