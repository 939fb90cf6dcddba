/** What the stand-in reads of a Cluster: the fields that claims use, with CNPG's meaning where one is absent. */
import type { KubeObject, ObjectMeta } from "../../../capabilities/kubernetes/objects";
import { marks as commonMarks } from "../marks";

export const group = "postgresql.cnpg.io";
export const apiVersion = `${group}/v1`;
/** The release that is imitated. */
export const operatorVersion = "1.30.0";
const defaultImage = "ghcr.io/cloudnative-pg/postgresql:18.4-system-trixie";

/** Marks of this stand-in besides those that all have. */
export const marks = {
  ...commonMarks,
  /** Size of the volume, which CNPG would find in the PersistentVolumeClaim. */
  storage: "stand-in.zero-touch-postgres/storage",
  /** Asked for by a test: whatever major upgrade comes, it fails. Nothing here would make pg_upgrade fail. */
  failsUpgrade: "stand-in.zero-touch-postgres/fails-upgrade",
} as const;

export type Phase =
  | "Setting up primary"
  | "Waiting for the instances to become active"
  | "Upgrading Postgres major version"
  | "Invalid cluster definition"
  | "Cluster in healthy state";

export type Condition = {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
};

export type ImageInfo = { readonly image: string; readonly majorVersion: number };

export type ClusterStatus = {
  readonly phase?: Phase;
  readonly phaseReason?: string;
  readonly conditions?: readonly Condition[];
  readonly readyInstances?: number;
  readonly currentPrimary?: string;
  readonly currentPrimaryTimestamp?: string;
  readonly targetPrimaryTimestamp?: string;
  readonly pgDataImageInfo?: ImageInfo;
  readonly targetPgDataImageInfo?: ImageInfo;
  /** What the stand-in writes for others to read, and never reads itself. */
  readonly [field: string]: unknown;
};

export type Initdb = {
  readonly database?: string;
  readonly owner?: string;
  readonly secret?: { readonly name: string };
};

export type ClusterSpec = {
  readonly instances?: number;
  readonly imageName?: string;
  readonly storage?: { readonly size?: string; readonly storageClass?: string };
  readonly resources?: object;
  readonly affinity?: {
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly tolerations?: readonly object[];
  };
  readonly bootstrap?: { readonly initdb?: Initdb };
  readonly certificates?: { readonly serverAltDNSNames?: readonly string[] };
  readonly postgresql?: { readonly parameters?: object; readonly pg_hba?: readonly string[] };
};

export type Cluster = KubeObject & {
  readonly metadata: ObjectMeta & { readonly uid: string; readonly namespace: string };
  readonly spec: ClusterSpec;
  readonly status?: ClusterStatus;
};

/** `namespace/name`, by which all that happens to an object is kept in order. */
export function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

export function databaseOf({ spec }: Cluster): string {
  return spec.bootstrap?.initdb?.database ?? "app";
}

export function ownerOf(cluster: Cluster): string {
  return cluster.spec.bootstrap?.initdb?.owner ?? databaseOf(cluster);
}

/**
 * Who is let in, as CNPG writes it: its own roles, the lines of the Cluster, then everybody (recordings, 39). CNPG's superuser comes by a
 * socket, the stand-in's by the network.
 */
export function admissionLines({ spec }: Cluster): readonly string[] {
  const own = "host all postgres 127.0.0.1/32 scram-sha-256";
  return [own, ...(spec.postgresql?.pg_hba ?? []), "host all all all scram-sha-256"];
}

/** The secret that the Cluster was given; CNPG makes none of its own then. */
export function givenSecret({ spec }: Cluster): string | undefined {
  return spec.bootstrap?.initdb?.secret?.name;
}

/** Name of the secret with the owner's password: the one given, or CNPG's own. */
export function credentialsName(cluster: Cluster): string {
  return givenSecret(cluster) ?? `${cluster.metadata.name}-app`;
}

export function imageOf({ spec }: Cluster): string {
  return spec.imageName ?? defaultImage;
}

/** The tag of an image: `latest` when there is none, nothing when only a digest is given. */
export function tagOf(image: string): string | undefined {
  const [named = "", digest] = image.split("@");
  const tag = /:([^:/]+)$/.exec(named)?.[1];
  return tag ?? (digest === undefined ? "latest" : undefined);
}

/** PostgreSQL's major version by the image's tag; undefined when the tag does not begin with a number. */
export function majorOf(image: string): number | undefined {
  const digits = /^\d+/.exec(tagOf(image) ?? "")?.[0];
  return digits === undefined ? undefined : Number(digits);
}

export function imageInfo(image: string): ImageInfo {
  return { image, majorVersion: majorOf(image) ?? 0 };
}

/** Names of the instances, the primary first. */
export function instanceNames({ metadata, spec }: Cluster): readonly string[] {
  return Array.from({ length: spec.instances ?? 1 }, (_, index) => `${metadata.name}-${index + 1}`);
}

/** Whether a major upgrade fails. */
export function isDoomed({ metadata }: Cluster): boolean {
  return metadata.annotations?.[marks.failsUpgrade] === "true";
}

export function isHibernated({ metadata }: Cluster): boolean {
  return metadata.annotations?.["cnpg.io/hibernation"] === "on";
}
