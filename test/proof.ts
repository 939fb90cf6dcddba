/** A proof of ownership as `capabilities/cluster/signing-key.ts` makes one, legible: it guards nothing here. */
import { type Ref, keyOf } from "../capabilities/kubernetes/objects";

export function proofOf(claimUid: string, place: Ref): string {
  return `proof of ${claimUid} at ${keyOf(place)}`;
}
