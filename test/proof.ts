/** A proof of ownership as `capabilities/ownership.ts` makes one, legible: it guards nothing here. */
import type { Ref } from "../capabilities/claim/kubernetes";
import { claimKey } from "../capabilities/claim/names";

export function proofOf(claimUid: string, place: Ref): string {
  return `proof of ${claimUid} at ${claimKey(place)}`;
}
