/**
 * What people may do with claims and classes, as ClusterRoles that Kubernetes adds to its own `view`, `edit` and `admin`:
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles. Whoever has one of those in a namespace has
 * these rights there without another binding. The module itself has no right to write them, and is not to have it: who may write a
 * ClusterRole that is added to `view` may hand on all that they may read themselves, which here is every Secret.
 */
import { classResource, claimResources, group } from "../../capabilities/claim/names";
import type { Rule } from "../../capabilities/rights";

export type ClusterRole = {
  readonly apiVersion: "rbac.authorization.k8s.io/v1";
  readonly kind: "ClusterRole";
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly rules: readonly Rule[];
};

type Role = "view" | "edit" | "admin";

/** Added to `view` it tells only those who have that in the whole cluster: classes are in no namespace. All others are bound to it. */
export const classReaders = "zero-touch-postgres-classes";

const claims = claimResources.map(({ plural }) => plural);
const reading = ["get", "list", "watch"] as const;
/** A claim's status is the module's alone to write. */
const writing = ["create", "update", "patch", "delete", "deletecollection"] as const;

/** Of each role all those above it are named too, for clusters that have taken their own from each other. */
function addedTo(...roles: readonly Role[]): Readonly<Record<string, string>> {
  const labels = roles.map(role => [`rbac.authorization.k8s.io/aggregate-to-${role}`, "true"]);
  return Object.fromEntries(labels) as Readonly<Record<string, string>>;
}

/** By it the runtime of Service Binding finds what it may read: https://servicebinding.io/spec/core/1.1.0/#considerations-for-role-based-access-control-rbac */
const forServiceBinding = { "servicebinding.io/controller": "true" } as const;

function clusterRole(
  name: string,
  labels: Readonly<Record<string, string>>,
  resources: readonly string[],
  verbs: readonly string[],
): ClusterRole {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name, labels },
    rules: [{ apiGroups: [group], resources, verbs }],
  };
}

/** All of them. No role that is added to another's has a right to write classes. */
export function teamRoles(): readonly ClusterRole[] {
  return [
    clusterRole("zero-touch-postgres-view", addedTo("view", "edit", "admin"), claims, reading),
    clusterRole("zero-touch-postgres-edit", addedTo("edit", "admin"), claims, writing),
    clusterRole(classReaders, addedTo("view", "edit", "admin"), [classResource.plural], reading),
    clusterRole("zero-touch-postgres-service-binding", forServiceBinding, claims, reading),
  ];
}
