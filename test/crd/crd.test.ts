import {
  maxNameLength,
  operatorSecretSuffixes,
  reservedIdentifiers,
} from "../../capabilities/operator/facts";
import { classDefinition, claimDefinition, definitions } from "../../capabilities/crd/crd";
import { reservedPrefix, reservedRoles } from "../../capabilities/claim/names";
import type { CelRule, Schema } from "../../capabilities/claim/schema";

type Spec = {
  readonly scope: string;
  readonly names: Readonly<Record<string, unknown>>;
  readonly versions: readonly {
    readonly schema: { readonly openAPIV3Schema: Schema };
    readonly subresources?: unknown;
    readonly additionalPrinterColumns: readonly {
      readonly name: string;
      readonly jsonPath: string;
    }[];
  }[];
};

function specOf(definition: (typeof definitions)[number]): Spec {
  return definition.spec as Spec;
}

function served(definition: (typeof definitions)[number]): Spec["versions"][number] {
  const [only, ...others] = specOf(definition).versions;
  if (!only || others.length > 0) throw new Error("one version is served");
  return only;
}

function schemaOf(definition: (typeof definitions)[number]): Schema {
  return served(definition).schema.openAPIV3Schema;
}

/** A schema and all that are in it, each with its path. */
function fieldsOf(
  schema: Schema,
  path: string,
): { readonly path: string; readonly schema: Schema }[] {
  const { properties = {}, items, additionalProperties } = schema;
  return [
    { path, schema },
    ...Object.entries(properties).flatMap(([name, child]) => fieldsOf(child, `${path}.${name}`)),
    ...(items ? fieldsOf(items, `${path}[]`) : []),
    ...(additionalProperties ? fieldsOf(additionalProperties, `${path}.*`) : []),
  ];
}

const fields = definitions.flatMap(definition =>
  fieldsOf(schemaOf(definition), definition.metadata.name),
);

const topRules = schemaOf(claimDefinition)["x-kubernetes-validations"] ?? [];
const specRules = schemaOf(claimDefinition).properties?.spec?.["x-kubernetes-validations"] ?? [];

function ruleThatSays(words: string): CelRule {
  const [found, ...others] = topRules.filter(({ message }) => message.includes(words));
  if (!found || others.length > 0) throw new Error(`one rule says "${words}"`);
  return found;
}

