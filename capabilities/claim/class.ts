/** What a platform team offers: its types, the built-in class, and the choice of a claim's class and size. */
import type { Claim, Size } from "./claim";
import type {
  classSpecSchema,
  classStatusSchema,
  sizeSchema,
  tolerationSchema,
} from "./class-schema";
import { builtInExtensions } from "./extensions";
import { given } from "../kubernetes/given";
import type { KubeObject } from "../kubernetes/objects";
import { annotations, builtInName } from "./names";
import type { FromSchema } from "./schema";

export type ClassSpec = FromSchema<typeof classSpecSchema>;
export type SizeSpec = FromSchema<typeof sizeSchema>;
export type Toleration = FromSchema<typeof tolerationSchema>;
export type ClassStatus = FromSchema<typeof classStatusSchema>;
export type PostgresClass = KubeObject & {
  readonly spec?: ClassSpec;
  readonly status?: ClassStatus;
};

export type DeletionPolicy = NonNullable<NonNullable<ClassSpec["deletionPolicies"]>["default"]>;

/** A class with nothing left open. */
export type Class = {
  readonly name: string;
  readonly backend: NonNullable<ClassSpec["backend"]>;
  readonly versions: { readonly default: string; readonly allowed: readonly string[] };
  readonly image: string;
  readonly imagePullSecrets: readonly string[];
  readonly durability: ClassSpec["durability"];
  readonly defaultGB: number;
  readonly storageClassName: string | undefined;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly spread: NonNullable<ClassSpec["placement"]>["spread"];
  readonly allowedExtensions: readonly string[];
  readonly tls: ClassSpec["tls"];
  readonly zalando: NonNullable<ClassSpec["zalando"]>;
  readonly clusterDomain: string;
  readonly backup: ClassSpec["backup"];
  readonly shared: { readonly maxDatabases: number; readonly connectionLimit: number };
  readonly deletionPolicies: {
    readonly default: DeletionPolicy;
    readonly allowed: readonly DeletionPolicy[];
  };
  readonly sizes: Readonly<Partial<Record<Size, SizeSpec>>>;
};

/** The majors that still get fixes (`endOfLife`). Others are there for a class that asks for them. */
const supportedVersions = ["15", "16", "17", "18"] as const;

/** What applies where no PostgresClass does; a claim works with it in any cluster. */
export const builtInClass: Class = {
  name: builtInName,
  backend: "cnpg",
  versions: { default: "16", allowed: supportedVersions },
  image: "ghcr.io/cloudnative-pg/postgresql",
  imagePullSecrets: [],
  durability: undefined,
  defaultGB: 20,
  storageClassName: undefined,
  nodeSelector: {},
  tolerations: [],
  spread: undefined,
  allowedExtensions: builtInExtensions,
  tls: undefined,
  zalando: {},
  clusterDomain: "cluster.local",
  backup: undefined,
  // CNPG reconciles each database by itself; five roles leave PostgreSQL's 100 connections whole.
  shared: { maxDatabases: 50, connectionLimit: 20 },
  deletionPolicies: { default: "Delete", allowed: ["Delete", "Retain"] },
  sizes: {
    small: {
      instances: 1,
      cpu: { request: "250m", limit: "1000m" },
      memory: { request: "256Mi", limit: "1Gi" },
    },
    medium: {
      instances: 1,
      cpu: { request: "500m", limit: "2000m" },
      memory: { request: "512Mi", limit: "2Gi" },
    },
    large: {
      instances: 1,
      cpu: { request: "1000m", limit: "4000m" },
      memory: { request: "1Gi", limit: "4Gi" },
    },
  },
};

/** A PostgresClass with what it leaves out filled in from the built-in class. */
export function completeClass({ metadata, spec = {} }: PostgresClass): Class {
  const {
    storage = {},
    placement = {},
    extensions,
    shared = {},
    deletionPolicies = {},
    ...rest
  } = spec;
  return {
    ...builtInClass,
    ...given(rest),
    ...given(storage),
    ...given(placement),
    ...given({ allowedExtensions: extensions?.allowed }),
    shared: { ...builtInClass.shared, ...given(shared) },
    deletionPolicies: { ...builtInClass.deletionPolicies, ...given(deletionPolicies) },
    name: metadata.name,
  };
}

export function isMarkedDefault({ metadata }: PostgresClass): boolean {
  return metadata.annotations?.[annotations.isDefaultClass] === "true";
}

/** The default class: of several the newest, as with StorageClasses; of two made in one second the first by name. */
export function defaultClass(classes: readonly PostgresClass[]): PostgresClass | undefined {
  const age = (candidate: PostgresClass): string => candidate.metadata.creationTimestamp ?? "";
  return classes
    .filter(isMarkedDefault)
    .sort(
      (a, b) => age(b).localeCompare(age(a)) || a.metadata.name.localeCompare(b.metadata.name),
    )[0];
}

/** Primary and replicas together, of a claim whose size the class offers. */
export function instancesOf({ spec }: Claim, { sizes }: Class): number {
  return spec.instances ?? sizes[spec.size ?? "small"]?.instances ?? 1;
}

/** What a claim of this size gets. Throws where the class does not offer the size: the rules see to that. */
export function sizeOf({ spec: { size = "small" } }: Claim, { name, sizes }: Class): SizeSpec {
  const found = sizes[size];
  if (!found) throw new Error(`class ${name} has no size ${size}: the rules were not asked`);
  return found;
}

/** The volume of each instance, as Kubernetes writes it. */
export function storageOf(claim: Claim, chosen: Class): string {
  return `${claim.spec.storageGB ?? sizeOf(claim, chosen).storageGB ?? chosen.defaultGB}Gi`;
}

/**
 * The class that a claim names, or the default; undefined when it names one that is not there. `built-in` is never looked for:
 * an object of this name would change the claims that were made where there was no class.
 */
export function classOf(claim: Claim, classes: readonly PostgresClass[]): Class | undefined {
  const { className } = claim.spec;
  if (className === builtInName) return builtInClass;
  const chosen =
    className === undefined
      ? defaultClass(classes)
      : classes.find(candidate => candidate.metadata.name === className);
  if (chosen) return completeClass(chosen);
  return className === undefined ? builtInClass : undefined;
}

/** The claims that the class of this name decides on: those that name it, and those that name none if it is the default. */
export function claimsOfClass(
  name: string,
  claims: readonly Claim[],
  classes: readonly PostgresClass[],
): readonly Claim[] {
  const fallback = defaultClass(classes)?.metadata.name;
  return claims.filter(
    ({ metadata, spec }) =>
      metadata.deletionTimestamp === undefined && (spec.className ?? fallback) === name,
  );
}
