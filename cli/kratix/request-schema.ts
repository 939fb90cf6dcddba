/** The API of the Kratix Promise: what an application team asks for. Its fields are those of a claim, where it has them. */
import { specSchema } from "../../capabilities/claim/claim-schema";
import type { FromSchema, Schema } from "../../capabilities/claim/schema";

export const requestGroup = "marketplace.kratix.io";
export const requestVersion = "v1";
export const requestKind = "Postgresql";

const { size, version, storageGB, instances } = specSchema.properties;

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
    namespace: {
      type: "string",
      minLength: 1,
      maxLength: 63,
      pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
      description: "Namespace of the database in its destination. Default: that of the request.",
    },
    version,
    storageGB,
    instances,
  },
} as const satisfies Schema;

export type RequestSpec = FromSchema<typeof requestSpecSchema>;
