/** The CNPG Cluster of a claim: exactly the fields that we own, nothing that CNPG defaults by itself. */
import { belonging } from "../../claim/deletion";
import { databaseName, databaseOwner, externalCredentials, type Claim } from "../../claim/claim";
import { builtInClass, instancesOf, sizeOf, storageOf, type Class } from "../../claim/class";
import { apiVersionOf, type KubeObject, type Resource, refOf } from "../../kubernetes/objects";
import { isLess } from "../../kubernetes/quantity";
import type { Admitted, Surplus } from "../operator";
import { pooledEndpoint } from "./pooler";
import { pgHba } from "./pg-hba";

export const clusterResource = {
  group: "postgresql.cnpg.io",
  version: "v1",
  kind: "Cluster",
  plural: "clusters",
} as const satisfies Resource;

type Initdb = {
  readonly database: string;
  readonly owner: string;
  readonly secret?: { readonly name: string };
};

export type ClusterSpec = {
  readonly instances: number;
  readonly imageName: string;
  readonly imagePullSecrets?: readonly { readonly name: string }[];
  readonly enableSuperuserAccess: false;
  readonly bootstrap: { readonly initdb: Initdb };
  readonly storage: { readonly size: string; readonly storageClass?: string };
  readonly resources: {
    readonly requests: Readonly<Record<string, string>>;
    readonly limits: Readonly<Record<string, string>>;
  };
  readonly certificates?: {
    readonly serverAltDNSNames: readonly string[];
    /** Never written: someone has given the Cluster a certificate of their own. */
    readonly serverTLSSecret?: string;
  };
  readonly affinity?: {
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly tolerations?: readonly unknown[];
    readonly podAntiAffinityType?: string;
  };
  readonly postgresql?: {
    readonly synchronous?: Synchronous;
    readonly parameters?: Readonly<Record<string, string>>;
    readonly pg_hba?: readonly string[];
  };
};

/** https://cloudnative-pg.io/documentation/1.30/declarative_hibernation/ */
export const hibernation = "cnpg.io/hibernation";

/** https://cloudnative-pg.io/documentation/1.30/replication/#synchronous-replication */
type Synchronous = {
  readonly method: "any";
  readonly number: 1;
  readonly dataDurability: "preferred" | "required";
  readonly failoverQuorum?: true;
};

export type Cluster = KubeObject & { readonly spec: ClusterSpec };

/**
 * The Cluster of a claim that has its defaults and breaks no rule. Without `initdb.secret` unless the claim brings its credentials, so
 * that CNPG makes them; with an image always, since CNPG would take its newest default whatever the claim says.
 */
export function cluster(claim: Claim, chosen: Class, admitted: readonly Admitted[] = []): Cluster {
  const size = sizeOf(claim, chosen);
  const instances = instancesOf(claim, chosen);
  return {
    apiVersion: apiVersionOf(clusterResource),
    kind: clusterResource.kind,
    metadata: {
      ...refOf(claim),
      ...belonging(claim, chosen),
      ...hibernationMark(claim),
    },
    spec: {
      instances,
      imageName: `${chosen.image}:${claim.spec.version ?? chosen.versions.default}`,
      ...pullSecrets(chosen),
      enableSuperuserAccess: false,
      bootstrap: { initdb: initdb(claim) },
      storage: {
        size: storageOf(claim, chosen),
        ...(chosen.storageClassName === undefined ? {} : { storageClass: chosen.storageClassName }),
      },
      resources: {
        requests: { cpu: size.cpu.request, memory: size.memory.request },
        limits: { cpu: size.cpu.limit, memory: size.memory.limit },
      },
      ...placement(chosen),
      ...postgresql(claim, chosen, instances, admitted),
      ...certificates(claim, chosen),
    },
  };
}

/**
 * A Cluster keeps its StorageClass: CNPG 1.30 takes another one for volumes to come and leaves those that are there, so that the
 * instances of one database would lie in two (recordings, README). It keeps a volume that someone has made larger by hand: CNPG's
 * webhook refuses to shrink it. And CNPG refuses names for a certificate that is not its own
 * (https://cloudnative-pg.io/documentation/1.30/certificates/#user-provided-certificates-mode).
 */
export function retaining(desired: KubeObject, found: KubeObject): KubeObject {
  const { certificates: names, ...spec } = (desired as Cluster).spec;
  const { storage: live, certificates } = (found as Partial<Cluster>).spec ?? {};
  const { storageClass } = live ?? {};
  const size = surplus(found, desired)?.has ?? spec.storage.size;
  const storage = { size, ...(storageClass === undefined ? {} : { storageClass }) };
  const isOwn = certificates?.serverTLSSecret === undefined;
  const retained = { ...spec, storage, ...(names && isOwn ? { certificates: names } : {}) };
  return { ...desired, ...{ spec: retained } };
}

