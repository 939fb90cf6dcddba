/** A cluster against which nothing can be said, as it is read: so that what is changed is what is told. */
import { definitions } from "../../../capabilities/crd/crd";
import type { PostgresClass } from "../../../capabilities/claim/class";
import { deploying, granting } from "../../../cli/check/rights";
import { makeAuthority } from "../../../local/stand-in/certificate";
import type {
  Act,
  Answered,
  Definition,
  Deployment,
  Seen,
  StorageClass,
  Surveyed,
  WebhookConfiguration,
} from "../../../cli/check/surveyed";

export const now = new Date("2026-12-01T12:00:00Z");

export function seen<T>(value: T): Seen<T> {
  return { value };
}

export const absent = { value: undefined } as const;
export const unknown = { unknown: "you may not look" } as const;

export function deployment(
  name: string,
  image: string,
  { available = 1, labels = {} }: { available?: number; labels?: Record<string, string> } = {},
): Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "operators", labels },
    spec: { template: { spec: { containers: [{ image }] } } },
    status: { availableReplicas: available },
  };
}

export function storageClass(name: string, more: Partial<StorageClass> = {}): StorageClass {
  const metadata = { name, ...more.metadata };
  return { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", ...more, metadata };
}

const isDefaultStorage = { "storageclass.kubernetes.io/is-default-class": "true" };

export function defaultStorage(
  name: string,
  creationTimestamp = "2026-01-01T00:00:00Z",
): StorageClass {
  const metadata = { name, annotations: isDefaultStorage, creationTimestamp };
  return storageClass(name, { metadata, allowVolumeExpansion: true });
}

export function postgresClass(
  name: string,
  spec: PostgresClass["spec"] = {},
  isDefault = false,
): PostgresClass {
  const annotations = isDefault ? { "database.bizmatters.io/is-default-class": "true" } : {};
  return {
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name, annotations },
    spec,
  };
}

/** In ms: for so long CNPG's authorities are good, and those that play them. */
const validity = 90 * 24 * 60 * 60 * 1000;

/** A certificate that ends then, as PEM. */
export function certificateUntil(end: Date): string {
  return makeAuthority("anybody", new Date(end.getTime() - validity)).certificate;
}

export function webhook(
  certificates: readonly string[],
  name = "admission.database.bizmatters.io",
): WebhookConfiguration {
  const caBundle = Buffer.from(certificates.join("")).toString("base64");
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: "pepr-zero-touch-postgres" },
    webhooks: [{ name, clientConfig: { caBundle } }],
  };
}

/** A definition by its name alone, of an operator. */
export function definition(name: string): Definition {
  const metadata = { name };
  return { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata };
}

export function answered(acts: readonly Act[], allowed: Seen<boolean>): readonly Answered[] {
  return acts.map(act => ({ act, allowed }));
}

const nextYear = webhook([certificateUntil(new Date("2027-06-01T00:00:00Z"))]);

export const goodCluster: Surveyed = {
  now,
  kubernetes: "v1.36.3",
  policies: seen(true),
  definitions: {
    ...Object.fromEntries(definitions.map(one => [one.metadata.name, seen<Definition>(one)])),
    "clusters.postgresql.cnpg.io": seen(definition("clusters.postgresql.cnpg.io")),
    "postgresqls.acid.zalan.do": absent,
    "postgresqls.marketplace.kratix.io": absent,
  },
  operators: {
    cnpg: seen([deployment("cnpg", "ghcr.io/cloudnative-pg/cloudnative-pg:1.30.0")]),
    zalando: seen([]),
  },
  module: {
    admission: seen(deployment("pepr-zero-touch-postgres", "pepr", { available: 2 })),
    watcher: seen(deployment("pepr-zero-touch-postgres-watcher", "pepr")),
  },
  webhooks: [seen(nextYear), seen(nextYear)],
  storageClasses: seen([defaultStorage("standard")]),
  classes: seen([postgresClass("zero-touch", {}, true)]),
  rights: {
    deploying: answered(deploying, seen(true)),
    granting: answered(granting, seen(true)),
    granted: [],
  },
  trial: { outcome: "made", claim: { spec: { version: "16" } } },
};
