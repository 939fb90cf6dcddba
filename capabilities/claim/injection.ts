/** How a workload asks for the environment of databases: the words of its pods, whoever fills them. */
import { fieldOf } from "../kubernetes/record";
import { group } from "./names";

/** On a namespace whose workloads may ask for it. */
export const namespaceLabel = `${group}/inject`;
/** On a pod template: names of claims, with commas between; `claim=secret` where the connection Secret is not `{claim}-connection`. */
export const askedAnnotation = `${group}/inject`;
/** On a pod, once it is done. */
export const doneAnnotation = `${group}/injected`;

/** A pod has no more databases than that: CEL has no loop over what it does not know. */
export const mostClaims = 5;

export const optedIn = { matchLabels: { [namespaceLabel]: "true" } };

export const podsMade = {
  apiGroups: [""],
  apiVersions: ["v1"],
  operations: ["CREATE"],
  resources: ["pods"],
};

/** CEL: the annotations of a pod that is made. */
export const podAnnotations = "object.metadata.annotations";

/** CEL: whether a pod asks, and was not served before. */
export const asksForDatabases = {
  name: "asks-for-databases",
  expression: `has(${podAnnotations}) && '${askedAnnotation}' in ${podAnnotations} && !('${doneAnnotation}' in ${podAnnotations})`,
};

/** Where the API server tells whether it fills pods by itself. */
export const policiesPath = "/apis/admissionregistration.k8s.io/v1";

/** Whether it does, by its answer there: Kubernetes 1.36 and later. */
export function servesPolicies(served: unknown): boolean {
  const resources = fieldOf(served, "resources");
  const named = (one: unknown): boolean => fieldOf(one, "name") === "mutatingadmissionpolicies";
  return Array.isArray(resources) && resources.some(named);
}
