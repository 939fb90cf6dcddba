/**
 * What the module may do in a cluster, each rule with its reason: `npm run docs` writes `pepr.rbac` of package.json and the table in
 * SECURITY.md from it. A right that is not here is one that a thief of the module's token does not have.
 */

/** As a ClusterRole has it: https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
export type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** Where only objects of these names are meant. */
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
};

export type Right = Rule & {
  /** What the module does by it. */
  readonly why: string;
};

export const rights: readonly Right[] = [
  {
    apiGroups: ["database.bizmatters.io"],
    resources: ["postgresinstances", "postgresdatabases"],
    verbs: ["get", "list", "watch", "patch"],
    why: "Follows claims; patches only their finalizer.",
  },
  {
    apiGroups: ["database.bizmatters.io"],
    resources: ["postgresinstances/status", "postgresdatabases/status"],
    verbs: ["patch"],
    why: "Tells how a claim is.",
  },
  {
    apiGroups: ["database.bizmatters.io"],
    resources: ["postgresinstances/finalizers", "postgresdatabases/finalizers"],
    verbs: ["update"],
    why: "Owns a claim's objects: an API server with `OwnerReferencesPermissionEnforcement` asks for it.",
  },
  {
    apiGroups: ["database.bizmatters.io"],
    resources: ["postgresclasses"],
    verbs: ["get", "list", "watch"],
    why: "Follows classes, and never changes one.",
  },
  {
    apiGroups: ["database.bizmatters.io"],
    resources: ["postgresclasses/status"],
    verbs: ["patch"],
    why: "Tells how many claims a class has.",
  },
  {
    apiGroups: ["postgresql.cnpg.io"],
    resources: ["clusters"],
    verbs: ["get", "list", "watch", "create", "patch", "delete"],
    why: "Makes the databases of claims; deletes one only to make it anew where it never came up.",
  },
  {
    apiGroups: ["postgresql.cnpg.io"],
    resources: ["databases", "poolers"],
    verbs: ["get", "list", "watch", "create", "patch", "delete"],
    why: "Installs extensions, runs poolers, and makes databases in shared instances; deletes what is given up, which leaves extensions and data.",
  },
  {
    apiGroups: ["postgresql.cnpg.io"],
    resources: ["databaseroles"],
    verbs: ["get", "list", "watch", "create", "patch", "delete"],
    why: "Makes the roles of `spec.access` and of databases in shared instances, and nobody else should: who may write one can be superuser there.",
  },
  {
    apiGroups: ["acid.zalan.do"],
    resources: ["postgresqls"],
    verbs: ["get", "list", "watch", "create", "patch", "delete"],
    why: "Makes the databases of claims whose class is Zalando's; deletes none, but where OwnerReferencesPermissionEnforcement is on only who may delete an object may change its owner, as `deletionPolicy` does.",
  },
  {
    apiGroups: ["apps"],
    resources: ["statefulsets"],
    verbs: ["list", "watch"],
    why: "Knows whether the instances of Zalando's operator are ready, which its status does not say.",
  },
  {
    apiGroups: [""],
    resources: ["endpoints"],
    verbs: ["get"],
    why: "Knows whether a database of Zalando's operator has a primary.",
  },
  {
    apiGroups: ["monitoring.coreos.com"],
    resources: ["podmonitors"],
    verbs: ["get", "list", "watch", "create", "patch", "delete"],
    why: "Has databases monitored, where the Prometheus operator is there.",
  },
  {
    apiGroups: [""],
    resources: ["secrets"],
    verbs: ["get", "list", "watch", "create", "patch", "delete"],
    why: "Reads credentials and writes connection Secrets, in any namespace: RBAC cannot select by label.",
  },
  {
    apiGroups: [""],
    resources: ["namespaces"],
    verbs: ["get", "list", "watch"],
    why: "Reads whose connections a namespace accepts.",
  },
  {
    apiGroups: [""],
    resources: ["events"],
    verbs: ["list", "create"],
    why: "Tells people what happened to a claim; lists them to find out why a database does not start.",
  },
  {
    apiGroups: [""],
    resources: ["pods", "persistentvolumeclaims"],
    verbs: ["list"],
    why: "Finds out why a database does not start.",
  },
  {
    apiGroups: ["batch"],
    resources: ["cronjobs"],
    verbs: ["get", "list", "watch", "create", "patch", "delete"],
    why: "Makes backups of databases whose class asks for them.",
  },
  {
    apiGroups: ["batch"],
    resources: ["jobs"],
    verbs: ["get", "list", "watch", "create", "delete"],
    why: "Puts backups back, grants the rights of `spec.access`, and hears how it went; finds out why a database does not start, and deletes a Job of an earlier definition that keeps it from ever coming up.",
  },
  {
    apiGroups: ["apiextensions.k8s.io"],
    resources: ["customresourcedefinitions"],
    verbs: ["list", "watch"],
    why: "Hears when a kind that it watches is installed.",
  },
  {
    apiGroups: ["admissionregistration.k8s.io"],
    resources: ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
    resourceNames: ["pepr-zero-touch-postgres"],
    verbs: ["get", "list", "watch", "patch"],
    why: "Keeps its own entry, by which one build takes over from another without a gap.",
  },
  {
    apiGroups: ["authorization.k8s.io"],
    resources: ["subjectaccessreviews"],
    verbs: ["create"],
    why: "Asks what the author of a claim may do.",
  },
  {
    apiGroups: ["pepr.dev"],
    resources: ["peprstores"],
    verbs: ["list"],
    why: "Pepr 1.1.4 lists its store before it watches it, and does not grant itself that.",
  },
];

/** Pepr 1.1.4 adds these to the ClusterRole by itself. */
export const rightsOfPepr: readonly Right[] = [
  {
    apiGroups: ["apiextensions.k8s.io"],
    resources: ["customresourcedefinitions"],
    verbs: ["patch", "create"],
    why: "Registers its own definitions, and the module by the same right those of claims and classes.",
  },
  {
    apiGroups: ["pepr.dev"],
    resources: ["peprstores"],
    verbs: ["create", "get", "patch", "watch"],
    why: "Keeps its store.",
  },
];

/** What Kubernetes is told: a ClusterRole has no reasons. */
export function ruleOf({ apiGroups, resources, resourceNames, verbs }: Right): Rule {
  return { apiGroups, resources, ...(resourceNames && { resourceNames }), verbs };
}
