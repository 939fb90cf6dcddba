/** Every name that is derived from a claim or reserved by someone else, and every label, annotation and finalizer of ours. */
import type { Ref, Resource } from "../kubernetes/objects";

export const group = "database.bizmatters.io";
export const version = "v1alpha1";
export const claimKind = "PostgresInstance";
export const databaseClaimKind = "PostgresDatabase";
export const classKind = "PostgresClass";
export const claimResource = { group, version, kind: claimKind, plural: "postgresinstances" };
export const databaseClaimResource = {
  group,
  version,
  kind: databaseClaimKind,
  plural: "postgresdatabases",
};
export const classResource = { group, version, kind: classKind, plural: "postgresclasses" };

/** The kinds of claims, by the name that labels and keys of queues carry. */
export const claimResources: readonly Resource[] = [claimResource, databaseClaimResource];

export function isClaimKind(kind: string): boolean {
  return claimResources.some(resource => resource.kind === kind);
}

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

/** Keeps a claim until its connection secret is gone, wherever that is, and whatever else of it no garbage collection takes. */
export const finalizer = `${group}/connection-secret`;

export const labels = {
  claimKind: `${group}/claim-kind`,
  claimName: `${group}/claim-name`,
  claimNamespace: `${group}/claim-namespace`,
  claimUid: `${group}/claim-uid`,
  /** On a role that is let into a database beside its owner: the uid of the PostgresInstance that has it. */
  accessIn: `${group}/access-in`,
  /** Kubernetes' own: what the object is for. */
  component: "app.kubernetes.io/component",
} as const;

export const annotations = {
  isDefaultClass: `${group}/is-default-class`,
  /** On a claim: the uid of the operator's object that an earlier claim of its name has left, and this one takes over. */
  adopt: `${group}/adopt`,
  /** On a namespace, by its owner: the namespaces of claims that may write their connection secrets there. */
  acceptConnectionsFrom: `${group}/accept-connections-from`,
  /** On a connection secret: proves that we wrote it, for this claim and at this place. A copy elsewhere proves nothing. */
  proof: `${group}/proof`,
  /** Digest of the manifest that we last applied: tells when a field is no longer desired. */
  applied: `${group}/applied`,
  /** On a role that is let into a database beside its owner: that database. */
  accessTo: `${group}/access-to`,
  /** On an object in a shared instance: how often the operator was made to look at it again. */
  askedAgain: `${group}/asked-again`,
  /** On a claim that a Kratix request made: promise/namespace/name of that request. It stays for as long as the claim does. */
  kratixRequest: `${group}/kratix-request`,
  /** The generation of that request that the claim is of. */
  kratixRequestGeneration: `${group}/kratix-request-generation`,
} as const;

/** The class that applies where no PostgresClass does; none may have its name. */
export const builtInName = "built-in";

/** PostgreSQL cuts longer identifiers: https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS */
export const maxIdentifierLength = 63;

export const dns1035 = "^[a-z]([-a-z0-9]*[a-z0-9])?$";

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names, of at most 253 characters */
export const dnsSubdomain = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

/** What PostgreSQL takes without quotes, so that every client and script can type it. */
export const identifier = "^[a-z_][a-z0-9_]*$";

/** The same as part of the name of an object of Kubernetes, with - for _: it must neither begin nor end with one. */
export const nameableIdentifier = "^[a-z]([a-z0-9_]*[a-z0-9])?$";

/** Longest name of a claim that fits into a label. https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
export const maxLabelLength = 63;

/** Names of extensions: some have a dash, as uuid-ossp. */
export const extensionName = "^[a-z_][a-z0-9_-]*$";

/** A backup is named for the second at which it was begun, in UTC. */
export const backupNamePattern = "[0-9]{8}T[0-9]{6}Z";

/** More are not named: a container's last words are cut at 4096 bytes. */
export const mostBackupsNamed = 100;

/** Name of a namespace: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
export const namespaceName = {
  type: "string",
  minLength: 1,
  maxLength: 63,
  pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
} as const;

/** A team of Zalando's operator: the beginning of a name in Kubernetes. */
export const teamId = {
  type: "string",
  minLength: 1,
  maxLength: 30,
  pattern: "^[a-z]([-a-z0-9]*[a-z0-9])?$",
} as const;

/** PostgreSQL makes these databases, and the first of them as a role. */
export const postgresIdentifiers = ["postgres", "template0", "template1"] as const;

/** PostgreSQL keeps these as role names: https://www.postgresql.org/docs/current/sql-createrole.html */
export const reservedRoles = ["public", "none"] as const;

/** PostgreSQL's own prefix. */
export const reservedPrefix = "pg_";

/** https://kubernetes.io/docs/concepts/configuration/secret/#basic-authentication-secret */
export const credentialsType = "kubernetes.io/basic-auth";

/** Of the pooler, its Deployment and Service. No database may have this name: the operator makes objects of both. */
export function poolerName(claimName: string): string {
  return `${claimName}-pooler`;
}

/** The database and owner that a claim of this name gets when it asks for no other. */
export function identifierOf(claimName: string): string {
  return claimName.replaceAll("-", "_");
}

/** What doors call a claim's connection secret, where nobody names it. */
export function connectionSecretName(claim: string): string {
  return `${claim}-connection`;
}
