/**
 * Proves which connection secrets the module wrote. Whoever may write Secrets can copy labels, and whoever may write the status of
 * claims can put a uid there; a signature with a key that only the module can read is neither's to make.
 */
import { createHmac, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "./client";
import { collectionPath, faultOf, objectOf, pathOf } from "./paths";
import { type Secret, keyOf, secretResource } from "../kubernetes/objects";
import { ownershipKeyRef } from "../claim/names";
import type { Kube } from "../reconcile/kube";

/** In bytes, as long as the digest: https://www.rfc-editor.org/rfc/rfc2104#section-3 */
const keyLength = 32;

/** The first pause before the key is read again, which doubles, ... */
const firstPauseMs = 1000;
/** ... up to this. */
const longestPauseMs = 60_000;

/** Gives what signs for a claim and a place, once the key could be read or made. Nothing can be told of a claim before that. */
export async function readSigner(
  api: ApiClient,
  warn: (line: string) => void,
  pause: (ms: number) => Promise<unknown> = sleep,
): Promise<Kube["proofOf"]> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    try {
      return signerOf(await ownershipKey(api));
    } catch (fault) {
      warn(`${String(fault)}; no claim is worked on before; tried again in ${pauseMs / 1000} s`);
      await pause(pauseMs);
    }
  }
}

/** A proof is of a claim at a place: a copy elsewhere proves nothing. */
function signerOf(key: Buffer): Kube["proofOf"] {
  return ({ metadata }, { namespace, name }) => {
    const signed = JSON.stringify([metadata.uid, namespace, name]);
    return createHmac("sha256", key).update(signed).digest("hex");
  };
}

async function ownershipKey(api: ApiClient): Promise<Buffer> {
  return (await readKey(api)) ?? (await makeKey(api)) ?? demandKey(api);
}

async function readKey(api: ApiClient): Promise<Buffer | undefined> {
  const path = pathOf(secretResource, ownershipKeyRef);
  const { code, body } = await api({ method: "GET", path });
  return code === 404 ? undefined : keyIn(objectOf(body, code, "reading the ownership key"));
}

/** Undefined if another watcher has made one a moment ago. */
async function makeKey(api: ApiClient): Promise<Buffer | undefined> {
  const { code, body } = await api({
    method: "POST",
    path: collectionPath(secretResource, ownershipKeyRef.namespace),
    body: {
      apiVersion: "v1",
      kind: "Secret",
      metadata: ownershipKeyRef,
      type: "Opaque",
      immutable: true,
      data: { key: randomBytes(keyLength).toString("base64") },
    },
  });
  return code === 409 ? undefined : keyIn(objectOf(body, code, "making the ownership key"));
}

async function demandKey(api: ApiClient): Promise<Buffer> {
  const key = await readKey(api);
  if (!key) throw faultOf("reading the ownership key", 404, undefined);
  return key;
}

function keyIn(secret: Secret): Buffer {
  const key = Buffer.from(secret.data?.["key"] ?? "", "base64");
  if (key.length === keyLength) return key;
  throw new Error(
    `Secret ${keyOf(ownershipKeyRef)} has no key of ${keyLength} bytes: remove it, and the module makes a new one`,
  );
}
