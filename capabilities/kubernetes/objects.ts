/** The few Kubernetes shapes that the rooms use; everything else of an object stays unread. */

/** A namespaced reference; `namespace` is absent for cluster-scoped objects. */
export type Ref = { readonly name: string; readonly namespace: string };

export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
};

export type ObjectMeta = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
};

export type KubeObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
};

/** `data` is base64, as the API server has it. */
export type Secret = KubeObject & {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
};

/** https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.36/#condition-v1-meta */
export type Condition = {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
};

/** What identifies a kind to the API server. */
export type Resource = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
};

/** `group/version` as objects carry it; the core group has no name. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === "" ? version : `${group}/${version}`;
}

export const namespaceResource = {
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
} as const satisfies Resource;

export const secretResource = {
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
} as const satisfies Resource;

export function keyOf(ref: Ref): string {
  return `${ref.namespace}/${ref.name}`;
}

export function refOf(object: KubeObject): Ref {
  return { name: object.metadata.name, namespace: object.metadata.namespace ?? "" };
}

export function isSameRef(a: Ref, b: Ref): boolean {
  return a.name === b.name && a.namespace === b.namespace;
}
