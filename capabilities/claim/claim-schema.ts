/** The schemas of PostgresInstance: types, CRD and the checks of admission are made of them. */
import { deletionPolicySchema, deletionProtectionSchema } from "./deletion-schema";
import {
  backupNamePattern,
  mostBackupsNamed,
  dnsSubdomain,
  extensionName,
  identifier,
  maxIdentifierLength,
  namespaceName,
  teamId,
} from "./names";
import { accessSchema, accessStatusSchema } from "./access-schema";
import { schedule } from "./class-schema";
import type { Schema } from "./schema";

const time = { type: "string", format: "date-time" } as const;

const secretName = { type: "string", minLength: 1, maxLength: 253 } as const;

export const connectionRefSchema = {
  type: "object",
  description:
    "The Secret to write endpoint, port, username, password, database and ready-made URIs to. The module creates it, " +
    "follows the password, and removes it with the claim.",
  required: ["name"],
  properties: {
    name: {
      ...secretName,
      pattern: dnsSubdomain,
      description: "Name of the Secret. It must not exist yet, nor be one of the operator's own.",
    },
    namespace: {
      ...namespaceName,
      description:
        "Namespace of the Secret. Default: the claim's. Another one needs the right to create and update Secrets there.",
    },
  },
} as const satisfies Schema;

export const shareSchema = {
  type: "object",
  description:
    "Lets PostgresDatabases have a database each in this instance: `share: {}` those of its own namespace. Each gets a role that " +
    "reaches no other's database. Once given it stays; whom it names may change.",
  properties: {
    namespaces: {
      type: "array",
      maxItems: 100,
      description: 'Other namespaces whose PostgresDatabases it serves; "*" stands for all.',
      items: {
        type: "string",
        minLength: 1,
        maxLength: 63,
        pattern: "^([*]|[a-z0-9]([-a-z0-9]*[a-z0-9])?)$",
        description: "Name of a namespace, or *.",
      },
    },
    selector: {
      type: "object",
      description: "Serves every namespace that has all of these labels as well.",
      required: ["matchLabels"],
      properties: {
        matchLabels: {
          type: "object",
          maxProperties: 10,
          description: "Labels and their values.",
          additionalProperties: {
            type: "string",
            maxLength: 63,
            description: "Value of the label.",
          },
        },
      },
    },
  },
} as const satisfies Schema;

const identifierSchema = {
  type: "string",
  minLength: 1,
  maxLength: maxIdentifierLength,
  pattern: identifier,
} as const;

export const connectionSecretNameSchema = {
  ...secretName,
  pattern: dnsSubdomain,
  description: "Short for writeConnectionSecretToRef with this name in the claim's own namespace.",
} as const satisfies Schema;

export const extensionSchema = {
  type: "object",
  description: "An extension of the database.",
  required: ["name"],
  properties: {
    name: {
      type: "string",
      minLength: 1,
      maxLength: maxIdentifierLength,
      pattern: extensionName,
      description: "Name of the extension, such as pg_trgm. The class has a list of those allowed.",
    },
    version: {
      type: "string",
      minLength: 1,
      maxLength: 20,
      pattern: "^[0-9A-Za-z][0-9A-Za-z._-]*$",
      description:
        'Version to install or to update to, in quotes, such as "1.6". Default: the newest of the image, and no update later.',
    },
    ensure: {
      type: "string",
      enum: ["present", "absent"],
      description:
        "Whether it is to be there: present installs it, absent drops it unless something in the database uses it. Default: present.",
    },
  },
} as const satisfies Schema;

export const extensionsSchema = {
  type: "array",
  maxItems: 50,
  description:
    "Extensions of the database. One that is taken out of the list stays installed; `ensure: absent` drops it.",
  items: extensionSchema,
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["name"],
} as const satisfies Schema;

/** What a claim of any kind chooses of its backups. */
export const backupSchema = {
  type: "object",
  description:
    "What of the class's backups is to be otherwise for this database. Where the class makes backups, every claim has them.",
  properties: {
    enabled: {
      type: "boolean",
      description:
        "Whether backups are made. false makes no new ones; those that are there stay. Default: true.",
    },
    schedule: {
      ...schedule,
      description:
        'When: five fields as in a CronJob, in UTC, such as "30 2 * * *", hourly at most. Default: the class\'s.',
    },
    retentionDays: {
      type: "integer",
      minimum: 1,
      maximum: 3650,
      description:
        "For how many days a backup is kept; the newest always is. Default: the class's, which also has a maximum.",
    },
  },
} as const satisfies Schema;

