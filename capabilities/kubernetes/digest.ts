/** Tells two values of one kind apart by a few characters, whatever the order of their keys. */
import { createHash } from "node:crypto";

/** Hexadecimal digits of a SHA-256 that tell two manifests of one claim apart. */
const digestLength = 16;

/** The digest of a value. Two builds may order the keys of a manifest differently: the digest is the same. */
export function digestOf(value: unknown): string {
  return digestOfText(JSON.stringify(value, withSortedKeys));
}

/** The digest that builds up to November 2026 wrote: it depends on the order of keys. */
export function orderedDigestOf(value: unknown): string {
  return digestOfText(JSON.stringify(value));
}

function digestOfText(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digestLength);
}

/** A replacer for JSON.stringify. */
function withSortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
