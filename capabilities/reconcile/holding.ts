/** A claim is held before anything is made that outlives it: it may have gone unnoticed. */
import { finalizer } from "../claim/names";
import type { Run, Step } from "./run";

/** What holds the claim until the module has let it go; undefined where it is held already. */
export function holdingStep({ claim }: Run, aspect: string, why: string): Step | undefined {
  const { finalizers = [] } = claim.metadata;
  if (finalizers.includes(finalizer)) return undefined;
  return { aspect, verb: "set finalizers", finalizers: [...finalizers, finalizer], why };
}
