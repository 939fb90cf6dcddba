/** The `postgresql` of a claim: exactly the fields that we own. https://postgres-operator.readthedocs.io/en/latest/reference/cluster_manifest/ */
import { belonging } from "../../claim/deletion";
import { databaseName, databaseOwner, type Claim } from "../../claim/claim";
import { instancesOf, sizeOf, storageOf, type Class } from "../../claim/class";
import { apiVersionOf, refOf, type KubeObject } from "../../kubernetes/objects";
import { isLess } from "../../kubernetes/quantity";
import type { Surplus } from "../operator";
import { clusterName, clusterRef, postgresqlResource, teamOf } from "./names";

type Amounts = { readonly cpu: string; readonly memory: string };

export type PostgresqlSpec = {
  readonly teamId: string;
  readonly numberOfInstances: number;
  readonly postgresql: {
    readonly version: string;
    readonly parameters?: Readonly<Record<string, string>>;
  };
  readonly volume: { readonly size: string; readonly storageClass?: string };
  readonly resources: { readonly requests: Amounts; readonly limits: Amounts };
  /** Flags by role. */
  readonly users: Readonly<Record<string, readonly string[]>>;
  /** Owners by database. */
  readonly databases: Readonly<Record<string, string>>;
  readonly patroni?: {
    readonly synchronous_mode: true;
    readonly synchronous_mode_strict?: true;
  };
  readonly nodeAffinity?: object;
  readonly tolerations?: readonly unknown[];
};

export type Postgresql = KubeObject & { readonly spec: PostgresqlSpec };

/**
 * The object of a claim that has its defaults and breaks no rule. The owner is its only role: a second one could not even read what
 * the owner makes (recordings, 02-create), so that the application logs in as the owner, as with CloudNativePG.
 */
export function postgresql(claim: Claim, chosen: Class): Postgresql {
  const { cpu, memory } = sizeOf(claim, chosen);
  const owner = databaseOwner(claim);
  return {
    apiVersion: apiVersionOf(postgresqlResource),
    kind: postgresqlResource.kind,
    metadata: {
      ...clusterRef(claim, chosen),
      ...belonging(claim, chosen),
    },
    spec: {
      teamId: teamOf(claim, chosen) ?? "",
      numberOfInstances: instancesOf(claim, chosen),
      postgresql: versionAndParameters(claim, chosen),
      volume: {
        size: storageOf(claim, chosen),
        ...(chosen.storageClassName === undefined ? {} : { storageClass: chosen.storageClassName }),
      },
      resources: {
        requests: { cpu: cpu.request, memory: memory.request },
        limits: { cpu: cpu.limit, memory: memory.limit },
      },
      users: { [owner]: [] },
      databases: { [databaseName(claim)]: owner },
      ...replication(chosen, instancesOf(claim, chosen)),
      ...placement(chosen),
    },
  };
}

function versionAndParameters(
  { spec: { version, parameters = {} } }: Claim,
  chosen: Class,
): PostgresqlSpec["postgresql"] {
  return {
    version: version ?? chosen.versions.default,
    ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
  };
}

/** https://patroni.readthedocs.io/en/latest/replication_modes.html#synchronous-mode: without a replica there is none to wait for. */
function replication({ durability }: Class, instances: number): Pick<PostgresqlSpec, "patroni"> {
  if (durability === undefined || instances < 2) return {};
  const strict = durability === "required" ? { synchronous_mode_strict: true as const } : {};
  return { patroni: { synchronous_mode: true, ...strict } };
}

/** Zalando's operator has no nodeSelector; an affinity that must hold is the same. */
function placement({
  nodeSelector,
  tolerations,
}: Class): Pick<PostgresqlSpec, "nodeAffinity" | "tolerations"> {
  const matchExpressions = Object.entries(nodeSelector).map(([key, value]) => ({
    key,
    operator: "In",
    values: [value],
  }));
  return {
    ...(matchExpressions.length > 0
      ? {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions }],
            },
          },
        }
      : {}),
    ...(tolerations.length > 0 ? { tolerations } : {}),
  };
}

/**
 * Volumes keep their StorageClass and never shrink, which the operator takes and tells nobody (recordings, 04-changes). The version stays:
 * see `upgradesMajors` in `facts.ts`. Roles and databases that the operator has made stay too: it drops neither.
 */
export function retaining(desired: KubeObject, found: KubeObject): KubeObject {
  const { spec } = desired as Postgresql;
  const live = (found as Partial<Postgresql>).spec;
  if (!live) return desired;
  const { storageClass } = live.volume;
  const volume = {
    size: surplus(found, desired)?.has ?? spec.volume.size,
    ...(storageClass === undefined ? {} : { storageClass }),
  };
  const versioned = { ...spec.postgresql, version: live.postgresql.version };
  return { ...desired, ...{ spec: { ...spec, volume, postgresql: versioned } } };
}

/** By how much the volumes of the database are larger than the claim asks for. */
export function surplus(found: KubeObject, asked: KubeObject): Surplus | undefined {
  const { size: has } = (found as Partial<Postgresql>).spec?.volume ?? {};
  const { size: wanted } = (asked as Postgresql).spec.volume;
  return has !== undefined && isLess(wanted, has) ? { has, wanted } : undefined;
}

/** The first one: the module asks for no other. */
export function databaseOf(database: KubeObject): string | undefined {
  return Object.keys((database as Partial<Postgresql>).spec?.databases ?? {})[0];
}

/** The role that owns the first database. */
export function ownerOf(database: KubeObject): string | undefined {
  return Object.values((database as Partial<Postgresql>).spec?.databases ?? {})[0];
}

/** Host name of the primary: Patroni keeps the Service's endpoints on it. */
export function endpoint(claim: Claim, chosen: Class): string {
  return `${clusterName(claim, chosen)}.${refOf(claim).namespace}.svc.${chosen.clusterDomain}`;
}
