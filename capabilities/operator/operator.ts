/** What an operator is to the module: pure functions from a claim to the objects of an operator, and back from those to health and credentials. */
import type { Claim, ClaimSpec, Extension } from "../claim/claim";
import type { ClaimRef } from "../claim/labels";
import type { Class, ClassSpec } from "../claim/class";
import type { Violation } from "../claim/violation";
import type { KubeObject, Ref, Resource, Secret } from "../kubernetes/objects";
import type { Standing } from "../kubernetes/owners";

/** How the database is, in the operator's own words where it has any. */
export type Health =
  | { readonly state: "healthy"; readonly message: string }
  | { readonly state: "progressing"; readonly message: string }
  | { readonly state: "hibernated"; readonly message: string }
  | { readonly state: "invalid"; readonly message: string }
  | { readonly state: "failed"; readonly message: string };

/** What runs of a database, as far as the operator says. */
export type Running = {
  /** Wanted, primary and replicas together. */
  readonly instances: number;
  readonly readyInstances: number;
  readonly primary?: string;
  /** Major version of PostgreSQL. */
  readonly version?: string;
};

/** Values are base64, as in the Secret that they come from: a password is bytes. */
export type Credentials = { readonly username: string; readonly password: string };

/** A list to ask the API server for: of a kind, in a namespace, selected there. */
export type Search = {
  readonly resource: Resource;
  readonly namespace: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
};

/** What holds a database up: a word, and a sentence with the words of whoever knows and what to do. */
export type Cause = { readonly reason: CauseReason; readonly message: string };

/** What a cause can be; `reconcile/status.ts` says what each means. */
export const causeReasons = [
  "OperatorSilent",
  "QuotaExceeded",
  "PodRefused",
  "StorageClassNotFound",
  "VolumeProvisioningFailed",
  "VolumePending",
  "VolumeMountFailed",
  "Unschedulable",
  "ImagePullFailed",
  "ContainerFailing",
  "UpgradeFailed",
  "OperatorFailed",
] as const;

export type CauseReason = (typeof causeReasons)[number];

/** Something that keeps a corrected database from starting, and provably holds no data. */
export type Obstruction = {
  readonly resource: Resource;
  readonly object: KubeObject;
  /** It is in the way whenever it was made; otherwise only if it is older than the present definition. */
  readonly isCertain: boolean;
};

/** A volume that is larger than the claim asks for, by hand. */
export type Surplus = { readonly has: string; readonly wanted: string };

/** A volume that is smaller than desired. */
export type Growth = {
  readonly volume: string;
  readonly has: string;
  readonly wanted: string;
  readonly storageClass: string | undefined;
  /** Whether the operator has asked for the larger one: it cannot where the StorageClass does not allow it. */
  readonly isAskedFor: boolean;
};

/** How to find out what holds a database up for longer than its start takes. */
export type Diagnosis = {
  /** Where to look: a few lists, each bounded by the size of one database. */
  readonly searches: (database: KubeObject) => readonly Search[];
  /** Whose events to ask for, where the objects found do not tell by themselves; the one that matters most first. */
  readonly suspects: (database: KubeObject, found: readonly KubeObject[]) => readonly KubeObject[];
  /** The gravest cause in the objects and events found; undefined if nothing is wrong with them. */
  readonly cause: (database: KubeObject, found: readonly KubeObject[]) => Cause | undefined;
  /** By how much the volumes that the operator has been told to make are larger than the claim asks for; undefined if they are not. */
  readonly surplus: (database: KubeObject, asked: KubeObject) => Surplus | undefined;
  /** Where the sizes of its volumes are found. */
  readonly volumeSearches: (database: KubeObject) => readonly Search[];
  /** The smallest volume, if it is smaller than desired. */
  readonly growth: (
    database: KubeObject,
    desired: KubeObject,
    found: readonly KubeObject[],
  ) => Growth | undefined;
  /** What must be removed before the operator can make the database as it is desired now. */
  readonly obstruction: (
    database: KubeObject,
    desired: KubeObject,
    found: readonly KubeObject[],
  ) => Obstruction | undefined;
};

/** How an optional object is. */
export type OptionalHealth = Extract<
  Health,
  { readonly state: "healthy" | "progressing" | "failed" }
