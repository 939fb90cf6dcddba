/**
 * Environment for workloads that name claims in an annotation: a MutatingAdmissionPolicy, which the API server carries out itself, so
 * that nothing of the module is in the way of a workload.
 * https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
 */
import { variables } from "../../capabilities/claim/environment";
import {
  podAnnotations,
  askedAnnotation,
  asksForDatabases,
  doneAnnotation,
  mostClaims,
  optedIn,
  podsMade,
} from "../../capabilities/claim/injection";
import { group } from "../../capabilities/claim/names";
import type { KubeObject } from "../../capabilities/kubernetes/objects";

const name = `inject-databases.${group}`;

/** CEL: the variables of the claim at this place in the list, those of the first without a prefix (`prefixOf`). Empty where there is none. */
function wantedOf(index: number): string {
  const entry = `variables.asked[${index}]`;
  const claim = `${entry}.split('=')[0]`;
  const secret = `(${entry}.contains('=') ? ${entry}.split('=')[1] : ${claim} + '-connection')`;
  const prefix =
    index === 0 ? "" : `${claim}.replace('-', '_').replace('.', '_').upperAscii() + '_' + `;
  const entries = Object.entries(variables).map(
    ([variable, key]) => `{'name': ${prefix}'${variable}', 'key': '${key}', 'secret': ${secret}}`,
  );
  return `(variables.asked.size() > ${index} ? [${entries.join(", ")}] : [])`;
}

/**
 * CEL: a patch for every container of the list, with what it has not got yet before its own, which may so refer to it. Its place is
 * found by `indexOf`: no two containers are alike.
 */
function containerPatches(field: "containers" | "initContainers"): string {
  const list = `object.spec.${field}`;
  const entry =
    "{'name': dyn(wanted.name), 'valueFrom': dyn({'secretKeyRef': {'name': wanted.secret, 'key': wanted.key}})}";
  const isNew = "!has(container.env) || !container.env.exists(own, own.name == wanted.name)";
  const added = `variables.wanted.filter(wanted, ${isNew}).map(wanted, ${entry})`;
  const value = `dyn(${added}) + (has(container.env) ? dyn(container.env) : dyn([]))`;
  const path = `'/spec/${field}/' + string(${list}.indexOf(container)) + '/env'`;
  return `${list}.map(container, JSONPatch{op: 'add', path: ${path}, value: ${value}})`;
}

const guard = `[JSONPatch{op: 'add', path: '/metadata/annotations/' + jsonpatch.escapeKey('${doneAnnotation}'), value: object.metadata.annotations['${askedAnnotation}']}]`;

const patches = `${guard} + ${containerPatches("containers")} + (has(object.spec.initContainers) ? ${containerPatches("initContainers")} : [])`;

/** For pods that are made in namespaces with the label. Where it cannot be carried out the pod is made without. */
export function injectionManifests(): readonly KubeObject[] {
  const policy = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingAdmissionPolicy",
    metadata: { name },
    spec: {
      failurePolicy: "Ignore",
      reinvocationPolicy: "IfNeeded",
      matchConstraints: { resourceRules: [podsMade] },
      matchConditions: [asksForDatabases],
      variables: [
        {
          name: "asked",
          expression: `${podAnnotations}['${askedAnnotation}'].split(',').map(entry, entry.trim()).filter(entry, entry != '')`,
        },
        {
          name: "wanted",
          expression: Array.from({ length: mostClaims }, (_unused, index) => wantedOf(index)).join(
            " + ",
          ),
        },
      ],
      // An apply configuration may not hold a secretKeyRef: its fields go together.
      mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: patches } }],
    },
  };
  const binding = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingAdmissionPolicyBinding",
    metadata: { name },
    spec: {
      policyName: name,
      matchResources: { namespaceSelector: optedIn },
    },
  };
  return [policy, binding];
}
