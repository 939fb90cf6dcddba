/**
 * The CustomResourceDefinitions. Their CEL rules hold what must hold while the webhook is away; `admission/rules.ts` says
 * the same with the value and a way out.
 */
import {
  maxNameLength,
  operatorSecretEndings,
  operatorSecretSuffixes,
  reservedIdentifiers,
  operatorTitles,
} from "../operator/facts";
import { connectionRefSchema, specSchema, statusSchema } from "../claim/claim-schema";
import { databaseSpecSchema, databaseStatusSchema } from "../claim/database-schema";
import { classRules, classSpecSchema, classStatusSchema } from "../claim/class-schema";
import type { KubeObject } from "../kubernetes/objects";
import {
  classKind,
  classResource,
  claimKind,
  claimResource,
  databaseClaimKind,
  databaseClaimResource,
  dns1035,
  group,
  isClaimKind,
  maxLabelLength,
  reservedPrefix,
  reservedRoles,
  version,
} from "../claim/names";
import type { CelRule, Schema } from "../claim/schema";

type PrinterColumn = {
  readonly name: string;
  readonly type: "string" | "integer" | "date";
  readonly jsonPath: string;
  readonly description: string;
  readonly priority?: number;
};

export type CustomResourceDefinition = KubeObject & { readonly spec: unknown };

const literal = (values: readonly string[]): string => JSON.stringify(values);

/** CEL for `spec.<field>`, or the claim's name with - as _ where the field is left out; `self` may be `oldSelf`. */
const identifierExpression = (self: string, field: string): string =>
  `(has(${self}.spec.${field}) ? ${self}.spec.${field} : ${self}.metadata.name.replace('-', '_'))`;

const database = identifierExpression("self", "databaseName");
const owner = identifierExpression("self", "databaseOwner");

/** With external credentials and no owner given, the owner is the username in the Secret. */
const ownerIsBrought = (self: string): string =>
  `(has(${self}.spec.credentialsSecretName) && !has(${self}.spec.databaseOwner))`;

const topLevelRef = "self.writeConnectionSecretToRef";
const specRef = "self.spec.writeConnectionSecretToRef";
const shortRef = "self.spec.connectionSecretName";
const credentials = "self.spec.credentialsSecretName";

const nameRules: readonly CelRule[] = [
  {
    rule: `self.metadata.name.size() <= ${maxNameLength}`,
    message: `metadata.name must have at most ${maxNameLength} characters`,
  },
  {
    rule: `self.metadata.name.matches('${dns1035}')`,
    message:
      "metadata.name must begin with a letter and have only lower-case letters, digits and -",
  },
  {
    rule: `!(${database} in ${literal(reservedIdentifiers)}) && !${database}.startsWith('${reservedPrefix}')`,
    message: `the database's name (spec.databaseName, else metadata.name with - as _) is reserved by PostgreSQL or ${operatorTitles}`,
  },
  {
    rule: `${ownerIsBrought("self")} || !(${owner} in ${literal([...reservedIdentifiers, ...reservedRoles])}) && !${owner}.startsWith('${reservedPrefix}')`,
    message: `the owner's name (spec.databaseOwner, else metadata.name with - as _) is reserved by PostgreSQL or ${operatorTitles}`,
  },
];

const immutabilityRules: readonly CelRule[] = [
  {
    rule: `${database} == ${identifierExpression("oldSelf", "databaseName")}`,
    message: "spec.databaseName is immutable",
  },
  {
    rule: `${ownerIsBrought("oldSelf")} || ${owner} == ${identifierExpression("oldSelf", "databaseOwner")}`,
    message: "spec.databaseOwner is immutable",
  },
];

