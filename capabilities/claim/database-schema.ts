/** The schemas of PostgresDatabase: types, CRD and the checks of admission are made of them. */
import { deletionProtectionSchema } from "./deletion-schema";
import { accessSchema } from "./access-schema";
import {
  backupSchema,
  connectionRefSchema,
  connectionSecretNameSchema,
  extensionsSchema,
  restoreSchema,
  statusSchema,
} from "./claim-schema";
import { dns1035, maxIdentifierLength, nameableIdentifier, namespaceName } from "./names";
import type { Schema } from "./schema";

const nameable = {
  type: "string",
  minLength: 1,
  maxLength: maxIdentifierLength,
  pattern: nameableIdentifier,
} as const;

/** PostgreSQL itself takes more; a claim that needs them has an instance of its own. */
const mostConnections = 1000;

export const connectionLimitSchema = {
  type: "integer",
  minimum: 1,
  maximum: mostConnections,
} as const;

export const instanceRefSchema = {
  type: "object",
  description: "The PostgresInstance that holds the database. It has to share itself: spec.share.",
  required: ["name"],
  properties: {
    name: {
      type: "string",
      minLength: 1,
      maxLength: 63,
      pattern: dns1035,
      description: "Name of the PostgresInstance.",
    },
    namespace: {
      ...namespaceName,
      description:
        "Its namespace. Default: the claim's. Another one has to be named by the instance: spec.share.",
    },
  },
} as const satisfies Schema;

export const databaseSpecSchema = {
  type: "object",
  description: "What is asked for. Only `instanceRef` is needed.",
  required: ["instanceRef"],
  properties: {
    instanceRef: {
      ...instanceRefSchema,
      description: `${instanceRefSchema.description} Immutable.`,
    },
    databaseName: {
      ...nameable,
      description:
        "Name of the database, which no other may have in the instance. Default: the claim's name with - as _. Immutable.",
    },
    owner: {
      ...nameable,
      description:
        "Role that owns the database and logs in. Default: the database's name. Immutable.",
    },
    extensions: extensionsSchema,
    connectionLimit: {
      ...connectionLimitSchema,
      description:
        "How many connections the role may have at once. Default, and most: the class's of the instance (20).",
    },
    deletionPolicy: {
      type: "string",
      enum: ["Delete", "Retain"],
      description:
        "What becomes of the data when the claim is deleted: Delete drops the database; Retain keeps it, without a login, for a " +
        "new claim of this name. Default: Retain.",
    },
    deletionProtection: deletionProtectionSchema,
    backup: {
      ...backupSchema,
      description:
        "What of the backups of the instance's class is to be otherwise for this database. Where the class makes backups, every database has them.",
    },
    restore: restoreSchema,
    access: accessSchema,
    connectionSecretName: connectionSecretNameSchema,
    writeConnectionSecretToRef: connectionRefSchema,
  },
} as const satisfies Schema;

const { observedGeneration, phase, version, endpoint, binding, connectionSecretRef } =
  statusSchema.properties;
const { backup, restore, access, conditions } = statusSchema.properties;

export const databaseStatusSchema = {
  ...statusSchema,
  properties: {
    observedGeneration,
    phase,
    version: { ...version, description: "PostgreSQL major version of the instance." },
    endpoint: { ...endpoint, description: "Host name of the instance's primary." },
    binding,
    connectionSecretRef,
    backup,
    restore,
    access,
    conditions,
  },
} as const satisfies Schema;
