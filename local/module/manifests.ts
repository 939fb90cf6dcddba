// What `pepr build` generated: read as it is, and changed in two places so that the API server finds the pods played here.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

/** Which half of the module a Deployment runs. */
export type Role = "admission" | "watcher";

/** A generated Deployment, as far as it is used. */
export interface Deployment {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly replicas: number; readonly template: { readonly spec: PodSpec } };
}

/** The pods of a Deployment, as far as they are played. */
export interface PodSpec {
  readonly serviceAccountName: string;
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly Container[];
  readonly volumes: readonly { readonly name: string; readonly secret: { secretName: string } }[];
}

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

/** Where the API server calls a webhook, and whom it trusts there. */
export interface WebhookClient {
  caBundle: string;
  service: { name: string; namespace: string; port?: number };
}

/** A generated object. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** The generated objects, and those among them that matter here. */
export interface Manifests {
  readonly objects: readonly Manifest[];
  readonly deployments: Readonly<Record<Role, Deployment | undefined>>;
  readonly webhookConfigurations: readonly Manifest[];
  /** The Secrets with the certificate and the path under which the webhooks are served. */
  readonly certificates: readonly Manifest[];
}

/** Path of the manifests that `pepr build` generates in a project. */
export function manifestsFile(project: string): string {
  const text = readFileSync(join(project, "package.json"), "utf8");
  const { pepr } = JSON.parse(text) as { pepr: { uuid: string } };
  return join(project, "dist", `pepr-module-${pepr.uuid}.yaml`);
}

/**
 * The generated manifests with the admission webhooks led to a port of this machine, in the two places that it takes:
 * their Service gets the type ExternalName, so that the API server dials the address given there (and still asks for the
 * Service's own name in the certificate), and the webhooks name the port.
 */
export function readManifests(project: string, port: number): Manifests {
  const documents = parseAllDocuments(readFileSync(manifestsFile(project), "utf8"));
  const generated = documents.map(document => document.toJS() as Manifest);
  const webhooks = generated.flatMap(webhookClients);
  for (const { service } of webhooks) service.port = port;
  const called = new Set(webhooks.map(({ service }) => service.name));
  const objects = generated.map(object =>
    object.kind === "Service" && called.has(object.metadata.name)
      ? { ...object, spec: { type: "ExternalName", externalName: "127.0.0.1" } }
      : object,
  );
  return {
    objects,
    webhookConfigurations: objects.filter(object => webhookClients(object).length > 0),
    certificates: objects.filter(
      ({ kind, metadata }) => kind === "Secret" && /-(tls|api-path)$/.test(metadata.name),
    ),
    deployments: byRole(objects),
  };
}

function webhookClients(object: Manifest): WebhookClient[] {
  const { webhooks = [] } = object as { webhooks?: { clientConfig: WebhookClient }[] };
  return webhooks.map(webhook => webhook.clientConfig);
}

function byRole(objects: readonly Manifest[]): Record<Role, Deployment | undefined> {
  const deployments = objects.filter(
    (object): object is Manifest & Deployment => object.kind === "Deployment",
  );
  const of = (role: Role): Deployment | undefined =>
    deployments.find(({ metadata }) => metadata.labels["pepr.dev/controller"] === role);
  return { admission: of("admission"), watcher: of("watcher") };
}