export const restoreSchema = {
  type: "object",
  description:
    "Puts the database back as it was in a backup of this claim's name, once for as long as this stays as it is; what is there " +
    "is backed up before. Name, endpoint, Secret and password stay. Take it out, and it can be asked for again.",
  required: ["from"],
  properties: {
    from: {
      type: "string",
      maxLength: 16,
      pattern: `^(latest|${backupNamePattern})$`,
      description:
        'The backup\'s name, such as "20261130T023000Z" (status.backup.available has them), or latest.',
    },
  },
} as const satisfies Schema;

export const specSchema = {
  type: "object",
  description: "What is asked for. Every field has a default; `spec: {}` is a valid claim.",
  properties: {
    size: {
      type: "string",
      enum: ["small", "medium", "large"],
      default: "small",
      description:
        "How much cpu, memory and how many instances: small, medium or large, as the class defines them. Default: small.",
    },
    version: {
      type: "string",
      maxLength: 3,
      pattern: "^[1-9][0-9]{0,2}$",
      description:
        'PostgreSQL major version, in quotes, such as "16". Default: the class\'s. It may go up (an upgrade with ' +
        "downtime), and down only to the version that the database still has, when an upgrade failed.",
    },
    storageGB: {
      type: "integer",
      minimum: 1,
      maximum: 65536,
      description:
        "Size of each instance's volume in GiB. Default: the class's (20). It may grow, never shrink.",
    },
    instances: {
      type: "integer",
      minimum: 1,
      maximum: 9,
      description:
        "Primary and replicas together, 1 to 9. Default: the class's for the size (1). More than 1 survives the loss " +
        "of a node.",
    },
    parameters: {
      type: "object",
      maxProperties: 50,
      description:
        "Settings of PostgreSQL, such as work_mem: 64MB. Those that tune a database can be made; what CloudNativePG decides on " +
        "or turns durability off is refused. Some take a restart, which CloudNativePG does by itself.",
      additionalProperties: {
        type: "string",
        minLength: 1,
        maxLength: 100,
        pattern: "^[^'\"\\\\\\n\\r]*$",
        description: 'Value of the setting, in quotes, such as "64MB", "30s" or "on".',
      },
    },
    hibernate: {
      type: "boolean",
      description:
        "Whether the database sleeps: true stops all instances, volumes and Secrets stay; false wakes it up.",
    },
    className: {
      type: "string",
      minLength: 1,
      maxLength: 253,
      pattern: dnsSubdomain,
      description:
        "The PostgresClass that the platform team offers. Default: the class marked as default, else `built-in`. " +
        "Immutable.",
    },
    teamId: {
      ...teamId,
      description:
        "Team of the database, where the class is of Zalando's operator. Default: the class's. Immutable.",
    },
    databaseName: {
      ...identifierSchema,
      description: "Name of the database. Default: the claim's name with - as _. Immutable.",
    },
    databaseOwner: {
      ...identifierSchema,
      description:
        "Role that owns the database and logs in. Default: the username in the Secret that credentialsSecretName " +
        "names, else the claim's name with - as _. Immutable.",
    },
    credentialsSecretName: {
      ...secretName,
      pattern: dnsSubdomain,
      description:
        "A Secret of type kubernetes.io/basic-auth in the claim's namespace with the owner's username and password, for " +
        "those who bring their own. Default: none, and the operator makes the credentials. It is only read, may come " +
        'after the claim, and is followed if it is labelled cnpg.io/reload: "true". Another one may be named later; one ' +
        "cannot be added or dropped.",
    },
    extensions: extensionsSchema,
    pooler: {
      type: "object",
      description:
        "A connection pooler (PgBouncer) before the primary, for many short connections. The connection secret then has " +
        "pooled-endpoint, pooled-uri and pooled-jdbc-uri. `pooler: {}` is enough.",
      properties: {
        instances: {
          type: "integer",
          minimum: 1,
          maximum: 9,
          description: "How many poolers, 1 to 9. Default: 1.",
        },
        mode: {
          type: "string",
          enum: ["session", "transaction"],
          description:
            "When a connection to the database is given back: at the end of the client's session, or of each transaction, " +
            "which serves more clients, but keeps nothing in a session. Default: session.",
        },
      },
    },
    monitoring: {
      type: "boolean",
      description:
        "Whether a PodMonitor has Prometheus read the metrics of the database. Needs the Prometheus operator. Default: false.",
    },
    backup: backupSchema,
    restore: restoreSchema,
    deletionPolicy: deletionPolicySchema,
    deletionProtection: deletionProtectionSchema,
    share: shareSchema,
    access: accessSchema,
    connectionSecretName: connectionSecretNameSchema,
    writeConnectionSecretToRef: connectionRefSchema,
  },
} as const satisfies Schema;