>;

/** An object beside the database that a claim may ask for. */
export type OptionalObject = {
  /** The field of the claim's spec that asks for it. */
  readonly field: keyof ClaimSpec;
  readonly resource: Resource;
  /** Who brings the kind into the cluster, for messages. */
  readonly provider: string;
  readonly ref: Ref;
  /** Undefined when the claim does not ask for it: then it must not exist. */
  readonly desired: KubeObject | undefined;
  readonly health: (object: KubeObject) => OptionalHealth;
};

/** An object beside the operator's own that knows better how the database is. */
export type Witness = {
  readonly resource: Resource;
  readonly ref: Ref;
  /** Whether it changes too often to be watched: it is asked for instead. */
  readonly isLive: boolean;
};

/** What the operator decides on, whatever a claim says. */
export type Facts = {
  /** Longest name of a claim from which every name that the operator derives is legal. */
  readonly maxNameLength: number;
  /** Databases and roles that the operator keeps for itself, beside PostgreSQL's own. */
  readonly reservedIdentifiers: readonly string[];
  /** What the operator appends to a claim's name to name a Secret beside the database. */
  readonly secretSuffixes: readonly string[];
  /** What the names of all Secrets end with that the operator makes, for whichever database: some operators take one that is there. */
  readonly secretEndings: readonly string[];
  /** PostgreSQL's major versions that the operator runs. */
  readonly versions: readonly string[];
  /** Settings of PostgreSQL, in small letters, that the operator refuses or decides on itself. */
  readonly fixedSettings: RegExp;
  /** Whether a new major version of PostgreSQL is taken to the data that is there, and the operator tells that it came through. */
  readonly upgradesMajors: boolean;
};

/** The objects that are made of a claim. */
export type Objects = {
  /** Kind of the operator's object for a database. */
  readonly resource: Resource;
  readonly ref: (claim: Claim, chosen: Class) => Ref;
  /** `admitted` are the roles that are let into databases of a shared instance beside their owners. */
  readonly desired: (claim: Claim, chosen: Class, admitted?: readonly Admitted[]) => KubeObject;
  /** `desired` without the changes that the operator would refuse, or take and ignore: there it is as it is. */
  readonly retaining: (desired: KubeObject, found: KubeObject) => KubeObject;
  /** Whose the object is that bears the name of the claim's. */
  readonly standing: (found: KubeObject, claim: KubeObject) => Standing;
  /** The role that the database was made for, as the object has it; what a claim asks for later does not change it. */
  readonly ownerOf: (database: KubeObject) => string | undefined;
  /** The name of that database. */
  readonly databaseOf: (database: KubeObject) => string | undefined;
  /** All optional objects, those that the claim does not ask for too. Each belongs to the claim and lies in its namespace. */
  readonly optional: (claim: Claim, chosen: Class) => readonly OptionalObject[];
  /** Host name of the primary, in full: it resolves from every namespace. */
  readonly endpoint: (claim: Claim, chosen: Class) => string;
  /** The same of the pooler before it, if the claim asks for one. */
  readonly pooledEndpoint: (claim: Claim, chosen: Class) => string | undefined;
};

/** The Secrets beside a database, and what proves them. */
export type CredentialSecrets = {
  /** The Secret with the credentials: the one that the claim brings, or the operator's own. */
  readonly ref: (claim: Claim, chosen: Class) => Ref;
  /** Undefined while the Secret is not complete. */
  readonly of: (secret: Secret) => Credentials | undefined;
  /** Whether the operator made the Secret for this database: anyone may make one of its name and labels. */
  readonly isProven: (secret: Secret, database: KubeObject) => boolean;
  /** The name of the database for which an operator of this kind made the Secret; undefined if none did. */
  readonly madeFor: (secret: Secret) => string | undefined;
  /** The label by which the operator follows a Secret that a claim brings. */
  readonly followed: { readonly name: string; readonly value: string };
  /** The Secret with the certificate of the authority by which clients know the server; undefined where it is not the operator's. */
  readonly authority: (database: KubeObject) => Ref | undefined;
  /** That certificate in base64. */
  readonly certificateOf: (secret: Secret) => string | undefined;
};

