/** Fingerprints as `capabilities/cluster/fingerprint.ts` makes them, with a key that may be known: it guards nothing here. */
import { createHmac } from "node:crypto";
import type { Secret } from "../capabilities/kubernetes/objects";

const prefix = "hmac:";

function fingerprintOf(value: string): string {
  return value.startsWith(prefix)
    ? value
    : prefix + createHmac("sha256", "test").update(value).digest("base64");
}

export function fingerprinted(secret: Secret): Secret {
  const entries = Object.entries(secret.data ?? {}).map(([name, value]) => [
    name,
    fingerprintOf(value),
  ]);
  return { ...secret, data: Object.fromEntries(entries) as Readonly<Record<string, string>> };
}
