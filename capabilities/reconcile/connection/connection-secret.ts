/** The Secret that the user asked for, and whether a Secret that is already there may be written or removed. */
import { claimLabels } from "../../claim/labels";
import { ownerReference } from "../../kubernetes/owners";
import { postgresPort } from "../../operator/login";
import type { Credentials } from "../../operator/operator";
import { databaseName, type Claim } from "../../claim/claim";
import type { Ref, Secret } from "../../kubernetes/objects";
import { annotations, labels } from "../../claim/names";

/** What can be said of a connection without having to know who runs the database. */
export type Connection = {
  readonly credentials: Credentials;
  readonly endpoint: string;
  /** Of the server's authority, in base64. */
  readonly certificate?: string | undefined;
  /** What the URIs say of TLS; undefined where they say nothing. */
  readonly sslmode?: string | undefined;
  /** Of the pooler, if there is one. */
  readonly pooledEndpoint?: string | undefined;
};

/** Keys that are there for a pooler alone. */
const pooledKeys = ["pooled-endpoint", "pooled-uri", "pooled-jdbc-uri"] as const;

/**
 * The connection Secret. `endpoint`, `port`, `username`, `password` and `database` are the product's keys; `type`, `provider`,
 * `host`, `uri` are those of Service Binding (https://servicebinding.io/spec/core/1.1.0/#well-known-secret-entries).
 * In the claim's own namespace garbage collection can take it too; elsewhere only the finalizer's work does.
 */
export function connectionSecret(
  claim: Claim,
  ref: Ref,
  connection: Connection,
  provider: string,
): Secret & { readonly data: Readonly<Record<string, string>> } {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      ...ref,
      labels: claimLabels(claim),
      ...(ref.namespace === claim.metadata.namespace
        ? { ownerReferences: [ownerReference(claim)] }
        : {}),
    },
    type: "Opaque",
    data: connectionData(databaseName(claim), connection, provider),
  };
}

/** Username and password are taken over as bytes; in the URIs they are escaped (RFC 3986). */
function connectionData(
  database: string,
  { credentials, endpoint, pooledEndpoint, certificate, sslmode }: Connection,
  provider: string,
): Readonly<Record<string, string>> {
  const direct = urisTo(endpoint, database, credentials, sslmode);
  return {
    ...credentials,
    endpoint: encode(endpoint),
    port: encode(String(postgresPort)),
    database: encode(database),
    type: encode("postgresql"),
    provider: encode(provider),
    host: encode(endpoint),
    uri: encode(direct.uri),
    "jdbc-uri": encode(direct.jdbc),
    ...(pooledEndpoint === undefined
      ? {}
      : pooledData(pooledEndpoint, database, credentials, sslmode)),
    ...(certificate === undefined ? {} : { "ca.crt": certificate }),
  };
}

function pooledData(
  endpoint: string,
  database: string,
  credentials: Credentials,
  sslmode: string | undefined,
): Readonly<Record<(typeof pooledKeys)[number], string>> {
  const { uri, jdbc } = urisTo(endpoint, database, credentials, sslmode);
  return {
    "pooled-endpoint": encode(endpoint),
    "pooled-uri": encode(uri),
    "pooled-jdbc-uri": encode(jdbc),
  };
}

/** URIs with everything in them, composed of the credentials as they are now: what operators write goes stale. */
export function urisTo(
  endpoint: string,
  database: string,
  credentials: Credentials,
  sslmode: string | undefined,
): { readonly uri: string; readonly jdbc: string } {
  const user = escape(credentials.username);
  const password = escape(credentials.password);
  const mode = sslmode === undefined ? "" : `sslmode=${sslmode}`;
  const address = `${endpoint}:${postgresPort}/${encodeURIComponent(database)}`;
  return {
    uri: `postgresql://${user}:${password}@${address}${mode && `?${mode}`}`,
    jdbc: `jdbc:postgresql://${address}?user=${user}&password=${password}${mode && `&${mode}`}`,
  };
}

/** Whether the Secret still leads to a pooler that is no longer desired: keys that others have added are none of our business. */
export function leadsToFormerPooler(desired: Secret, found: Secret): boolean {
  const [wanted, there] = [desired, found].map(({ data = {} }) => data);
  return pooledKeys.some(key => there?.[key] !== undefined && wanted?.[key] === undefined);
}

function encode(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

/** Byte by byte, all but unreserved characters: a password need not be text. */
function escape(base64: string): string {
  const bytes = Buffer.from(base64, "base64").toString("latin1");
  return bytes.replaceAll(/[^A-Za-z0-9._~-]/g, byte => {
    return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  });
}

/** The Secret with the proof that the module wrote it there. */
export function withProof<T extends Secret>(secret: T, proof: string): T {
  return {
    ...secret,
    metadata: {
      ...secret.metadata,
      annotations: { ...secret.metadata.annotations, [annotations.proof]: proof },
    },
  };
}

/**
 * Whether the module wrote this Secret for this claim. It bears the proof for its place, which nobody else can make; or, if that
 * was taken off or the key was lost, the status has its uid and it has the claim's. Neither of the two would do alone: the
 * status may be writable for someone who may not touch the Secret, and a label for someone who may make one.
 */
export function isOurs(secret: Secret, claim: Claim, proof: string): boolean {
  if (secret.metadata.annotations?.[annotations.proof] === proof) return true;
  return isRecorded(secret, claim) && isMarked(secret, claim);
}

function isRecorded({ metadata: { uid } }: Secret, { status }: Claim): boolean {
  return uid !== undefined && uid === status?.connectionSecretRef?.uid;
}

function isMarked({ metadata }: Secret, claim: Claim): boolean {
  const { uid } = claim.metadata;
  return uid !== undefined && metadata.labels?.[labels.claimUid] === uid;
}
