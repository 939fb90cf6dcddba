/** Every name that is derived from a claim or reserved by someone else, and every label, annotation and finalizer of ours. */
import type { KubeObject, Ref, Resource } from "../kubernetes/objects";

export const group = "database.bizmatters.io";
export const version = "v1alpha1";
export const claimKind = "PostgresInstance";
export const classKind = "PostgresClass";
export const claimResource = { group, version, kind: claimKind, plural: "postgresinstances" };
export const classResource = { group, version, kind: classKind, plural: "postgresclasses" };

/** The kinds of claims, by the name that labels and keys of queues carry. */
export const claimResources: readonly Resource[] = [claimResource];

export function claimResourceOf(kind: string): Resource {
  const found = claimResources.find(resource => resource.kind === kind);
  if (!found) throw new Error(`${kind} is no kind of claim`);
  return found;
}

/** Who we are to server-side apply: https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers */
export const fieldManager = "zero-touch-postgres";

/** Pepr 1.1.4 deploys every module here. */
export const moduleNamespace = "pepr-system";

/** The Secret with the key that connection secrets are signed with: see `proofOf` in `reconcile/kube.ts`. */
export const ownershipKeyRef: Ref = {
  name: `${fieldManager}-ownership`,
  namespace: moduleNamespace,
};

/** Pepr 1.1.4 leaves these out of its webhooks, whatever the module says: no claim there is judged at admission. */
export const namespacesWithoutAdmission = ["kube-system", moduleNamespace] as const;

/** Keeps a claim until its connection secret is gone, wherever that is. */
export const finalizer = `${group}/connection-secret`;

export const labels = {
  claimKind: `${group}/claim-kind`,
  claimName: `${group}/claim-name`,
  claimNamespace: `${group}/claim-namespace`,
  claimUid: `${group}/claim-uid`,
} as const;

export const annotations = {
  isDefaultClass: `${group}/is-default-class`,
  /** On a namespace, by its owner: the namespaces of claims that may write their connection secrets there. */
  acceptConnectionsFrom: `${group}/accept-connections-from`,
  /** On a connection secret: proves that we wrote it, for this claim and at this place. A copy elsewhere proves nothing. */
  proof: `${group}/proof`,
  /** Digest of the manifest that we last applied: tells when a field is no longer desired. */
  applied: `${group}/applied`,
} as const;

/** The class that applies where no PostgresClass does; none may have its name. */
export const builtInName = "built-in";

/** CNPG 1.30 accepts no longer cluster name (recordings, refusals.txt). */
export const maxNameLength = 50;

/** PostgreSQL cuts longer identifiers: https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS */
export const maxIdentifierLength = 63;

export const dns1035 = "^[a-z]([-a-z0-9]*[a-z0-9])?$";

/** What PostgreSQL takes without quotes, so that every client and script can type it. */
export const identifier = "^[a-z_][a-z0-9_]*$";

/** Names of extensions: some have a dash, as uuid-ossp. */
export const extensionName = "^[a-z_][a-z0-9_-]*$";

/**
 * CNPG 1.30 accepts these as database or owner, and then nobody can log in, or does so with the rights of replication
 * (recordings, table of accepted names). `pg_` is PostgreSQL's own prefix.
 */
export const reservedIdentifiers = [
  "postgres",
  "template0",
  "template1",
  "streaming_replica",
  "cnpg_pooler_pgbouncer",
  "cnpg_metrics_exporter",
] as const;

/** PostgreSQL keeps these as role names: https://www.postgresql.org/docs/current/sql-createrole.html */
export const reservedRoles = ["public", "none"] as const;

export const reservedPrefix = "pg_";

/** CNPG makes Secrets of these names beside a Cluster. */
export const operatorSecretSuffixes = [
  "-app",
  "-ca",
  // With a pooler, which may come later.
  "-pooler",
  "-server",
  "-replication",
  "-superuser",
] as const;

/** Secrets with a label of this name and value are followed by CNPG: the password of the role becomes theirs. */
export const followedLabel = { name: "cnpg.io/reload", value: "true" } as const;

/** What CNPG 1.30 makes carries this label (recordings, 01-create). */
export const operatorLabel = {
  name: "app.kubernetes.io/managed-by",
  value: "cloudnative-pg",
} as const;

/** https://kubernetes.io/docs/concepts/configuration/secret/#basic-authentication-secret */
export const credentialsType = "kubernetes.io/basic-auth";

/** Names of the Secrets that the operator makes beside a claim's database. */
export function operatorSecretNames({ metadata }: KubeObject): readonly string[] {
  return operatorSecretSuffixes.map(suffix => `${metadata.name}${suffix}`);
}

/** Of the pooler, its Deployment and Service. A Cluster must not have this name: CNPG makes objects of both. */
export function poolerName(claimName: string): string {
  return `${claimName}-pooler`;
}

/** The database and owner that a claim of this name gets when it asks for no other. */
export function identifierOf(claimName: string): string {
  return claimName.replaceAll("-", "_");
}
