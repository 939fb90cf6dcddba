/** Makes one object of a claim so: creates it, puts drift in our fields right, leaves others' objects alone. */
import { isControlledBy, isLeftOver } from "../kubernetes/owners";
import { type KubeObject, type Resource, keyOf, refOf } from "../kubernetes/objects";
import { appliedDigest, isApplied } from "../claim/applied";
import { isAlike } from "../kubernetes/quantity";
import { isContained } from "../kubernetes/sameness";
import type { Kube, Refusal, Written } from "./kube";

/** An object that a claim is to own; with its digest (`withDigest`). */
export type Wanted = {
  readonly claim: KubeObject;
  readonly resource: Resource;
  readonly desired: KubeObject;
  /** `desired` as it can be asked of what is there. */
  readonly retaining?: (desired: KubeObject, found: KubeObject) => KubeObject;
};

export type Settlement =
  /** The object is as desired; `isChanged` if another state was desired before, so that it may still show what came of that. */
  | { readonly state: "settled"; readonly object: KubeObject; readonly isChanged?: boolean }
  /** `leftOver` was an earlier claim's of this name, and goes; `foreign` is someone else's; `deleting` is on its way out. */
  | { readonly state: "leftOver" | "foreign" | "deleting" }
  /** The API server takes it not; `object` is what is there of it, if it is the claim's. */
  | { readonly state: "refused"; readonly refusal: Refusal; readonly object?: KubeObject };

/** Reads the object, and writes it if it is not as desired. */
export async function settleObject(wanted: Wanted, kube: Kube): Promise<Settlement> {
  const { claim, resource, desired } = wanted;
  const ref = refOf(desired);
  const known = await kube.read(resource, ref);
  if (known && !obstacleOf(claim, known)) return keepObject(wanted, known, kube);
  if (!known) {
    const written = await kube.create(resource, desired);
    if (!("refusal" in written && written.refusal.code === 409)) return settlementOf(written);
  }
  // What is in the way, or was made unnoticed, is looked at before anything is said of it.
  const found = await kube.readLive(resource, ref);
  if (found) return keepObject(wanted, found, kube);
  throw new Error(`${resource.kind} ${keyOf(ref)} has just gone`);
}

async function keepObject(
  { claim, resource, desired: asked, retaining }: Wanted,
  found: KubeObject,
  kube: Kube,
): Promise<Settlement> {
  const obstacle = obstacleOf(claim, found);
  if (obstacle) return { state: obstacle };
  const desired = retaining?.(asked, found) ?? asked;
  if (isAsDesired(desired, found)) return { state: "settled", object: found };
  const written = await kube.apply(resource, desired, found);
  return "refusal" in written
    ? { state: "refused", refusal: written.refusal, object: found }
    : {
        state: "settled",
        object: written.object,
        isChanged: isOtherwise(desired, found),
      };
}

function isAsDesired(desired: KubeObject, found: KubeObject): boolean {
  // CNPG 1.30: its webhook stores "1000m" as "1".
  return isApplied(desired, found) && isContained(desired, found, isAlike);
}

/** Without our mark nothing is known of what was desired before. */
function isOtherwise(desired: KubeObject, found: KubeObject): boolean {
  return appliedDigest(found) !== undefined && !isApplied(desired, found);
}

/** Why an object of the name that we need must be left alone. */
export function obstacleOf(
  claim: KubeObject,
  found: KubeObject,
): "leftOver" | "foreign" | "deleting" | undefined {
  if (isLeftOver(found, claim)) return "leftOver";
  if (!isControlledBy(found, claim)) return "foreign";
  return found.metadata.deletionTimestamp === undefined ? undefined : "deleting";
}

function settlementOf(written: Written): Settlement {
  return "refusal" in written
    ? { state: "refused", refusal: written.refusal }
    : { state: "settled", object: written.object };
}
