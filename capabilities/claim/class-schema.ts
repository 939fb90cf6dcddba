/** The schema of PostgresClass: its type, the CRD and the checks are made of it. */
import type { Schema } from "./schema";

/** Plain numbers, milli, binary and decimal suffixes: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const quantityPattern = "^[0-9]+(\\.[0-9]{1,3})?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$";

const quantity = { type: "string", maxLength: 20, pattern: quantityPattern } as const;

const amountSchema = {
  type: "object",
  description: "What an instance asks for and may use at most.",
  required: ["request", "limit"],
  properties: {
    request: { ...quantity, description: "What is kept free for it, such as 250m or 256Mi." },
    limit: { ...quantity, description: "What it may use at most, such as 1000m or 1Gi." },
  },
} as const satisfies Schema;

export const sizeSchema = {
  type: "object",
  description: "What a claim of this size gets.",
  required: ["cpu", "memory"],
  properties: {
    instances: {
      type: "integer",
      minimum: 1,
      maximum: 9,
      description: "Primary and replicas together. Default: 1.",
    },
    storageGB: {
      type: "integer",
      minimum: 1,
      maximum: 65536,
      description: "Volume of each instance in GiB. Default: storage.defaultGB.",
    },
    cpu: amountSchema,
    memory: amountSchema,
  },
} as const satisfies Schema;

export const tolerationSchema = {
  type: "object",
  description: "As in a pod: a taint that the instances tolerate.",
  properties: {
    key: { type: "string", description: "Key of the taint; none matches all." },
    operator: { type: "string", description: "Equal or Exists.", enum: ["Equal", "Exists"] },
    value: { type: "string", description: "Value of the taint, with Equal." },
    effect: {
      type: "string",
      enum: ["NoSchedule", "PreferNoSchedule", "NoExecute"],
      description: "Effect of the taint; none matches all.",
    },
    tolerationSeconds: { type: "integer", description: "For how long, with NoExecute." },
  },
} as const satisfies Schema;

const major = { type: "string", maxLength: 3, pattern: "^[1-9][0-9]{0,2}$" } as const;

export const classSpecSchema = {
  type: "object",
  description: "What the claims of this class get. What is left out is as in the built-in class.",
  properties: {
    backend: {
      type: "string",
      enum: ["cnpg"],
      description: "The operator that runs the databases: cnpg (CloudNativePG).",
    },
    versions: {
      type: "object",
      description: "PostgreSQL major versions.",
      required: ["default", "allowed"],
      properties: {
        default: { ...major, description: "For claims that name none." },
        allowed: {
          type: "array",
          maxItems: 20,
          description: "Those that a claim may name.",
          items: { ...major, description: 'A major version, such as "16".' },
        },
      },
    },
    image: {
      type: "string",
      minLength: 1,
      maxLength: 500,
      description:
        "Image of PostgreSQL without a tag; the version becomes the tag. A private registry goes here.",
    },
    storage: {
      type: "object",
      description: "Volumes.",
      properties: {
        defaultGB: {
          type: "integer",
          minimum: 1,
          maximum: 65536,
          description: "GiB for claims that name none. Default: 20.",
        },
        storageClassName: {
          type: "string",
          minLength: 1,
          maxLength: 253,
          description: "StorageClass of the volumes. Default: the cluster's default.",
        },
      },
    },
    placement: {
      type: "object",
      description: "On which nodes the instances run.",
      properties: {
        nodeSelector: {
          type: "object",
          maxProperties: 20,
          description: "Labels that a node must have.",
          additionalProperties: { type: "string", description: "Value of the label." },
        },
        tolerations: {
          type: "array",
          maxItems: 20,
          description: "Taints that do not keep the instances off a node.",
          items: tolerationSchema,
        },
      },
    },
    clusterDomain: {
      type: "string",
      minLength: 1,
      maxLength: 253,
      description: "DNS domain of the Kubernetes cluster. Default: cluster.local.",
    },
    sizes: {
      type: "object",
      description: "What small, medium and large mean. A size that is left out is not offered.",
      properties: { small: sizeSchema, medium: sizeSchema, large: sizeSchema },
    },
  },
} as const satisfies Schema;
