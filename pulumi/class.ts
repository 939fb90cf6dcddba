/** What a small company's platform offers, by five keys of Pulumi's configuration. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { builtInClass, type ClassSpec } from "../capabilities/claim/class";
import { annotations, classResource } from "../capabilities/claim/names";
import { quote } from "../capabilities/claim/schema";
import { gibibytesIn } from "../capabilities/claim/storage-size";
import { apiVersionOf } from "../capabilities/kubernetes/objects";
import { ConfigurationError } from "../sdk/errors";
import { typeOf } from "./package-name";

export type PostgresClassArgs = {
  /** Name of the class. Default: the resource's. */
  readonly name?: pulumi.Input<string>;
  /** Whether claims get it that name none. Default: false. */
  readonly isDefault?: pulumi.Input<boolean>;
  /** Where nightly dumps go, as `nas.home:/volume1/postgres`. Default: no backups. */
  readonly backupNfsPath?: pulumi.Input<string | undefined>;
  /** Default: 7. */
  readonly backupRetentionDays?: pulumi.Input<number | undefined>;
  /** StorageClass of the volumes. Default: longhorn. */
  readonly storageClass?: pulumi.Input<string | undefined>;
  /** PostgreSQL's major version where a claim names none. Default: 15. */
  readonly version?: pulumi.Input<string | undefined>;
  /** Whole GiB, where a claim asks for nothing. Default: 10Gi. */
  readonly defaultStorageSize?: pulumi.Input<string | undefined>;
};

type Offer = pulumi.Unwrap<PostgresClassArgs>;

/** A class of claims on CloudNativePG. */
export class PostgresClass extends pulumi.ComponentResource {
  readonly className: pulumi.Output<string>;

  constructor(name: string, args: PostgresClassArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super(typeOf(classResource.kind), name, {}, opts);
    const offer = pulumi.output(args);
    const made = new kubernetes.apiextensions.CustomResource(
      name,
      {
        apiVersion: apiVersionOf(classResource),
        kind: classResource.kind,
        metadata: offer.apply(asked => ({
          name: asked.name ?? name,
          annotations: asked.isDefault === true ? { [annotations.isDefaultClass]: "true" } : {},
        })),
        spec: offer.apply(classSpec),
      },
      { parent: this },
    );
    this.className = made.metadata.name;
    this.registerOutputs(this.outputs());
  }

  /** What the component's state says of it. */
  outputs(): Readonly<Record<string, pulumi.Output<unknown>>> {
    return { className: this.className };
  }
}

/**
 * The class by the keys `postgres_backup_nfs_path`, `postgres_backup_retention_days`, `postgres_storage_class`, `postgres_version` and
 * `postgres_default_storage_size` of the program's configuration.
 */
export function classFromConfig(
  name: string,
  config = new pulumi.Config(),
  opts?: pulumi.ComponentResourceOptions,
): PostgresClass {
  return new PostgresClass(
    name,
    {
      name,
      backupNfsPath: config.get("postgres_backup_nfs_path"),
      backupRetentionDays: config.getNumber("postgres_backup_retention_days"),
      storageClass: config.get("postgres_storage_class"),
      version: config.get("postgres_version"),
      defaultStorageSize: config.get("postgres_default_storage_size"),
    },
    opts,
  );
}

/** What the class offers. Throws ConfigurationError for what no class can say. */
export function classSpec(offer: Offer): ClassSpec {
  const { storageClass = "longhorn", version = "15" } = offer;
  const { allowed } = builtInClass.versions;
  const newer = allowed.filter(other => Number(other) > Number(version));
  return {
    backend: "cnpg",
    versions: { default: version, allowed: [version, ...newer] },
    storage: { defaultGB: storageIn(offer), storageClassName: storageClass },
    ...backupIn(offer),
  };
}

function storageIn({ defaultStorageSize = "10Gi" }: Offer): number {
  const found = gibibytesIn(defaultStorageSize);
  if (typeof found === "number") return found;
  throw new ConfigurationError(
    `defaultStorageSize is ${quote(defaultStorageSize)}, but must be ${found.mustBe}`,
  );
}

function backupIn({ backupNfsPath, backupRetentionDays = 7 }: Offer): Pick<ClassSpec, "backup"> {
  if (backupNfsPath === undefined) return {};
  const [, server, path] = /^([^:/]+):(\/.*)$/.exec(backupNfsPath) ?? [];
  if (server === undefined || path === undefined) {
    const example = quote("nas.home:/volume1/postgres");
    throw new ConfigurationError(
      `backupNfsPath is ${quote(backupNfsPath)}, but must be a server and a path, such as ${example}`,
    );
  }
  const nfs = { server, path };
  return { backup: { method: "dump", volume: { nfs }, retentionDays: backupRetentionDays } };
}
