/** What was read of a cluster, as the checks are given it. Fields that a check does not ask for stay unread. */
import type { Class, PostgresClass } from "../../capabilities/claim/class";
import type { KubeObject } from "../../capabilities/kubernetes/objects";

/** What a look gave: undefined where there is no such thing; or why nobody can tell. */
export type Seen<T> = { readonly value: T | undefined } | { readonly unknown: string };

export type Backend = Class["backend"];

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/ */
export type Deployment = KubeObject & {
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: {
      readonly spec?: { readonly containers?: readonly { readonly image?: string }[] };
    };
  };
  readonly status?: { readonly availableReplicas?: number };
};

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/storage-class-v1/ */
export type StorageClass = KubeObject & { readonly allowVolumeExpansion?: boolean };

/** A CustomResourceDefinition: what is in its spec is looked at field by field. */
export type Definition = KubeObject & { readonly spec?: unknown };

export type WebhookConfiguration = KubeObject & {
  readonly webhooks?: readonly {
    readonly name: string;
    readonly clientConfig?: { readonly caBundle?: string };
  }[];
};

/** What somebody may want to do: https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/ */
export type Act = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly name?: string;
  readonly namespace?: string;
};

export type Answered = { readonly act: Act; readonly allowed: Seen<boolean> };

/** What came of a claim that was made without being stored. */
export type Trial =
  | { readonly outcome: "made"; readonly claim: unknown }
  | { readonly outcome: "not served" }
  /** The caller may not make claims, or not there. */
  | { readonly outcome: "forbidden"; readonly message: string }
  | { readonly outcome: "failed"; readonly message: string };

export type Surveyed = {
  readonly now: Date;
  /** As the API server says it: `v1.36.3`. */
  readonly kubernetes: string;
  /** Whether MutatingAdmissionPolicies are served. */
  readonly policies: Seen<boolean>;
  /** By the names of the definitions. */
  readonly definitions: Readonly<Record<string, Seen<Definition>>>;
  readonly operators: Readonly<Record<Backend, Seen<readonly Deployment[]>>>;
  readonly module: Readonly<Record<"admission" | "watcher", Seen<Deployment>>>;
  readonly webhooks: readonly Seen<WebhookConfiguration>[];
  readonly storageClasses: Seen<readonly StorageClass[]>;
  readonly classes: Seen<readonly PostgresClass[]>;
  readonly rights: Rights;
  readonly trial: Trial;
};

export type Rights = {
  /** What `npx pepr deploy` does. */
  readonly deploying: readonly Answered[];
  /** What lets somebody grant what they do not have. */
  readonly granting: readonly Answered[];
  /** What is to be granted, each asked for where `granting` is not allowed. */
  readonly granted: readonly Answered[];
};

/** The thing, where it is known to be there. */
export function seenValue<T>(seen: Seen<T> | undefined): T | undefined {
  return seen && "value" in seen ? seen.value : undefined;
}

/** Why nobody can tell; undefined where it is known. */
export function whyUnknown<T>(seen: Seen<T> | undefined): string | undefined {
  if (seen === undefined) return "nobody has looked";
  return "unknown" in seen ? seen.unknown : undefined;
}
