/** Which connection secrets are the claim's, wherever they are: where it wants one, where its status knows of one, and strays. */
import { writtenSecrets } from "../../claim/access";
import { labels } from "../../claim/names";
import {
  isSameRef,
  keyOf,
  refOf,
  secretResource,
  type KubeObject,
  type Ref,
  type Secret,
} from "../../kubernetes/objects";
import type { Search } from "../../operator/operator";
import { list, live, type Need, type Situation } from "../run";
import { isOurs } from "./connection-secret";

type Known = Pick<Situation, "claim" | "seen" | "proofOf">;

/** Whether the module wrote this Secret for the claim. */
export function owns(
  { claim, proofOf }: Pick<Situation, "claim" | "proofOf">,
  secret: Secret,
): boolean {
  return isOurs(secret, claim, proofOf(refOf(secret)));
}

/** All Secrets that carry the claim's uid, in every namespace. A label is no proof. */
export function markedBy({ metadata: { uid = "" } }: KubeObject): Search {
  return { resource: secretResource, namespace: "", labelSelector: `${labels.claimUid}=${uid}` };
}

/**
 * What has to be read to find the claim's secrets that it does not want where they are: the claim was changed, or the module died,
 * before that was said. A claim that was never changed has none.
 */
export function needsOfOthers({ claim, seen, proofOf }: Known): readonly Need[] {
  const places = otherPlaces({ claim, seen, proofOf });
  return [
    ...(mayHaveStrays(claim) ? [list(markedBy(claim))] : []),
    // What is removed is looked at first: whoever may write Secrets can copy labels.
    ...places.map(place => live(secretResource, place)),
  ];
}

/** The claim's secrets that are not where it wants one. */
export function othersOf(run: Known): readonly Secret[] {
  return otherPlaces(run)
    .map(place => run.seen.object(secretResource, place) as Secret | undefined)
    .filter(secret => secret !== undefined)
    .filter(secret => owns(run, secret));
}

function otherPlaces(run: Known): readonly Ref[] {
  const { claim, seen } = run;
  const wanted = claim.metadata.deletionTimestamp === undefined ? writtenSecrets(claim) : [];
  const recorded = claim.status?.connectionSecretRef;
  const marked = (seen.list(markedBy(claim)) ?? []).filter(secret => owns(run, secret)).map(refOf);
  const known = [recorded && { name: recorded.name, namespace: recorded.namespace }, ...marked];
  const places = new Map(known.flatMap(place => (place ? [[keyOf(place), place]] : [])));
  return [...places.values()].filter(place => !wanted.some(ref => isSameRef(ref, place)));
}

function mayHaveStrays({ metadata }: KubeObject): boolean {
  return metadata.generation !== 1;
}
