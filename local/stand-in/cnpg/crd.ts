/**
 * Small CustomResourceDefinitions of our own for CNPG's kinds, for control planes without CNPG: they type and bound the
 * fields that claims use and keep all others as they come.
 */
import { definition, flag, open, record, text } from "../definition";
import { group } from "./cluster";

/** Of the Clusters. */
export const crdName = `clusters.${group}`;

const named = { ...record({ name: text }), required: ["name"] };

const initdb = record({ database: text, owner: text, secret: named });

const ensureWord = { ...text, enum: ["present", "absent"], default: "present" };
const immutable = { rule: "self == oldSelf", message: "name is immutable" };

const clusterSpec = record({
  instances: { type: "integer", minimum: 1, default: 1 },
  imageName: text,
  storage: record({ size: text, storageClass: text, resizeInUseVolumes: flag }),
  bootstrap: record({ initdb, recovery: open, pg_basebackup: open }),
  resources: record({ requests: open, limits: open }),
  affinity: record({
    nodeSelector: { type: "object", additionalProperties: text },
    tolerations: { type: "array", items: open },
    podAntiAffinityType: text,
  }),
  postgresql: record({
    parameters: { type: "object", additionalProperties: text },
    pg_hba: { type: "array", items: text },
  }),
  enableSuperuserAccess: flag,
  enablePDB: flag,
  logLevel: { ...text, enum: ["error", "warning", "info", "debug", "trace"] },
  primaryUpdateStrategy: { ...text, enum: ["unsupervised", "supervised"] },
  primaryUpdateMethod: { ...text, enum: ["switchover", "restart"] },
  managed: open,
  monitoring: open,
  inheritedMetadata: open,
});

const clusterColumns = [
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
  { name: "Instances", type: "integer", jsonPath: ".status.instances" },
  { name: "Ready", type: "integer", jsonPath: ".status.readyInstances" },
  { name: "Status", type: "string", jsonPath: ".status.phase" },
  { name: "Primary", type: "string", jsonPath: ".status.currentPrimary" },
];

const extension = record({ name: text, version: text, ensure: ensureWord });

const reclaimPolicy = { ...text, enum: ["delete", "retain"], default: "retain" };

const databaseSpec = {
  ...record({
    cluster: named,
    name: { ...text, "x-kubernetes-validations": [immutable] },
    owner: text,
    ensure: ensureWord,
    databaseReclaimPolicy: reclaimPolicy,
    extensions: { type: "array", items: { ...extension, required: ["name"] } },
  }),
  required: ["cluster", "name", "owner"],
};

const databaseColumns = [
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
  { name: "Cluster", type: "string", jsonPath: ".spec.cluster.name" },
  { name: "PG Name", type: "string", jsonPath: ".spec.name" },
  { name: "Applied", type: "boolean", jsonPath: ".status.applied" },
  { name: "Message", type: "string", jsonPath: ".status.message" },
];

const roleSpec = {
  ...record({
    cluster: named,
    name: { ...text, "x-kubernetes-validations": [immutable] },
    ensure: { ...text, enum: ["present"], default: "present" },
    login: { ...flag, default: false },
    passwordSecret: named,
    disablePassword: flag,
    connectionLimit: { type: "integer", default: -1 },
    inRoles: { type: "array", items: text },
    inherit: { ...flag, default: true },
    databaseRoleReclaimPolicy: reclaimPolicy,
  }),
  required: ["cluster", "name"],
};

const poolerSpec = {
  ...record({
    cluster: named,
    type: { ...text, enum: ["rw", "ro", "r"], default: "rw" },
    instances: { type: "integer", default: 1 },
    pgbouncer: record({ poolMode: { ...text, enum: ["session", "transaction"] }, paused: flag }),
  }),
  required: ["cluster", "pgbouncer"],
};

const poolerColumns = [
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
  { name: "Cluster", type: "string", jsonPath: ".spec.cluster.name" },
  { name: "Type", type: "string", jsonPath: ".spec.type" },
];

export const definitions = [
  definition({
    group,
    kind: "Cluster",
    plural: "clusters",
    spec: clusterSpec,
    columns: clusterColumns,
  }),
  definition({
    group,
    kind: "Database",
    plural: "databases",
    spec: databaseSpec,
    columns: databaseColumns,
  }),
  definition({
    group,
    kind: "DatabaseRole",
    plural: "databaseroles",
    spec: roleSpec,
    columns: databaseColumns,
  }),
  definition({
    group,
    kind: "Pooler",
    plural: "poolers",
    spec: poolerSpec,
    columns: poolerColumns,
  }),
] as const;
