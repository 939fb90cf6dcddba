/**
 * Proves which connection secrets the module wrote. Whoever may write Secrets can copy labels, and whoever may write the status of
 * claims can put a uid there; a signature with a key that only the module can read is neither's to make.
 */
import { createHmac, randomBytes } from "node:crypto";
import type { ApiClient } from "./client";
import { collectionPath, faultOf, objectOf, pathOf } from "./paths";
import { type Secret, keyOf, secretResource } from "../kubernetes/objects";
import { ownershipKeyRef } from "../claim/names";
import { type Kube } from "../reconcile/kube";

/** In bytes, as long as the digest: https://www.rfc-editor.org/rfc/rfc2104#section-3 */
const keyLength = 32;

/** Signs for a claim and a place. The key is read at first use, and made where there is none. */
export function createProofOf(api: ApiClient): Kube["proofOf"] {
  let key: Promise<Buffer> | undefined;
  return async ({ metadata }, { namespace, name }) => {
    key ??= ownershipKey(api).catch((fault: unknown) => {
      key = undefined;
      throw fault;
    });
    const signed = JSON.stringify([metadata.uid, namespace, name]);
    return createHmac("sha256", await key)
      .update(signed)
      .digest("hex");
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
