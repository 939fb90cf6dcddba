/** What has to be done for one object of a claim: it is made, put right where it has drifted, and left alone where it is someone else's. */
import { appliedDigest, isApplied } from "../claim/applied";
import { conditionIn } from "../claim/claim";
import { keyOf, refOf, type KubeObject, type Resource } from "../kubernetes/objects";
import { isAlike } from "../kubernetes/quantity";
import { isContained } from "../kubernetes/sameness";
import { isControlledBy, type Standing } from "../kubernetes/owners";
import { live, object, outcomeFor, type Need, type Run, type Step } from "./run";

/** An object that a claim is to own; `desired` bears its digest (`withDigest`). */
export type Wanted = {
  readonly aspect: string;
  readonly condition: string;
  readonly resource: Resource;
  readonly desired: KubeObject;
  readonly standing: (found: KubeObject, claim: KubeObject) => Standing;
  /** `desired` as it can be asked of what is there. */
  readonly retaining?: (desired: KubeObject, found: KubeObject) => KubeObject;
};

/** What is in the way is asked for, since the store may not have it: it does not bear the module's labels. */
export function needsOfOwned(wanted: Wanted, run: Run): readonly Need[] {
  const ref = refOf(wanted.desired);
  const before = conditionIn(run.claim.status, wanted.condition);
  const isDoubtful =
    before?.reason === "NotOwned" || outcomeFor(run, wanted.resource, ref)?.state === "outdated";
  return isDoubtful
    ? [object(wanted.resource, ref), live(wanted.resource, ref)]
    : [object(wanted.resource, ref)];
}

/** The object, if it is the claim's and stays. */
export function ownedObject(
  { resource, desired, standing }: Wanted,
  run: Run,
): KubeObject | undefined {
  const found = run.seen.object(resource, refOf(desired));
  return found && standing(found, run.claim) === "ours" ? found : undefined;
}

export function stepsOfOwned(wanted: Wanted, run: Run): readonly Step[] {
  const { aspect, resource, desired: asked, standing, retaining } = wanted;
  const found = run.seen.object(resource, refOf(asked));
  const what = `${resource.kind} ${keyOf(refOf(asked))}`;
  if (!found) {
    return [{ aspect, verb: "create", resource, object: asked, why: `makes ${what}` }];
  }
  if (standing(found, run.claim) !== "ours") return [];
  const desired = retaining?.(asked, found) ?? asked;
  // An operator's webhook may store "1000m" as "1", as CNPG's does.
  if (isApplied(asked, found) && isContained(desired, found, isAlike)) return [];
  const why = `puts ${what} right`;
  return [{ aspect, verb: "apply", resource, object: desired, found, why }];
}

/** The removal of an object that the claim owns; none where it is someone else's, or on its way out. */
export function removalOfOwned(
  { aspect, resource }: Pick<Wanted, "aspect" | "resource">,
  found: KubeObject | undefined,
  run: Run,
  why: string,
): readonly Step[] {
  if (!found || !isControlledBy(found, run.claim)) return [];
  if (found.metadata.deletionTimestamp !== undefined) return [];
  const words = `removes ${resource.kind} ${keyOf(refOf(found))}: ${why}`;
  return [{ aspect, verb: "remove", resource, object: found, why: words }];
}

/** Whether this run has asked for something else than was asked for before, so that the object may still show what came of that. */
export function isAskedAnew({ resource, desired }: Wanted, run: Run): boolean {
  const outcome = outcomeFor(run, resource, refOf(desired));
  if (outcome?.state !== "done" || outcome.step.verb !== "apply") return false;
  const { found } = outcome.step;
  // Without the module's mark nothing is known of what was desired before.
  return appliedDigest(found) !== undefined && !isApplied(desired, found);
}