/** A role that is let into a database beside its owner. */
export type Admitted = { readonly database: string; readonly role: string };

/** A claim's database in an instance that may hold those of several. */
export type Tenant = {
  readonly claim: KubeObject;
  readonly instance: Ref;
  /** Of the claim for the instance. */
  readonly instanceUid: string;
  readonly database: string;
  /** The role that owns it and logs in. */
  readonly owner: string;
  readonly connectionLimit: number;
  readonly extensions: readonly Extension[];
  /** Whether the data stays where the claim goes. */
  readonly isDataKept: boolean;
};

/** How an operator keeps databases of several claims in one instance, apart from each other. */
export type SharedDatabases = {
  /** The kinds of their objects, in the order in which they are removed: none before those of the kinds before it are gone. */
  readonly resources: readonly Resource[];
  /** The kind of the object that stands for the database. */
  readonly database: Resource;
  readonly passwordSecret: (tenant: Pick<Tenant, "instance" | "owner">) => Ref;
  /** The Secret with this password. It is made once: another password is another Secret. */
  readonly passwordIn: (tenant: Tenant, password: string) => Secret;
  /** What is made after that, in this order: each waits until the one before it is healthy. The database is the last. */
  readonly objects: (tenant: Tenant) => readonly KubeObject[];
  /** A role beside the owner, which logs in with the password in its own Secret, and bears `labels.accessIn`. */
  readonly accessRole: (tenant: Tenant, role: string) => KubeObject;
  /** The kind of roles. */
  readonly role: Resource;
  /** Whom such an object lets into which database; undefined where nobody logs in by it. */
  readonly admitted: (object: KubeObject) => Admitted | undefined;
  /** Whether the instance, by this object of the operator's, lets the role into the database. */
  readonly letsIn: (instance: KubeObject, admitted: Admitted) => boolean;
  readonly health: (object: KubeObject) => OptionalHealth;
  /** Whether the operator failed for want of something that it gives itself a moment later, and would try again too late. */
  readonly isEarly: (object: KubeObject) => boolean;
  /** An object, other than the Secret, as it has to be before its claim goes. */
  readonly departing: (found: KubeObject, isDataKept: boolean) => KubeObject;
  /** The instance that an object is in; its claim may not know any more. */
  readonly instanceOf: (object: KubeObject) => Ref;
};

/** A kind that is watched for the operator, or a part of it. */
export type Watched = {
  readonly resource: Resource;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** The object with what is ever read of it and nothing else; it may be changed in place. */
  readonly keep: (object: KubeObject) => KubeObject;
  /** Words by which lists of it are answered. */
  readonly index?: (object: KubeObject) => readonly string[];
  /** The claims that the object concerns. Labels may be changed by hand, so those that it had before count as well. */
  readonly claimsOf: (object: KubeObject, before: KubeObject | undefined) => readonly ClaimRef[];
};

/** An operator in facets. A second one is another value of this type, and nothing else. */
export type Operator = {
  /** Name of the operator for messages. */
  readonly title: string;
  /** `provider` in the connection secret. */
  readonly provider: string;
  readonly facts: Facts;
  readonly objects: Objects;
  readonly credentials: CredentialSecrets;
  /** What has to be read beside the operator's object before its health is known; nothing where the object tells by itself. */
  readonly witnesses: (database: KubeObject) => readonly Witness[];
  /**
   * `desired` is what the health is asked of: the object may still show that of an older definition. `found` has those of the
   * witnesses that are there.
   */
  readonly health: (
    database: KubeObject,
    desired: KubeObject,
    found: readonly KubeObject[],
  ) => Health;
  readonly running: (
    database: KubeObject,
    desired: KubeObject,
    found: readonly KubeObject[],
  ) => Partial<Running>;
  readonly diagnosis: Diagnosis;
  readonly watches: readonly Watched[];
  /** Undefined where the operator cannot keep the databases of several claims apart. */
  readonly sharedDatabases: SharedDatabases | undefined;
  /** What of the claim and its class the operator cannot do. */
  readonly unsupported: (claim: Claim, chosen: Class) => readonly Violation[];
  /** What of a class by itself the operator cannot do. */
  readonly unsupportedByClass: (spec: ClassSpec) => readonly Violation[];
};
