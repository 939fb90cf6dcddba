/** Tells the claim what has become of it. */
import type { AnyClaim } from "../claim/claim";
import { isSame } from "../kubernetes/sameness";
import type { Kube } from "./kube";
import { eventOf, statusOf, type Facts } from "./status";

/** Writes the status if it is news, and the event that the change deserves. */
export async function report(claim: AnyClaim, facts: Facts, kube: Kube, now: Date): Promise<void> {
  const { status: before } = claim;
  const status = statusOf(claim, facts, now);
  if (!isSame(status, before)) {
    await kube.setStatus(claim, status);
    const event = eventOf(before, status);
    if (event) kube.tell(claim, event);
  }
  // Also where nothing has changed: the module may have died between the two.
  await kube.tellHealth(claim, status);
}
