/** The schema of PostgresClass: its type, the CRD and the checks are made of it. */
import { deletionPoliciesSchema } from "./deletion-schema";
import { builtInName, dnsSubdomain, extensionName, maxIdentifierLength, teamId } from "./names";
import type { CelRule, Schema } from "./schema";

/** Plain numbers, milli, binary and decimal suffixes: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const quantityPattern = "^[0-9]+(\\.[0-9]{1,3})?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$";

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const labelValue = "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$";
const labelName = { type: "string", minLength: 1, maxLength: 316 } as const;

const quantity = { type: "string", maxLength: 20, pattern: quantityPattern } as const;

/** https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-quantity-library */
const requestWithinLimit: CelRule = {
  rule: "!isQuantity(self.request) || !isQuantity(self.limit) || quantity(self.request).compareTo(quantity(self.limit)) <= 0",
  message: "the request must not be above the limit",
};

const amountSchema = {
  type: "object",
  description: "What an instance asks for and may use at most.",
  required: ["request", "limit"],
  "x-kubernetes-validations": [requestWithinLimit],
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
    key: {
      ...labelName,
      description: "Key of the taint. Without one, and with Exists, every taint is tolerated.",
    },
    operator: {
      type: "string",
      enum: ["Equal", "Exists"],
      description: "Equal (default): key and value. Exists: the key, whatever its value.",
    },
    value: {
      type: "string",
      minLength: 1,
      maxLength: 63,
      pattern: labelValue,
      description: "Value of the taint, with Equal.",
    },
    effect: {
      type: "string",
      enum: ["NoSchedule", "PreferNoSchedule", "NoExecute"],
      description: "Effect of the taint; none matches all.",
    },
    tolerationSeconds: {
      type: "integer",
      minimum: 0,
      description: "For how long, with effect NoExecute. Default: for ever.",
    },
  },
} as const satisfies Schema;

/** What `schedule.ts` looks at more closely. */
export const schedule = { type: "string", minLength: 9, maxLength: 100 } as const;

const major = { type: "string", maxLength: 3, pattern: "^[1-9][0-9]{0,2}$" } as const;

