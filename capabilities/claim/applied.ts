/** The mark by which an object shows which manifest was last applied: so a field that is wanted no longer is noticed. */
import { digestOf, orderedDigestOf } from "../kubernetes/digest";
import type { KubeObject } from "../kubernetes/objects";
import { annotations } from "./names";

/** The manifest with its digest in an annotation. */
export function withDigest<T extends KubeObject>(manifest: T): T {
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      annotations: {
        ...manifest.metadata.annotations,
        [annotations.applied]: digestOf(manifest),
      },
    },
  };
}

/** The digest of the manifest that was last applied to the object; undefined where the module never wrote one there. */
export function appliedDigest({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.[annotations.applied];
}

/**
 * Whether the object bears the digest of this very manifest, which has one itself. That of the builds before counts too, so that an
 * upgrade of the module writes to no database.
 */
export function isApplied(desired: KubeObject, found: KubeObject): boolean {
  const digest = appliedDigest(found);
  if (digest === undefined) return false;
  return digest === appliedDigest(desired) || digest === orderedDigestOf(withoutDigest(desired));
}

/** The manifest as it was before `withDigest`: keys in their order, and no `annotations` where there were none. */
function withoutDigest(manifest: KubeObject): KubeObject {
  const { annotations: marks = {}, ...metadata } = manifest.metadata;
  const others = Object.entries(marks).filter(([name]) => name !== annotations.applied);
  if (others.length === 0) return { ...manifest, metadata };
  return {
    ...manifest,
    metadata: { ...manifest.metadata, annotations: Object.fromEntries(others) },
  };
}
