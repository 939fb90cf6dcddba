/** What a program asks for, and the claim that it becomes. Pure. */
import type { Claim, ClaimSpec, Extension, Size } from "../capabilities/claim/claim";
import {
  claimKind,
  connectionSecretName,
  claimResource,
  identifierOf,
} from "../capabilities/claim/names";
import { quote } from "../capabilities/claim/schema";
import { gibibytesIn } from "../capabilities/claim/storage-size";
import { given } from "../capabilities/kubernetes/given";
import { apiVersionOf, type Ref } from "../capabilities/kubernetes/objects";
import { ConfigurationError } from "./errors";

/** By which a database is found again. */
export type DatabaseName = {
  /** The application's word for it: database and role are named so, with - as _. */
  readonly name: string;
  /** Default: "default". */
  readonly namespace?: string | undefined;
  /** Name of the PostgresInstance. Default: `postgres-{name}`. */
  readonly claim?: string | undefined;
};

/** What is left out is the class's choice. docs/fields.md has the rules of each field. */
export type DatabaseConfig = DatabaseName & {
  /** Role that owns the database and logs in. Default: the database's name. */
  readonly owner?: string | undefined;
  /** PostgresClass of the database. */
  readonly class?: string | undefined;
  readonly size?: Size | undefined;
  /** PostgreSQL major version, such as "16". */
  readonly version?: string | undefined;
  /** Whole GiB, such as "10Gi". It may grow, never shrink. */
  readonly storageSize?: string | undefined;
  /** Primary and replicas together. */
  readonly instances?: number | undefined;
  readonly extensions?: readonly (string | Extension)[] | undefined;
  /** Name of the connection Secret, beside the claim. Default: `{claim}-connection`. */
  readonly secret?: string | undefined;
};

/** What is wrong with a word's value, as far as no cluster has to be asked. */
type Check = (value: unknown) => string | undefined;

const isText: Check = value =>
  typeof value === "string" && value !== "" ? undefined : "must be a text that is not empty";
const isNumber: Check = value => (typeof value === "number" ? undefined : "must be a number");
const isList: Check = value => (Array.isArray(value) ? undefined : "must be a list");
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#path-segment-names */
const isName: Check = value => isText(value) ?? pathProblem(String(value));

function pathProblem(name: string): string | undefined {
  if (!/[/%]|^\.{1,2}$/.test(name)) return undefined;
  return `is ${quote(name)}, but no name in Kubernetes has / or %, or is . or ..`;
}

/** A program in JavaScript, or one that reads an unset variable, may give anything. */
const checks: Readonly<Record<keyof DatabaseConfig, Check>> = {
  ...{ name: isName, namespace: isName, claim: isName, secret: isText, owner: isText },
  ...{ class: isText, size: isText, version: isText, storageSize: isText },
  ...{ instances: isNumber, extensions: isList },
};

/** The claim's place. Throws ConfigurationError for words that are not known, or are of another kind. */
export function claimRef(config: DatabaseName): Ref {
  const words: Readonly<Record<string, unknown>> = { ...config };
  for (const [word, value] of Object.entries({ ...words, name: words.name })) {
    const problem = value === undefined && word !== "name" ? undefined : problemOf(word, value);
    if (problem !== undefined) throw new ConfigurationError(`${word} ${problem}`);
  }
  const { name, namespace = "default", claim = `postgres-${name}` } = config;
  return { name: claim, namespace };
}

function problemOf(word: string, value: unknown): string | undefined {
  const check = Object.entries(checks).find(([known]) => known === word)?.[1];
  return check ? check(value) : `is not known: there are ${Object.keys(checks).join(", ")}`;
}

/** The claim. Throws ConfigurationError for what no claim can say; the rest is judged in the cluster, where the classes are. */
export function claimFor(config: DatabaseConfig): Claim {
  const ref = claimRef(config);
  const { owner, class: className, size, version, instances, secret } = config;
  const databaseName = identifierOf(config.name);
  const spec: ClaimSpec = {
    ...{ databaseName, databaseOwner: owner ?? databaseName },
    ...given({ className, size, version, instances }),
    ...given({ storageGB: storageIn(config), extensions: extensionsIn(config) }),
  };
  return {
    apiVersion: apiVersionOf(claimResource),
    kind: claimKind,
    metadata: ref,
    spec,
    writeConnectionSecretToRef: { name: secret ?? connectionSecretName(ref.name) },
  };
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
