/** Keeps what a Secret holds comparable without keeping it. */
import { createHmac, randomBytes } from "node:crypto";
import type { Secret } from "../kubernetes/objects";

const prefix = "hmac:";
/** Characters of base64: 132 bits tell values apart, and there is one for each key of each connection secret. */
const length = 22;

/**
 * Gives Secrets fingerprints in place of their values, with a key that lives and dies with the process. A fingerprint has a colon, which
 * base64 has not, so that doing it twice is doing it once.
 */
export function createFingerprint(): (secret: Secret) => Secret {
  const key = randomBytes(32);
  const fingerprintOf = (value: string): string =>
    value.startsWith(prefix)
      ? value
      : prefix + createHmac("sha256", key).update(value).digest("base64").slice(0, length);
  return secret => ({
    ...secret,
    data: Object.fromEntries(
      Object.entries(secret.data ?? {}).map(([name, value]) => [name, fingerprintOf(value)]),
    ),
  });
}
