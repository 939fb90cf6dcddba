/** Marks a manifest, so that a field which is wanted no longer is noticed. */
import { createHash } from "node:crypto";
import type { KubeObject } from "../claim/kubernetes";
import { annotations } from "../claim/names";

/** Hexadecimal digits of a SHA-256 that tell two manifests of one claim apart. */
const digestLength = 16;

/** The manifest with its digest, so that a field which is wanted no longer is noticed although it cannot be compared. */
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

/** Tells two values of one kind apart by a few characters. */
export function digestOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, digestLength);
}
