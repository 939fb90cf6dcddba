/** The labels by which an object shows whose it is: the claim's kind, name, namespace and uid. */
import { keyOf, type KubeObject, type Ref } from "../kubernetes/objects";
import { claimKind, fieldManager, isClaimKind, labels } from "./names";

/** A claim of any kind. */
export type ClaimRef = Ref & { readonly kind: string };

/** The key of a claim in queues and logs: names of two kinds may be the same. */
export function claimKeyOf({ kind, ...ref }: ClaimRef): string {
  return `${kind} ${keyOf(ref)}`;
}

/** The claim of a key. */
export function claimRefOf(key: string): ClaimRef {
  const [, kind = "", namespace = "", name = ""] = /^(\S+) ([^/]*)\/(.*)$/.exec(key) ?? [];
  return { kind, namespace, name };
}

/** Marks an object as this claim's. A label is a claim of ownership, not its proof: see `isOurs` and `isControlledBy`. */
export function claimLabels(claim: KubeObject): Readonly<Record<string, string>> {
  return { ...nameLabels(claim), [labels.claimUid]: claim.metadata.uid ?? "" };
}

/** The same without the uid: marks an object as of the claim of this name, whichever that is. */
export function nameLabels(claim: KubeObject): Readonly<Record<string, string>> {
  return {
    "app.kubernetes.io/managed-by": fieldManager,
    [labels.claimKind]: claim.kind,
    [labels.claimName]: claim.metadata.name,
    [labels.claimNamespace]: claim.metadata.namespace ?? "",
  };
}

/**
 * The claims that an object names by its labels. Labels may be changed by hand, so those that it had before count as well. Builds
 * up to November 2026 knew one kind of claim, and had no label for it.
 */
export function claimsOfLabels(
  object: KubeObject,
  before: KubeObject | undefined,
): readonly ClaimRef[] {
  const refs = new Map<string, ClaimRef>();
  for (const state of [object, before]) {
    const marks = state?.metadata.labels ?? {};
    const { [labels.claimName]: name, [labels.claimNamespace]: namespace = "" } = marks;
    const { [labels.claimKind]: kind = claimKind } = marks;
    // Anyone may write a label: what is no kind of claim names none.
    if (name === undefined || !isClaimKind(kind)) continue;
    const ref = { kind, name, namespace };
    refs.set(claimKeyOf(ref), ref);
  }
  return [...refs.values()];
}