/** By how much the volumes of the Cluster are larger than the claim asks for. */
export function surplus(found: KubeObject, asked: KubeObject): Surplus | undefined {
  const { size: has } = (found as Partial<Cluster>).spec?.storage ?? {};
  const { size: wanted } = (asked as Cluster).spec.storage;
  return has !== undefined && isLess(wanted, has) ? { has, wanted } : undefined;
}

/**
 * Names that CNPG does not give the server's certificate by itself. PgBouncer shows the same certificate, which does not name the
 * pooler's Service (https://github.com/cloudnative-pg/cloudnative-pg/issues/2490). CNPG renews it, with the same key, when the
 * names change, and a reload takes it up (https://cloudnative-pg.io/documentation/1.30/certificates/#operator-managed-mode).
 */
function certificates(claim: Claim, chosen: Class): Pick<ClusterSpec, "certificates"> {
  const names = [...namesInDomain(claim, chosen), pooledEndpoint(claim, chosen) ?? []].flat();
  return names.length > 0 ? { certificates: { serverAltDNSNames: names } } : {};
}

/** The server's certificate has its names in the domain that CNPG is configured for; clients that check it need those of the class. */
function namesInDomain(claim: Claim, chosen: Class): readonly string[] {
  if (chosen.tls?.sslmode !== "verify-full") return [];
  return chosen.clusterDomain === builtInClass.clusterDomain ? [] : [endpoint(claim, chosen)];
}

/** PostgreSQL's major version of an image, by its tag: CNPG reads it there too. */
export function majorOf(imageName: string): number | undefined {
  const digits = /:(\d+)[^:/]*$/.exec(imageName)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Host name of the primary: https://cloudnative-pg.io/documentation/1.30/service_management/ */
export function endpoint(claim: Claim, { clusterDomain }: Class): string {
  const { name, namespace } = refOf(claim);
  return `${name}-rw.${namespace}.svc.${clusterDomain}`;
}

function initdb(claim: Claim): Initdb {
  const external = externalCredentials(claim);
  return {
    database: databaseName(claim),
    owner: databaseOwner(claim),
    ...(external ? { secret: { name: external.name } } : {}),
  };
}

export function databaseOf(database: KubeObject): string | undefined {
  return initdbIn(database)?.database;
}

export function ownerOf(database: KubeObject): string | undefined {
  return initdbIn(database)?.owner;
}

function initdbIn(database: KubeObject): Initdb | undefined {
  const { spec } = database as KubeObject & { readonly spec?: Partial<ClusterSpec> };
  return spec?.bootstrap?.initdb;
}

function pullSecrets({ imagePullSecrets }: Class): Pick<ClusterSpec, "imagePullSecrets"> {
  if (imagePullSecrets.length === 0) return {};
  return { imagePullSecrets: imagePullSecrets.map(name => ({ name })) };
}

/** CNPG 1.30 refuses as many synchronous replicas as there are instances: one alone has none to wait for. */
function replication({ durability }: Class, instances: number): ClusterSpec["postgresql"] {
  if (durability === undefined || instances < 2) return {};
  const synchronous: Synchronous = {
    method: "any",
    number: 1,
    dataDurability: durability,
    // Else a replica that lacks the last commits could become the primary: what was promised would be lost.
    ...(durability === "required" ? { failoverQuorum: true } : {}),
  };
  return { synchronous };
}

function postgresql(
  claim: Claim,
  chosen: Class,
  instances: number,
  admitted: readonly Admitted[],
): Pick<ClusterSpec, "postgresql"> {
  const { parameters = {}, share } = claim.spec;
  const owned = { database: databaseName(claim), role: databaseOwner(claim) };
  const asked = {
    ...replication(chosen, instances),
    ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
    ...(share && { pg_hba: pgHba(owned, admitted) }),
  };
  return Object.keys(asked).length > 0 ? { postgresql: asked } : {};
}

/** Where the claim says nothing the annotation is anyone's. */
function hibernationMark({ spec }: Claim): Pick<KubeObject["metadata"], "annotations"> {
  if (spec.hibernate === undefined) return {};
  return { annotations: { [hibernation]: spec.hibernate ? "on" : "off" } };
}

function placement({ nodeSelector, tolerations, spread }: Class): Pick<ClusterSpec, "affinity"> {
  const affinity = {
    ...(spread === undefined ? {} : { podAntiAffinityType: spread }),
    ...(Object.keys(nodeSelector).length > 0 ? { nodeSelector } : {}),
    ...(tolerations.length > 0 ? { tolerations } : {}),
  };
  return Object.keys(affinity).length > 0 ? { affinity } : {};
}
