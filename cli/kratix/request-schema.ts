/** The API of the Kratix Promise: what an application team asks for. Its fields are those of a claim, where it has them. */
import { specSchema } from "../../capabilities/claim/claim-schema";
import {
  namespaceName,
  postgresIdentifiers,
  reservedPrefix,
  reservedRoles,
} from "../../capabilities/claim/names";
import type { FromSchema, Schema } from "../../capabilities/claim/schema";
import { specChangeRules } from "../../capabilities/crd/crd";
import { operatorTitles, reservedIdentifiers } from "../../capabilities/operator/facts";

/** The name of the Promise. */
export const promiseName = "postgresql";

const { size, version, storageGB, instances } = specSchema.properties;
const { className, connectionSecretName, credentialsSecretName } = specSchema.properties;
const { extensions, parameters, pooler, teamId } = specSchema.properties;

export const namespaceSchema = {
  ...namespaceName,
  description:
    "Namespace of the database in its destination, if the platform team allows another than the request's. Default: that of the request.",
} as const satisfies Schema;

/** A field of claims that requests are to have costs one name here. */
export const requestSpecSchema = {
  type: "object",
  description: "A PostgreSQL database.",
  required: ["database"],
  properties: {
    database: {
      type: "string",
      minLength: 1,
      maxLength: 63,
      pattern: "^[a-z_][-a-z0-9_]*$",
      description: "Name of the database and of the role that owns it, with - as _.",
    },
    size,
    namespace: namespaceSchema,
    version,
    storageGB,
    instances,
    className,
    connectionSecretName,
    credentialsSecretName,
    extensions,
    parameters,
    pooler,
    teamId,
  },
} as const satisfies Schema;

const reserved = [...new Set([...postgresIdentifiers, ...reservedIdentifiers, ...reservedRoles])];

/**
 * What can be refused when a request is applied, without any class. Below `spec` alone: such rules are asked only of what changes,
 * while one on the root that a single old request breaks makes the whole Promise unavailable (seen with Kratix 0.125).
 */
export const requestRules = [
  {
    rule: `!(self.database.replace('-', '_') in ${JSON.stringify(reserved)}) && !self.database.replace('-', '_').startsWith('${reservedPrefix}')`,
    message: `spec.database is reserved by PostgreSQL or ${operatorTitles}: use another name`,
    fieldPath: ".database",
  },
  {
    rule: "self.database == oldSelf.database",
    message: "spec.database is immutable: make a new request, and move the data",
    fieldPath: ".database",
  },
  {
    rule: "has(self.__namespace__) == has(oldSelf.__namespace__) && (!has(self.__namespace__) || self.__namespace__ == oldSelf.__namespace__)",
    message: "spec.namespace is immutable: make a new request, and move the data",
    fieldPath: ".namespace",
  },
  ...specChangeRules.filter(({ fieldPath }) => isRequested(fieldPath)),
];

/** A rule of a field that requests do not have would make the whole definition invalid. */
function isRequested(fieldPath = ""): boolean {
  return Object.hasOwn(requestSpecSchema.properties, fieldPath.slice(1));
}

export type RequestSpec = FromSchema<typeof requestSpecSchema>;
