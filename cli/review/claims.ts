/** Judges the claims of an input as the webhook would, each beside all others, and plans those that pass. */
import { rivalsAmong } from "../../capabilities/admission/instance/conflicts";
import { judge } from "../../capabilities/admission/instance/judgement";
import type { Claim } from "../../capabilities/claim/claim";
import type { PostgresClass } from "../../capabilities/claim/class";
import { given } from "../../capabilities/kubernetes/given";
import { parseClaim } from "../../capabilities/claim/parse";
import type { Violation } from "../../capabilities/claim/violation";
import { plan, type Plan } from "../../capabilities/reconcile/plan";
import type { Problem } from "../input/place";
import type { Fields, FoundObject } from "./kinds";
import { inNamespace, problemsOf, twinFaults } from "./found";
import { objectFaults, withObjectFaults } from "./object";

export type ReviewedClaims = {
  readonly plans: readonly Plan[];
  readonly problems: readonly Problem[];
};

/** What a claim comes to: its plan if it breaks no rule. */
export type Outcome = { readonly plan?: Plan; readonly faults: readonly Violation[] };

/** `namespace` is for claims that name none, as kubectl takes it from the context. */
export function reviewClaims(
  found: readonly FoundObject[],
  classes: readonly PostgresClass[],
  namespace: string,
): ReviewedClaims {
  const homed = inNamespace(found, namespace);
  const claims = homed.map(({ object }) => parseClaim(object).claim);
  const rivalsOf = rivalsAmong(claims);
  const twins = twinFaults(homed);
  const reviewed = homed.map(({ object, document }, index) => {
    const claim = claims[index] ?? parseClaim(object).claim;
    const { faults, ...planned } = outcomeOf(object, classes, rivalsOf(claim));
    const problems = problemsOf([...faults, ...(twins[index] ?? [])], document);
    return { plans: planned.plan ? [planned.plan] : [], problems };
  });
  return {
    plans: reviewed.flatMap(({ plans }) => plans),
    problems: reviewed.flatMap(({ problems }) => problems),
  };
}

/** As the webhook judges and completes the object, and the reconcile then plans it. */
export function outcomeOf(
  object: Fields,
  classes: readonly PostgresClass[],
  others: readonly Claim[],
): Outcome {
  const strict = objectFaults(object, ["spec", "status", "writeConnectionSecretToRef"]);
  const { claim, violations } = judge(object, undefined, classes, others);
  const faults = withObjectFaults(strict, violations);
  if (faults.length > 0) return { faults };
  const { spec, writeConnectionSecretToRef } = claim;
  const completed = { ...object, spec, ...given({ writeConnectionSecretToRef }) };
  // The cast is what the checks have earned.
  const planned = plan(completed as unknown as Claim, classes);
  return "database" in planned ? { plan: planned, faults: [] } : { faults: planned };
}
