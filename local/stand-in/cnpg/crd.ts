/**
 * A small CustomResourceDefinition of our own for Clusters, for control planes without CNPG: it types and bounds the
 * fields that claims use and keeps all others as they come.
 */
import { group, marks } from "./cluster";

export const crdName = `clusters.${group}`;

const text = { type: "string" };
const flag = { type: "boolean" };
const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const record = (properties: object): object => ({ ...open, properties });
const named = { ...record({ name: text }), required: ["name"] };

const initdb = record({ database: text, owner: text, secret: named });

const spec = record({
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
  postgresql: record({ parameters: { type: "object", additionalProperties: text } }),
  enableSuperuserAccess: flag,
  enablePDB: flag,
  logLevel: { ...text, enum: ["error", "warning", "info", "debug", "trace"] },
  primaryUpdateStrategy: { ...text, enum: ["unsupervised", "supervised"] },
  primaryUpdateMethod: { ...text, enum: ["switchover", "restart"] },
  managed: open,
  monitoring: open,
  inheritedMetadata: open,
});

const columns = [
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
  { name: "Instances", type: "integer", jsonPath: ".status.instances" },
  { name: "Ready", type: "integer", jsonPath: ".status.readyInstances" },
  { name: "Status", type: "string", jsonPath: ".status.phase" },
  { name: "Primary", type: "string", jsonPath: ".status.currentPrimary" },
];

/** The CustomResourceDefinition, marked as the stand-in's. */
export const crd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: crdName, annotations: { [marks.standIn]: "true" } },
  spec: {
    group,
    scope: "Namespaced",
    names: { kind: "Cluster", listKind: "ClusterList", plural: "clusters", singular: "cluster" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: columns,
        schema: {
          openAPIV3Schema: {
            type: "object",
            required: ["spec"],
            properties: { spec, status: open },
          },
        },
      },
    ],
  },
} as const;
