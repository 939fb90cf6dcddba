/** Lets a deleted claim go, once nothing of it is left that garbage collection would not take. */
import { connectionRef, type Claim } from "../claim/claim";
import { type Ref, keyOf, refOf } from "../kubernetes/objects";
import { finalizer } from "../claim/names";
import type { Kube } from "./kube";
import { removeSecret, strays } from "./connection/mirror";
import { report } from "./report";
import type { Facts, Verdict } from "./status";

/** What else than watched objects holds a deletion up is looked for again after these ms. */
const heldUpAgain = 5000;

/**
 * Removes the claim's connection secrets, then lets the claim go; the database goes with its owner. Both where the status says
 * that one was written and where the claim wants it, the module may have died in between, and wherever else one is.
 */
export async function release(claim: Claim, kube: Kube, now: Date): Promise<number | undefined> {
  const { finalizers = [] } = claim.metadata;
  if (!finalizers.includes(finalizer)) return undefined;
  const wanted = connectionRef(claim);
  const known = [claim.status?.connectionSecretRef, wanted].filter(place => place !== undefined);
  const failed = async (place: Ref, fault: unknown): Promise<never> => {
    await report(claim, deletingFacts(claim, place, String(fault)), kube, now);
    throw fault;
  };
  const unknown = await strays(claim, kube, kube.markedLive).catch(async (fault: unknown) =>
    failed(known[0] ?? refOf(claim), fault),
  );
  for (const place of [...known, ...unknown]) {
    const isGone = await removeSecret(place, claim, kube).catch(async (fault: unknown) =>
      failed(place, fault),
    );
    if (!isGone) {
      const why = "it has finalizers of its own, which must be removed first";
      await report(claim, deletingFacts(claim, place, why), kube, now);
      return heldUpAgain;
    }
  }
  const others = finalizers.filter(name => name !== finalizer);
  await kube.setFinalizers(claim, others).catch(async (fault: unknown) => {
    const message = `the connection secret is gone, but the claim could not be let go: ${String(fault)}`;
    await report(claim, factsOf(claim, { reason: "Deleting", message }), kube, now);
    throw fault;
  });
  return undefined;
}

function deletingFacts(claim: Claim, place: Ref, why: string): Facts {
  const message = `Secret ${keyOf(place)} could not be removed yet, and the claim stays until it is: ${why}`;
  return factsOf(claim, { reason: "Deleting", message });
}

function factsOf({ status }: Claim, verdict: Verdict): Facts {
  return { cluster: verdict, secret: verdict, written: status?.connectionSecretRef };
}