test.each(fields.map(({ path, schema }) => [path, schema] as const))(
  "%s has a description that is a sentence",
  (_path, { description }) => {
    expect(description).toMatch(/^[A-Z`].{3,}[.]\)?$/s);
  },
);

test("what is required is known, what is the default is offered, and patterns are regular", () => {
  for (const { schema } of fields) {
    const { properties = {}, required = [], enum: offered, pattern = "" } = schema;
    expect(Object.keys(properties)).toEqual(expect.arrayContaining([...required]));
    if (offered && schema.default !== undefined) expect(offered).toContain(schema.default);
    expect(() => new RegExp(pattern)).not.toThrow();
  }
});

test.each([...reservedIdentifiers])("CEL keeps %s from database and owner", name => {
  expect(ruleThatSays("the database's name").rule).toContain(JSON.stringify(name));
  expect(ruleThatSays("the owner's name").rule).toContain(JSON.stringify(name));
});

test.each([...reservedRoles])("CEL keeps %s from the owner alone", name => {
  expect(ruleThatSays("the owner's name").rule).toContain(JSON.stringify(name));
  expect(ruleThatSays("the database's name").rule).not.toContain(JSON.stringify(name));
});

test("CEL keeps PostgreSQL's prefix from database and owner", () => {
  const call = `.startsWith('${reservedPrefix}')`;
  expect(ruleThatSays("the database's name").rule).toContain(call);
  expect(ruleThatSays("the owner's name").rule).toContain(call);
});

test.each([...operatorSecretSuffixes])("CEL keeps the operator's secret %s", suffix => {
  const { rule, message } = ruleThatSays("the operator makes");
  expect(rule).toContain(JSON.stringify(suffix));
  expect(message).toContain(suffix);
});

test("CEL bounds the length of the name", () => {
  expect(ruleThatSays("at most").rule).toBe(`self.metadata.name.size() <= ${maxNameLength}`);
});

type Read = { readonly of: string; readonly field: string };

/** What a rule reads: fields of self or oldSelf, or of their `spec`. */
function readBy({ rule }: CelRule, path: string): Read[] {
  const reads = rule.matchAll(new RegExp(`\\b((?:self|oldSelf)${path})\\.(\\w+)`, "g"));
  return [...reads].map(([, of = "", field = ""]) => ({ of, field }));
}

const specReads = [
  ...topRules.map(rule => ({ rule, reads: readBy(rule, "\\.spec") })),
  ...specRules.map(rule => ({ rule, reads: readBy(rule, "") })),
];

test("CEL asks only for fields that there are", () => {
  const { properties = {} } = schemaOf(claimDefinition);
  const top = topRules.flatMap(rule => readBy(rule, "").map(({ field }) => field));
  expect([...Object.keys(properties), "metadata"]).toEqual(expect.arrayContaining(top));
  const inSpec = specReads.flatMap(({ reads }) => reads.map(({ field }) => field));
  const paths = specRules.map(({ fieldPath = "" }) => fieldPath.slice(1));
  const known = Object.keys(properties.spec?.properties ?? {});
  expect(known).toEqual(expect.arrayContaining([...inSpec, ...paths]));
});

test("CEL asks whether a field is there before it reads it", () => {
  const unguarded = specReads.flatMap(({ rule, reads }) =>
    reads.filter(({ of, field }) => !rule.rule.includes(`has(${of}.${field})`)),
  );
  expect(unguarded).toEqual([]);
});

test("CEL has a rule of change for each field that must not change freely", () => {
  const messages = [...topRules, ...specRules].map(({ message }) => message);
  expect(messages).toEqual(
    expect.arrayContaining([
      "spec.className is immutable",
      "spec.databaseName is immutable",
      "spec.databaseOwner is immutable",
      "spec.storageGB may grow, but volumes cannot shrink",
      "spec.version may go up, but PostgreSQL cannot be downgraded",
    ]),
  );
});

test("claims are pgi for short, namespaced, among the databases, with a status of their own", () => {
  const { scope, names } = specOf(claimDefinition);
  expect(scope).toBe("Namespaced");
  expect(names).toEqual({
    kind: "PostgresInstance",
    listKind: "PostgresInstanceList",
    plural: "postgresinstances",
    singular: "postgresinstance",
    shortNames: ["pgi"],
    categories: ["databases"],
  });
  expect(served(claimDefinition).subresources).toEqual({ status: {} });
  expect(schemaOf(claimDefinition).properties?.spec?.default).toEqual({});
});

test("classes are cluster-scoped", () => {
  const { scope, names } = specOf(classDefinition);
  expect(scope).toBe("Cluster");
  expect(names).toMatchObject({ kind: "PostgresClass", plural: "postgresclasses" });
});

test("kubectl get pgi shows size, version, phase, secret and age", () => {
  const shown = served(claimDefinition).additionalPrinterColumns;
  expect(shown.map(({ name }) => name)).toEqual([
    ...[
      "Size",
      "Version",
      "Phase",
      "Secret",
      "Reason",
      "Ready",
      "Primary",
      "Endpoint",
      "Backup",
      "Age",
    ],
  ]);
});

test("columns show fields that there are", () => {
  for (const definition of definitions) {
    const paths = fieldsOf(schemaOf(definition), "").map(({ path }) => path);
    for (const { jsonPath } of served(definition).additionalPrinterColumns) {
      const path = jsonPath.replace(/\[\?.*?\]/, "[]");
      if (!path.startsWith(".metadata.")) expect(paths).toContain(path);
    }
  }
});

test("the definitions are JSON: nothing in them is undefined", () => {
  expect(JSON.parse(JSON.stringify(definitions))).toStrictEqual(definitions);
});
