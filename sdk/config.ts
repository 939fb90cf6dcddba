/** What a program asks for, and the claim that it becomes. Pure. */
import type { AnyClaim, Claim, ClaimSpec, Extension, Size } from "../capabilities/claim/claim";
import type { DatabaseClaim } from "../capabilities/claim/database";
import type { ClaimRef } from "../capabilities/claim/labels";
import {
  claimKind,
  connectionSecretName,
  claimResource,
  databaseClaimKind,
  databaseClaimResource,
  identifierOf,
} from "../capabilities/claim/names";
import { quote } from "../capabilities/claim/schema";
import { gibibytesIn } from "../capabilities/claim/storage-size";
import { given } from "../capabilities/kubernetes/given";
import { apiVersionOf, type Ref } from "../capabilities/kubernetes/objects";
import { isRecord } from "../capabilities/kubernetes/record";
import { ConfigurationError } from "./errors";

/** By which a database is found again. */
export type DatabaseName = {
  /** The application's word for it: database and role are named so, with - as _. */
  readonly name: string;
  /** Default: "default". */
  readonly namespace?: string | undefined;
  /** Name of the claim. Default: `postgres-{name}`; for a database in a shared instance the name itself. */
  readonly claim?: string | undefined;
  /** The PostgresInstance that holds the database beside others, or its namespace and name: `platform/home`. Default: one of its own. */
  readonly instance?: string | undefined;
};

/** What is left out is the class's choice. docs/fields.md has the rules of each field. */
export type DatabaseConfig = DatabaseName & {
  /** Role that owns the database and logs in. Default: the database's name. */
  readonly owner?: string | undefined;
  /** In a shared instance: how many connections at once. Default: the class's. */
  readonly connectionLimit?: number | undefined;
  /** Whether the data goes with the claim. Default: the class's (Delete); in a shared instance Retain. */
  readonly deletionPolicy?: "Delete" | "Retain" | undefined;
  /** Whether neither the claim nor its namespace can be deleted. Default: false. */
  readonly deletionProtection?: boolean | undefined;
  /** PostgresClass of the database. */
  readonly class?: string | undefined;
  readonly size?: Size | undefined;
  /** PostgreSQL major version, such as "16". */
  readonly version?: string | undefined;
  /** Whole GiB, such as "10Gi". It may grow, never shrink. */
  readonly storageSize?: string | undefined;
  /** Primary and replicas together. */
  readonly instances?: number | undefined;
  /** Whose databases the instance holds beside its own: `{}` those of its namespace. Once given it stays. */
  readonly share?: ClaimSpec["share"];
  readonly extensions?: readonly (string | Extension)[] | undefined;
  /** Name of the connection Secret, beside the claim. Default: `{claim}-connection`. */
  readonly secret?: string | undefined;
};

/** What is wrong with a word's value, as far as no cluster has to be asked. */
type Check = (value: unknown) => string | undefined;

const isText: Check = value =>
  typeof value === "string" && value !== "" ? undefined : "must be a text that is not empty";
const isNumber: Check = value => (typeof value === "number" ? undefined : "must be a number");
const isObject: Check = value => (isRecord(value) ? undefined : "must be an object");
const isBoolean: Check = value =>
  typeof value === "boolean" ? undefined : "must be true or false";
const isList: Check = value => (Array.isArray(value) ? undefined : "must be a list");
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#path-segment-names */
const isName: Check = value => isText(value) ?? pathProblem(String(value));

function pathProblem(name: string): string | undefined {
  if (!/[/%]|^\.{1,2}$/.test(name)) return undefined;
  return `is ${quote(name)}, but no name in Kubernetes has / or %, or is . or ..`;
}

/** With the namespace before it where it is not the claim's. */
function isInstanceName(value: unknown): string | undefined {
  const problem = isText(value);
  if (problem !== undefined) return problem;
  const parts = String(value).split("/");
  if (parts.length > 2) return `is ${quote(String(value))}, but must be a name, or namespace/name`;
  return parts.map(isName).find(found => found !== undefined);
}

/** A program in JavaScript, or one that reads an unset variable, may give anything. */
const checks: Readonly<Record<keyof DatabaseConfig, Check>> = {
  ...{ name: isName, namespace: isName, claim: isName, secret: isText, owner: isText },
  ...{ class: isText, size: isText, version: isText, storageSize: isText },
  ...{ instances: isNumber, extensions: isList, share: isObject },
  ...{ instance: isInstanceName, connectionLimit: isNumber },
  ...{ deletionPolicy: isText, deletionProtection: isBoolean },
};

