/** Takes what is left of an earlier definition out of the way of a database that never came up, so that correcting a claim heals it. */
import { isControlledBy } from "../kubernetes/owners";
import type { Obstruction } from "../operator/operator";
import { type KubeObject, keyOf, refOf } from "../kubernetes/objects";
import { fieldManager } from "../claim/names";
import { isRecord } from "../claim/schema";
import { hearingTime } from "./database";
import type { Kube } from "./kube";
import type { Plan } from "./plan";

export type Clearing =
  /** It is gone now. */
  | { readonly state: "removed"; readonly object: KubeObject }
  /** It may be in the way, and the definition is too new to tell. */
  | { readonly state: "early" }
  | { readonly state: "clear" };

/**
 * Removes what `read` finds to be in the way. The database is read before all that lies around it, and what is removed must not
 * have changed since: should an instance come up meanwhile, the operator says so in there first, and nothing is removed.
 */
export async function clearTheWay(
  { claim, operator: backend, database: desired }: Plan,
  look: (database: KubeObject) => Promise<readonly KubeObject[]>,
  kube: Kube,
  now: Date,
): Promise<Clearing> {
  const live = await kube.readLive(backend.resource, refOf(desired));
  if (!live || live.metadata.deletionTimestamp !== undefined || !isControlledBy(live, claim)) {
    return { state: "clear" };
  }
  const found = backend.diagnosis.obstruction(live, desired, await look(live));
  if (!found || !isOutdated(found, live)) return { state: "clear" };
  if (!found.isCertain && now.getTime() - definedAt(live) < hearingTime) return { state: "early" };
  const isGone = await kube.removeUnchanged(found.resource, found.object);
  return isGone ? { state: "removed", object: found.object } : { state: "clear" };
}

/** What was made after the last change of the definition is of that one, whatever others have made of it: removing it would not help. */
function isOutdated({ object, isCertain }: Obstruction, database: KubeObject): boolean {
  if (isCertain) return true;
  return Date.parse(object.metadata.creationTimestamp ?? "") < definedAt(database);
}

/** When our fields of the object last changed, which the API server keeps: the clocks are the same. */
function definedAt({ metadata }: KubeObject): number {
  const fields: unknown = Reflect.get(metadata, "managedFields");
  const times = (Array.isArray(fields) ? fields : [])
    .filter(isRecord)
    .filter(({ manager, subresource }) => manager === fieldManager && !subresource)
    .map(({ time }) => (typeof time === "string" ? Date.parse(time) : Number.NaN))
    .filter(time => !Number.isNaN(time));
  return Math.max(0, ...times);
}

/** What the claim is told of a removal. */
export function clearedMessage(object: KubeObject, operator: string): string {
  const what = `${object.kind} ${keyOf(refOf(object))}`;
  return `${what} was of an earlier definition and never came to anything: it has been removed, and ${operator} starts anew`;
}
