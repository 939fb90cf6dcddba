/** A fingerprinted as `capabilities/kube.ts` makes one, whose key may be known: it guards nothing here. */
import { createHmac } from "node:crypto";
import type { Secret } from "../capabilities/kubernetes/objects";

const prefix = "sealed:";

function sealed(value: string): string {
  return value.startsWith(prefix)
    ? value
    : prefix + createHmac("sha256", "test").update(value).digest("base64");
}

export function fingerprinted(secret: Secret): Secret {
  const entries = Object.entries(secret.data ?? {}).map(([name, value]) => [name, sealed(value)]);
  return { ...secret, data: Object.fromEntries(entries) as Readonly<Record<string, string>> };
}
