/** The plugin by which Pulumi programs in other languages use the components: Pulumi starts it, and has it make them. */
import type * as pulumi from "@pulumi/pulumi";
import { version } from "../package.json";
import { PostgresClass, type PostgresClassArgs } from "./class";
import {
  PostgresDatabase,
  PostgresInstance,
  type PostgresDatabaseArgs,
  type PostgresInstanceArgs,
} from "./database";
import { packageName, typeOf } from "./package-name";

type Property = {
  readonly type: string;
  readonly secret?: true;
  readonly items?: Property;
  readonly additionalProperties?: { readonly $ref: string };
};

const text: Property = { type: "string" };
const secretText: Property = { type: "string", secret: true };
const whole: Property = { type: "integer" };
const boolean: Property = { type: "boolean" };
const texts: Property = { type: "array", items: text };
/** Whatever the claim's schema takes: the cluster judges it. */
const anyObject: Property = { type: "object", additionalProperties: { $ref: "pulumi.json#/Any" } };

const ofBoth = {
  ...{ name: text, namespace: text, claim: text, owner: text, secret: text },
  ...{ extensions: texts, deletionPolicy: text, deletionProtection: boolean },
};

const connection = {
  ...{ connectionString: secretText, password: secretText, host: text, port: whole },
  ...{ database: text, username: text, secretName: text, namespace: text, claim: text },
};

type Component = {
  readonly inputs: Readonly<Record<string, Property>>;
  readonly required: readonly string[];
  readonly outputs: Readonly<Record<string, Property>>;
  readonly make: (
    name: string,
    inputs: pulumi.Inputs,
    opts: pulumi.ComponentResourceOptions,
  ) => pulumi.provider.ConstructResult;
};

type Words<T> = Readonly<Record<keyof T, Property>>;

const instanceWords: Words<PostgresInstanceArgs> = {
  ...ofBoth,
  ...{
    class: text,
    size: text,
    version: text,
    storageSize: text,
    instances: whole,
    share: anyObject,
  },
};
const databaseWords: Words<PostgresDatabaseArgs> = {
  ...ofBoth,
  ...{ instance: text, connectionLimit: whole },
};
const classWords: Words<PostgresClassArgs> = {
  ...{ name: text, storageClass: text, version: text, defaultStorageSize: text },
  ...{ backupNfsPath: text, backupRetentionDays: whole, isDefault: boolean },
};

/** What other languages can make. The words of each are those of its arguments; Pulumi has checked them against the schema. */
const components: Readonly<Record<string, Component>> = {
  PostgresInstance: {
    inputs: instanceWords,
    required: [],
    outputs: connection,
    make: (name, inputs, opts) =>
      made(new PostgresInstance(name, inputs as PostgresInstanceArgs, opts)),
  },
  PostgresDatabase: {
    inputs: databaseWords,
    required: ["instance"],
    outputs: connection,
    make: (name, inputs, opts) =>
      made(new PostgresDatabase(name, inputs as PostgresDatabaseArgs, opts)),
  },
  PostgresClass: {
    inputs: classWords,
    required: [],
    outputs: { className: text },
    make: (name, inputs, opts) => made(new PostgresClass(name, inputs as PostgresClassArgs, opts)),
  },
};

function made(
  component: PostgresInstance | PostgresDatabase | PostgresClass,
): pulumi.provider.ConstructResult {
  return { urn: component.urn, state: component.outputs() };
}

/** What Pulumi makes each language's package of: https://www.pulumi.com/docs/iac/extending-pulumi/schema/ */
export function schema(): object {
  const resources = Object.entries(components).map(([name, { inputs, required, outputs }]) => [
    typeOf(name),
    {
      isComponent: true,
      ...{ inputProperties: inputs, requiredInputs: required },
      ...{ properties: outputs, required: Object.keys(outputs) },
    },
  ]);
  return { name: packageName, version, resources: Object.fromEntries(resources) as object };
}

export const provider: pulumi.provider.Provider = {
  version,
  getSchema: () => Promise.resolve(JSON.stringify(schema())),
  construct: (name, type, inputs, opts) => {
    const found = Object.entries(components).find(([known]) => typeOf(known) === type);
    if (!found) return Promise.reject(new Error(`${type} is no component of ${packageName}`));
    const [, { make }] = found;
    return Promise.resolve(make(name, inputs, opts));
  },
};