/**
 * CEL does not know the claim's namespace, so a ref without one is compared by its name alone. `namespace` is a reserved word
 * of CEL and escaped so; unescaped it compiles too, but the cost of the rule is then estimated without its maxLength.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
const refRules: readonly CelRule[] = [
  {
    rule: `!has(${topLevelRef}) || !has(${specRef}) || (${topLevelRef}.name == ${specRef}.name && (!has(${topLevelRef}.__namespace__) || !has(${specRef}.__namespace__) || ${topLevelRef}.__namespace__ == ${specRef}.__namespace__))`,
    message:
      "writeConnectionSecretToRef and spec.writeConnectionSecretToRef must not differ; keep one",
  },
  {
    rule: `!has(${shortRef}) || ((!has(${topLevelRef}) || ${topLevelRef}.name == ${shortRef}) && (!has(${specRef}) || ${specRef}.name == ${shortRef}))`,
    message: "spec.connectionSecretName and writeConnectionSecretToRef must not differ; keep one",
  },
  {
    rule: `![has(${topLevelRef}) ? ${topLevelRef}.name : '', has(${specRef}) ? ${specRef}.name : '', has(${shortRef}) ? ${shortRef} : ''].exists(name, name in ${literal(operatorSecretSuffixes)}.map(suffix, self.metadata.name + suffix))`,
    message: `the connection secret must not be named like one that the operator makes for this claim (${operatorSecretSuffixes.join(", ")})`,
  },
];

/** The same for each of the three places of a ref. */
const endingRules: readonly CelRule[] = operatorSecretEndings.map(ending => ({
  rule: `![has(${topLevelRef}) ? ${topLevelRef}.name : '', has(${specRef}) ? ${specRef}.name : '', has(${shortRef}) ? ${shortRef} : ''].exists(name, name.endsWith('${ending}'))`,
  message: `the connection secret must not be named like those that an operator makes (${ending})`,
}));

const credentialsRules: readonly CelRule[] = [
  {
    rule: `!has(${credentials}) || !(${credentials} in ${literal(operatorSecretSuffixes)}.map(suffix, self.metadata.name + suffix))`,
    message:
      "spec.credentialsSecretName must not be one of the operator's own Secrets of this claim",
  },
  {
    rule: `!has(${credentials}) || ((!has(${shortRef}) || ${shortRef} != ${credentials}) && (!has(${topLevelRef}) || has(${topLevelRef}.__namespace__) || ${topLevelRef}.name != ${credentials}) && (!has(${specRef}) || has(${specRef}.__namespace__) || ${specRef}.name != ${credentials}))`,
    message: "spec.credentialsSecretName must not be the connection secret",
  },
];

/** Rules of change that need only `spec`. A field may be filled in later, as the webhook does for older claims. */
export const specChangeRules: readonly CelRule[] = [
  {
    rule: "!has(oldSelf.className) || (has(self.className) && self.className == oldSelf.className)",
    message: "spec.className is immutable",
    fieldPath: ".className",
  },
  {
    rule: "has(self.teamId) == has(oldSelf.teamId) && (!has(self.teamId) || self.teamId == oldSelf.teamId)",
    message: "spec.teamId is immutable",
    fieldPath: ".teamId",
  },
  {
    rule: "has(self.credentialsSecretName) == has(oldSelf.credentialsSecretName)",
    message: "spec.credentialsSecretName may change, but not be added or dropped",
    fieldPath: ".credentialsSecretName",
  },
  {
    rule: "!has(oldSelf.share) || has(self.share)",
    message:
      "spec.share may change, but not be dropped: it keeps the databases in the instance apart",
    fieldPath: ".share",
  },
  {
    rule: "!has(oldSelf.storageGB) || (has(self.storageGB) && self.storageGB >= oldSelf.storageGB)",
    message: "spec.storageGB may grow, but volumes cannot shrink",
    fieldPath: ".storageGB",
  },
];

/** An upgrade that has not come through may be given up: status.version is that of the data. */
const versionRules: readonly CelRule[] = [
  {
    rule: "!has(oldSelf.spec.version) || (has(self.spec.version) && (int(self.spec.version) >= int(oldSelf.spec.version) || (has(oldSelf.status) && has(oldSelf.status.version) && self.spec.version == oldSelf.status.version)))",
    message: "spec.version may go up, but PostgreSQL cannot be downgraded",
    fieldPath: ".spec.version",
  },
];

