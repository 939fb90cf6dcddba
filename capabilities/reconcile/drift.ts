/** Whether an object is as we want it: compares only the fields that we own, others' stay unread. */
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

/** Whether every field of `desired` is in `observed` with an equal value. Lists are compared as wholes. */
export function isContained(
  desired: unknown,
  observed: unknown,
  isEqual: (a: unknown, b: unknown) => boolean = isIdentical,
): boolean {
  if (Array.isArray(desired)) {
    return (
      Array.isArray(observed) &&
      desired.length === observed.length &&
      desired.every((item, index) => isContained(item, observed[index], isEqual))
    );
  }
  if (typeof desired !== "object" || desired === null) return isEqual(desired, observed);
  if (typeof observed !== "object" || observed === null) return false;
  return Object.entries(desired).every(
    ([name, value]) =>
      Object.hasOwn(observed, name) && isContained(value, Reflect.get(observed, name), isEqual),
  );
}

function isIdentical(a: unknown, b: unknown): boolean {
  return a === b;
}

/** Whether two values are the same in all that they hold. */
export function isSame(a: unknown, b: unknown): boolean {
  return isContained(a, b) && isContained(b, a);
}
