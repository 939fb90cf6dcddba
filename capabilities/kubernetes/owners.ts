/** Who an object belongs to: made, proven and told apart by owner references. */
import type { KubeObject, OwnerReference } from "./objects";

/**
 * Lets garbage collection take what belongs to a claim; who deletes the claim in the foreground, as Argo CD does, waits for
 * that. Where OwnerReferencesPermissionEnforcement is on, it needs the right to update the claim's finalizers.
 */
export function ownerReference(owner: KubeObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  const { name, uid = "" } = metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** Whether `owner` is the controller of `object`: the uid proves it, a name could be anyone's. */
export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  const { uid } = owner.metadata;
  return (
    uid !== undefined &&
    (object.metadata.ownerReferences ?? []).some(
      reference => reference.controller === true && reference.uid === uid,
    )
  );
}

/**
 * Whether `object` was the earlier `owner`'s of this name: that one must be gone, so garbage collection is about to take the
 * object.
 */
export function isLeftOver(object: KubeObject, owner: KubeObject): boolean {
  const { apiVersion, kind, metadata } = owner;
  const owners = object.metadata.ownerReferences ?? [];
  return (
    owners.length > 0 &&
    owners.every(
      reference =>
        reference.apiVersion === apiVersion &&
        reference.kind === kind &&
        reference.name === metadata.name &&
        reference.uid !== metadata.uid,
    )
  );
}

/** Whose an object is that bears the name which an owner's object needs. */
export type Standing =
  | "ours"
  /** It is the owner's, and on its way out. */
  | "deleting"
  /** It was an earlier owner's of this name, and is about to go. */
  | "leftOver"
  /** It was an earlier owner's of this name, and has none any more. */
  | "kept"
  | "foreign";

/** Whose an object is that is owned by reference. */
export function standingOf(found: KubeObject, owner: KubeObject): Standing {
  if (isLeftOver(found, owner)) return "leftOver";
  if (!isControlledBy(found, owner)) return "foreign";
  return found.metadata.deletionTimestamp === undefined ? "ours" : "deleting";
}