const claimSchema = {
  type: "object",
  description:
    "A PostgreSQL database and a Secret to connect with, for an application. See `kubectl explain pgi.spec`.",
  properties: {
    spec: { ...specSchema, default: {}, "x-kubernetes-validations": specChangeRules },
    status: statusSchema,
    writeConnectionSecretToRef: connectionRefSchema,
  },
  "x-kubernetes-validations": [
    ...nameRules,
    ...immutabilityRules,
    ...versionRules,
    ...refRules,
    ...endingRules,
    ...credentialsRules,
  ],
} as const satisfies Schema;

const ownDatabaseExpression = (self: string): string => identifierExpression(self, "databaseName");
const ownRoleExpression = (self: string): string =>
  `(has(${self}.spec.owner) ? ${self}.spec.owner : ${ownDatabaseExpression(self)})`;

/** Both names become roles in the instance. */
const databaseNameRules: readonly CelRule[] = [
  {
    rule: `self.metadata.name.size() <= ${maxLabelLength} && self.metadata.name.matches('${dns1035}')`,
    message: `metadata.name must have at most ${maxLabelLength} characters, begin with a letter and have only lower-case letters, digits and -`,
  },
  ...[ownDatabaseExpression("self"), ownRoleExpression("self")].map(name => ({
    rule: `!(${name} in ${literal([...reservedIdentifiers, ...reservedRoles])}) && !${name}.startsWith('${reservedPrefix}')`,
    message: `the names of database and owner (spec.databaseName, spec.owner, else metadata.name with - as _) must not be reserved by PostgreSQL or ${operatorTitles}`,
  })),
  {
    rule: `${ownDatabaseExpression("self")} == ${ownDatabaseExpression("oldSelf")}`,
    message: "spec.databaseName is immutable",
  },
  {
    rule: `${ownRoleExpression("self")} == ${ownRoleExpression("oldSelf")}`,
    message: "spec.owner is immutable",
  },
  {
    rule: "self.spec.instanceRef.name == oldSelf.spec.instanceRef.name && (!has(self.spec.instanceRef.__namespace__) || !has(oldSelf.spec.instanceRef.__namespace__) || self.spec.instanceRef.__namespace__ == oldSelf.spec.instanceRef.__namespace__)",
    message: "spec.instanceRef is immutable",
  },
];

const databaseSchema = {
  type: "object",
  description:
    "A PostgreSQL database in an instance that several share, with a role and a Secret to connect with. See `kubectl explain pgdb.spec`.",
  required: ["spec"],
  properties: {
    spec: databaseSpecSchema,
    status: databaseStatusSchema,
    writeConnectionSecretToRef: connectionRefSchema,
  },
  "x-kubernetes-validations": [...databaseNameRules, ...refRules.slice(0, 2), ...endingRules],
} as const satisfies Schema;

const classSchema = {
  type: "object",
  description:
    "A kind of database that the platform team offers; to claims what StorageClass is to volumes. " +
    "The annotation database.bizmatters.io/is-default-class makes it the default.",
  properties: { spec: classSpecSchema, status: classStatusSchema },
  "x-kubernetes-validations": classRules,
} as const satisfies Schema;