export const classSpecSchema = {
  type: "object",
  description: "What the claims of this class get. What is left out is as in the built-in class.",
  properties: {
    backend: {
      type: "string",
      enum: ["cnpg", "zalando"],
      description:
        "The operator that runs the databases: cnpg (CloudNativePG, default) or zalando (Zalando's postgres-operator). " +
        "It never changes: databases do not move from one to the other.",
    },
    zalando: {
      type: "object",
      description:
        "What Zalando's operator is configured to, with backend zalando. It decides on names, so it never changes.",
      properties: {
        teamId: {
          ...teamId,
          description: "Team of the databases, for claims that name none.",
        },
        clusterNamePrefix: {
          type: "string",
          enum: ["none", "team"],
          description:
            "How databases are called. none (default): like their claims. team: TEAM-CLAIM, where the operator has " +
            "enable_team_id_clustername_prefix.",
        },
        secretNameTemplate: {
          type: "string",
          minLength: 1,
          maxLength: 253,
          pattern: "^[-a-z0-9.{}]+$",
          description:
            "The operator's secret_name_template. Default: {username}.{cluster}.credentials.{tprkind}.{tprgroup}.",
        },
      },
    },
    versions: {
      type: "object",
      description: "PostgreSQL major versions.",
      required: ["default", "allowed"],
      "x-kubernetes-validations": [
        {
          rule: "self.default in self.allowed",
          message: "default must be one of allowed",
          fieldPath: ".default",
        },
      ],
      properties: {
        default: { ...major, description: "For claims that name none." },
        allowed: {
          type: "array",
          minItems: 1,
          maxItems: 20,
          description:
            "Those that a new claim may name, or an older one go up to. Databases of a version that is taken out stay as they are.",
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
    imagePullSecrets: {
      type: "array",
      maxItems: 10,
      description:
        "Names of Secrets for the image's registry. They must be in each namespace that has claims: pods see no others.",
      items: {
        type: "string",
        minLength: 1,
        maxLength: 253,
        pattern: dnsSubdomain,
        description: "Name of a Secret of type kubernetes.io/dockerconfigjson.",
      },
    },
    durability: {
      type: "string",
      enum: ["preferred", "required"],
      description:
        "Whether a commit waits until another instance has it too. preferred: as long as there is one. required: always, so that " +
        "writes wait while no replica is there; it takes 2 instances, and 3 to go on without one. Default: it does not wait.",
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
          pattern: dnsSubdomain,
          description:
            "StorageClass of new volumes. Default: the cluster's default. Databases that are there keep theirs.",
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
          additionalProperties: {
            type: "string",
            maxLength: 63,
            pattern: labelValue,
            description: "Value of the label.",
          },
        },
        spread: {
          type: "string",
          enum: ["preferred", "required"],
          description:
            "Whether the instances of a database must be on different nodes, or only are if it can be done. Default: preferred.",
        },
        tolerations: {
          type: "array",
          maxItems: 20,
          description: "Taints that do not keep the instances off a node.",
          items: tolerationSchema,
        },
      },
    },
    deletionPolicies: deletionPoliciesSchema,
    shared: {
      type: "object",
      description: "Bounds for PostgresDatabases in an instance of the class that shares itself.",
      properties: {
        maxDatabases: {
          type: "integer",
          minimum: 1,
          maximum: 500,
          description: "How many an instance holds. Default: 50.",
        },
        connectionLimit: {
          type: "integer",
          minimum: 1,
          maximum: 1000,
          description:
            "Most connections that one of them may have at once, and the default. Default: 20.",
        },
      },
    },
    extensions: {
      type: "object",
      description: "Extensions of databases.",
      required: ["allowed"],
      properties: {
        allowed: {
          type: "array",
          maxItems: 200,
          description:
            "Those that a claim may ask for; the image must have them. Default: those that PostgreSQL trusts every owner " +
            "of a database with, and vector.",
          items: {
            type: "string",
            minLength: 1,
            maxLength: maxIdentifierLength,
            pattern: extensionName,
            description: "Name of an extension, such as pg_trgm.",
          },
        },
      },
    },
    tls: {
      type: "object",
      description: "How clients are to connect. PostgreSQL itself speaks TLS in any case.",
      required: ["sslmode"],
      properties: {
        sslmode: {
          type: "string",
          enum: ["disable", "prefer", "require", "verify-ca", "verify-full"],
          description:
            "What the URIs of connection secrets say as sslmode. verify-ca and verify-full need `ca.crt` of the connection " +
            "secret. Default: nothing, and the client decides.",
        },
      },
    },
    backup: {
      type: "object",
      description:
        "Backups of the databases. Default: none. Those that are there stay where they are when this changes.",
      required: ["method"],
      properties: {
        method: {
          type: "string",
          enum: ["dump"],
          description:
            "How they are made. dump: by pg_dump, into a volume, with either operator; what was written since the last one is " +
            "lost with the database.",
        },
        volume: {
          type: "object",
          description:
            "Where dumps are kept, in the folder NAMESPACE/CLAIM: one of nfs and persistentVolumeClaim.",
          properties: {
            nfs: {
              type: "object",
              description:
                "A share that nodes can mount. Namespaces that enforce the PodSecurity profile restricted take " +
                "persistentVolumeClaim alone.",
              required: ["server", "path"],
              properties: {
                server: {
                  type: "string",
                  minLength: 1,
                  maxLength: 253,
                  pattern: "^[-A-Za-z0-9.:]+$",
                  description: "Name or address of the server, as nodes know it.",
                },
                path: {
                  type: "string",
                  minLength: 1,
                  maxLength: 1024,
                  pattern: "^/[^\\s]*$",
                  description:
                    "Path of the share. Whoever writes there without being root must be allowed to: mode 1777, or all_squash.",
                },
              },
            },
            persistentVolumeClaim: {
              type: "string",
              minLength: 1,
              maxLength: 253,
              pattern: dnsSubdomain,
              description:
                "Name of a PersistentVolumeClaim. There must be one in each namespace that has claims: pods see no others.",
            },
          },
        },
        schedule: {
          ...schedule,
          description:
            "When, for claims that do not say: five fields as in a CronJob, in UTC. Default: once a night between 1 and 5, at a " +
            "time of its own for each claim.",
        },
        retentionDays: {
          type: "integer",
          minimum: 1,
          maximum: 3650,
          description:
            "For how many days a backup is kept, for claims that do not say. The newest always is. Default: 7.",
        },
        maxRetentionDays: {
          type: "integer",
          minimum: 1,
          maximum: 3650,
          description: "How long a claim may ask for. Default: retentionDays.",
        },
        required: {
          type: "boolean",
          description:
            "Whether a claim cannot do without: it is not Ready while its backups fail, and may neither turn them off nor keep them " +
            "for less than retentionDays. Default: false.",
        },
        image: {
          type: "string",
          minLength: 1,
          maxLength: 500,
          description:
            "Image with PostgreSQL's client programs, without a tag; the version becomes the tag. Default: image of this class.",
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
      minProperties: 1,
      description: "What small, medium and large mean. A size that is left out is not offered.",
      properties: { small: sizeSchema, medium: sizeSchema, large: sizeSchema },
    },
  },
} as const satisfies Schema;

export const classStatusSchema = {
  type: "object",
  description: "What the class comes to, written by the module alone, some seconds after a change.",
  properties: {
    observedGeneration: {
      type: "integer",
      description: "The generation of the class that this status describes.",
    },
    backend: { type: "string", description: "The operator, be it named here or built in." },
    defaultVersion: {
      type: "string",
      description: "PostgreSQL major for claims that name none, be it named here or built in.",
    },
    claims: { type: "integer", description: "How many claims name this class." },
  },
} as const satisfies Schema;

/** As a class that names none is read. */
const backend = (self: string): string =>
  `(has(${self}.spec) && has(${self}.spec.backend) ? ${self}.spec.backend : 'cnpg')`;

/** The name means the built-in class: claims that were made where there was no other are bound to it for good. */
export const classRules: readonly CelRule[] = [
  {
    rule: `self.metadata.name != '${builtInName}'`,
    message: `metadata.name must not be ${builtInName}: that is the class where there is no other, and its claims would change`,
  },
  {
    rule: `${backend("self")} == ${backend("oldSelf")}`,
    message: "spec.backend is immutable: databases do not move from one operator to another",
  },
  {
    rule: "(has(self.spec) && has(self.spec.zalando)) == (has(oldSelf.spec) && has(oldSelf.spec.zalando)) && (!has(self.spec) || !has(self.spec.zalando) || self.spec.zalando == oldSelf.spec.zalando)",
    message: "spec.zalando is immutable: the names of databases and Secrets are made of it",
  },
];