/** Words that ask for an instance of one's own, and those that ask for a place in another. */
const ofInstances = ["class", "size", "version", "storageSize", "instances", "share"];
const ofDatabases = ["connectionLimit"];

/** The claim's kind and place. Throws ConfigurationError for words that are not known, are of another kind, or go with another claim. */
export function claimRef(config: DatabaseName): ClaimRef {
  checkWords({ ...config });
  const { name, namespace = "default", instance } = config;
  return instance === undefined
    ? { kind: claimKind, name: config.claim ?? `postgres-${name}`, namespace }
    : { kind: databaseClaimKind, name: config.claim ?? name, namespace };
}

function checkWords(words: Readonly<Record<string, unknown>>): void {
  const isGiven = ([word, value]: [string, unknown]): boolean =>
    value !== undefined || word === "name";
  for (const [word, value] of Object.entries({ ...words, name: words.name }).filter(isGiven)) {
    const problem = problemOf(word, value) ?? misplacedProblem(word, words.instance);
    if (problem !== undefined) throw new ConfigurationError(`${word} ${problem}`);
  }
}

function misplacedProblem(word: string, instance: unknown): string | undefined {
  if (instance === undefined) {
    return ofDatabases.includes(word)
      ? "is for a database in a shared instance: name that with instance, or leave it out"
      : undefined;
  }
  return ofInstances.includes(word)
    ? `is decided by instance ${quote(instance as string)}: leave it out`
    : undefined;
}

function problemOf(word: string, value: unknown): string | undefined {
  const check = Object.entries(checks).find(([known]) => known === word)?.[1];
  return check ? check(value) : `is not known: there are ${Object.keys(checks).join(", ")}`;
}

/** The claim. Throws ConfigurationError for what no claim can say; the rest is judged in the cluster, where the classes are. */
export function claimFor(config: DatabaseConfig): AnyClaim {
  // Words that nobody has checked are in the way of all else.
  const { name, namespace } = claimRef(config);
  const ref = { name, namespace };
  const { instance } = config;
  return instance === undefined ? instanceClaim(config, ref) : databaseClaim(config, ref, instance);
}

function databaseClaim(config: DatabaseConfig, metadata: Ref, instance: string): DatabaseClaim {
  const { owner, secret, connectionLimit } = config;
  const [name = "", namespace] = instance.split("/").reverse();
  return {
    apiVersion: apiVersionOf(databaseClaimResource),
    kind: databaseClaimKind,
    metadata,
    spec: {
      instanceRef: { name, ...given({ namespace }) },
      databaseName: identifierOf(config.name),
      ...given({ owner, connectionLimit, extensions: extensionsIn(config) }),
      ...endOf(config),
    },
    writeConnectionSecretToRef: { name: secret ?? connectionSecretName(metadata.name) },
  };
}

function instanceClaim(config: DatabaseConfig, ref: Ref): Claim {
  const { owner, class: className, size, version, instances, share, secret } = config;
  const databaseName = identifierOf(config.name);
  const spec: ClaimSpec = {
    ...{ databaseName, databaseOwner: owner ?? databaseName },
    ...given({ className, size, version, instances, share }),
    ...given({ storageGB: storageIn(config), extensions: extensionsIn(config) }),
    ...endOf(config),
  };
  return {
    apiVersion: apiVersionOf(claimResource),
    kind: claimKind,
    metadata: ref,
    spec,
    writeConnectionSecretToRef: { name: secret ?? connectionSecretName(ref.name) },
  };
}

function endOf({
  deletionPolicy,
  deletionProtection,
}: DatabaseConfig): Pick<ClaimSpec, "deletionPolicy" | "deletionProtection"> {
  return given({ deletionPolicy, deletionProtection });
}

function storageIn({ storageSize }: DatabaseConfig): number | undefined {
  if (storageSize === undefined) return undefined;
  const found = gibibytesIn(storageSize);
  if (typeof found === "number") return found;
  throw new ConfigurationError(`storageSize is ${quote(storageSize)}, but must be ${found.mustBe}`);
}

function extensionsIn({ extensions }: DatabaseConfig): readonly Extension[] | undefined {
  return extensions?.map(one => (typeof one === "string" ? { name: one } : one));
}