const claimColumns: readonly PrinterColumn[] = [
  { name: "Size", type: "string", jsonPath: ".spec.size", description: "Size asked for" },
  { name: "Version", type: "string", jsonPath: ".spec.version", description: "PostgreSQL major" },
  { name: "Phase", type: "string", jsonPath: ".status.phase", description: "Where it stands" },
  {
    name: "Secret",
    type: "string",
    jsonPath: ".status.connectionSecretRef.name",
    description: "Connection secret",
  },
  {
    name: "Reason",
    type: "string",
    jsonPath: ".status.conditions[?(@.type=='Ready')].reason",
    description: "Why it is, or is not, ready",
    priority: 1,
  },
  {
    name: "Ready",
    type: "integer",
    jsonPath: ".status.readyInstances",
    description: "Instances that are ready",
    priority: 1,
  },
  {
    name: "Primary",
    type: "string",
    jsonPath: ".status.primary",
    description: "Pod of the instance that takes writes",
    priority: 1,
  },
  {
    name: "Endpoint",
    type: "string",
    jsonPath: ".status.endpoint",
    description: "Host name of the primary",
    priority: 1,
  },
  {
    name: "Backup",
    type: "date",
    jsonPath: ".status.backup.lastSuccess.time",
    description: "Time since the last backup",
    priority: 1,
  },
  {
    name: "Age",
    type: "date",
    jsonPath: ".metadata.creationTimestamp",
    description: "Time since it was made",
  },
];

const column = (name: string): PrinterColumn => {
  const found = claimColumns.find(one => one.name === name);
  if (!found) throw new Error(`a claim has no column ${name}`);
  return found;
};

const databaseColumns: readonly PrinterColumn[] = [
  {
    name: "Instance",
    type: "string",
    jsonPath: ".spec.instanceRef.name",
    description: "The PostgresInstance that holds it",
  },
  ...["Phase", "Secret", "Reason", "Endpoint", "Backup", "Age"].map(column),
];

const classColumns: readonly PrinterColumn[] = [
  {
    name: "Backend",
    type: "string",
    jsonPath: ".status.backend",
    description: "Operator that runs the databases",
  },
  {
    name: "Version",
    type: "string",
    jsonPath: ".status.defaultVersion",
    description: "Default PostgreSQL major",
  },
  {
    name: "Claims",
    type: "integer",
    jsonPath: ".status.claims",
    description: "Claims that name it",
  },
  {
    name: "Default",
    type: "string",
    jsonPath: ".metadata.annotations.database\\.bizmatters\\.io/is-default-class",
    description: "Whether claims that name no class get this one",
  },
  {
    name: "Age",
    type: "date",
    jsonPath: ".metadata.creationTimestamp",
    description: "Time since it was made",
  },
];

type Names = {
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
};

/** Tools find by it what a workload can be bound to: https://servicebinding.io/spec/core/1.1.0/#provisioned-service */
const provisionedService = { "servicebinding.io/provisioned-service": "true" } as const;

function definition(names: Names, scope: string, served: object): CustomResourceDefinition {
  const labels = isClaimKind(names.kind) ? { labels: provisionedService } : {};
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${names.plural}.${group}`, ...labels },
    spec: {
      group,
      scope,
      names,
      versions: [{ name: version, served: true, storage: true, ...served }],
    },
  };
}

export const claimDefinition = definition(
  {
    kind: claimKind,
    listKind: `${claimKind}List`,
    plural: claimResource.plural,
    singular: claimKind.toLowerCase(),
    shortNames: ["pgi"],
    categories: ["databases"],
  },
  "Namespaced",
  {
    schema: { openAPIV3Schema: claimSchema },
    subresources: { status: {} },
    additionalPrinterColumns: claimColumns,
  },
);

export const classDefinition = definition(
  {
    kind: classKind,
    listKind: `${classKind}List`,
    plural: classResource.plural,
    singular: classKind.toLowerCase(),
  },
  "Cluster",
  {
    schema: { openAPIV3Schema: classSchema },
    subresources: { status: {} },
    additionalPrinterColumns: classColumns,
  },
);

export const databaseDefinition = definition(
  {
    kind: databaseClaimKind,
    listKind: `${databaseClaimKind}List`,
    plural: databaseClaimResource.plural,
    singular: databaseClaimKind.toLowerCase(),
    shortNames: ["pgdb"],
    categories: ["databases"],
  },
  "Namespaced",
  {
    schema: { openAPIV3Schema: databaseSchema },
    subresources: { status: {} },
    additionalPrinterColumns: databaseColumns,
  },
);

export const definitions = [claimDefinition, databaseDefinition, classDefinition] as const;