export const conditionSchema = {
  type: "object",
  description: "One aspect of the claim: whether it holds, and if not, why and what to do.",
  required: ["type", "status", "reason", "message", "lastTransitionTime"],
  properties: {
    type: {
      type: "string",
      description:
        "Ready, DatabaseReady, ConnectionSecretReady; where the claim asks for them, ExtensionsReady, PoolerReady, MonitoringReady, " +
        "AccessReady and Restored; where its class makes backups, BackupHealthy; while it is not Ready, Reconciling or Stalled, as kstatus " +
        "has them.",
    },
    status: {
      type: "string",
      enum: ["True", "False", "Unknown"],
      description: "True, False or Unknown.",
    },
    reason: { type: "string", description: "One word for programs; README explains each." },
    message: { type: "string", description: "What a person should know and do." },
    observedGeneration: {
      type: "integer",
      description: "The generation of the claim that this was said of.",
    },
    lastTransitionTime: {
      type: "string",
      format: "date-time",
      description: "When `status` last changed.",
    },
  },
} as const satisfies Schema;

export const statusSchema = {
  type: "object",
  description: "What has become of the claim. Written by the module alone; never holds a password.",
  // For kstatus a claim of which nothing is said yet would be done: Flux would go on at once.
  default: { observedGeneration: -1 },
  properties: {
    observedGeneration: {
      type: "integer",
      description: "The generation of the claim that this status describes.",
    },
    phase: {
      type: "string",
      enum: ["Pending", "Provisioning", "Ready", "Failed", "Deleting"],
      description: "The conditions in one word, for people.",
    },
    instances: {
      type: "integer",
      description: "Primary and replicas that are wanted: the claim's, else the class's.",
    },
    readyInstances: { type: "integer", description: "How many of them are ready." },
    primary: { type: "string", description: "Pod of the instance that takes writes now." },
    version: {
      type: "string",
      description:
        "PostgreSQL major version of the data: the old one during an upgrade, and after one that failed.",
    },
    endpoint: {
      type: "string",
      description: "Host name of the primary; resolves from every namespace of the cluster.",
    },
    binding: {
      type: "object",
      description:
        "Service Binding: the Secret in the claim's namespace to bind to (https://servicebinding.io/spec/core/1.1.0/).",
      required: ["name"],
      properties: { name: { type: "string", description: "Name of that Secret." } },
    },
    connectionSecretRef: {
      type: "object",
      description: "The connection secret that the module wrote for this claim.",
      required: ["name", "namespace", "uid"],
      properties: {
        name: { type: "string", description: "Name of the Secret." },
        namespace: { type: "string", description: "Namespace of the Secret." },
        uid: {
          type: "string",
          description: "Uid of the Secret: proves that it is the one that the module made.",
        },
      },
    },
    backup: {
      type: "object",
      description: "The claim's backups, where its class makes some.",
      properties: {
        place: {
          type: "string",
          description: "Where they are; they stay there when the claim is deleted.",
        },
        schedule: { type: "string", description: "When they are made, in UTC." },
        since: { ...time, description: "Since when they are made by this schedule." },
        next: { ...time, description: "When the next one is due." },
        lastSuccess: {
          type: "object",
          description: "The newest that was made, and could be read.",
          required: ["time", "job"],
          properties: {
            time: { ...time, description: "When it was done." },
            job: { type: "string", description: "Name of the Job that made it." },
            name: { type: "string", description: "Its name, for spec.restore." },
            bytes: { type: "integer", description: "Size of the dump." },
          },
        },
        lastFailure: {
          type: "object",
          description: "The newest that failed, and why.",
          required: ["time", "job", "message"],
          properties: {
            time: { ...time, description: "When it failed." },
            job: { type: "string", description: "Name of the Job that failed." },
            message: { type: "string", description: "Why, in the words of who knows." },
          },
        },
        available: {
          type: "array",
          maxItems: mostBackupsNamed,
          description: `Names of the backups that were there after the last one, the newest first, ${mostBackupsNamed} at most.`,
          items: { type: "string", description: "Name of a backup, for spec.restore." },
        },
      },
    },
    restore: {
      type: "object",
      description: "What became of spec.restore; it goes with that.",
      required: ["from", "state"],
      properties: {
        from: { type: "string", description: "What was asked for." },
        state: {
          type: "string",
          enum: ["Running", "Succeeded", "Failed"],
          description: "Running, Succeeded or Failed.",
        },
        restored: { type: "string", description: "The backup that was put back." },
        safety: {
          type: "string",
          description: "The backup that was made of what was there before.",
        },
        message: { type: "string", description: "Why it failed." },
      },
    },
    access: accessStatusSchema,
    conditions: {
      type: "array",
      description:
        "Ready, and what it is made of: DatabaseReady, ConnectionSecretReady, and one for each optional object asked for.",
      items: conditionSchema,
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["type"],
    },
  },
} as const satisfies Schema;
