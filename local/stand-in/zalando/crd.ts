/** A small CustomResourceDefinition for `postgresql`, for control planes without Zalando's operator. */
import { definition, open, record, text } from "../definition";
import { group } from "./postgresql";

const version = { ...text, enum: ["14", "15", "16", "17", "18"] };

const spec = {
  ...record({
    teamId: text,
    numberOfInstances: { type: "integer", minimum: 0 },
    postgresql: {
      ...record({ version, parameters: { type: "object", additionalProperties: text } }),
      required: ["version"],
    },
    volume: { ...record({ size: text, storageClass: text }), required: ["size"] },
    users: { type: "object", additionalProperties: { type: "array", items: text } },
    databases: { type: "object", additionalProperties: text },
    resources: open,
  }),
  required: ["teamId", "numberOfInstances", "postgresql", "volume"],
};

const columns = [
  { name: "Team", type: "string", jsonPath: ".spec.teamId" },
  { name: "Version", type: "string", jsonPath: ".spec.postgresql.version" },
  { name: "Status", type: "string", jsonPath: ".status.PostgresClusterStatus" },
];

export const definitions = [
  definition({ group, kind: "postgresql", plural: "postgresqls", spec, columns }),
] as const;
