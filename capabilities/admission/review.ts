/** Whether what was posted to the webhook is a request that can be answered. Pepr 1.1.4 takes it for one, and fails on what is none. */
import { connectionRefSchema } from "../claim/claim-schema";
import { isRecord, quote, schemaFaults } from "../claim/schema";
import { fieldOf, textIn } from "../kubernetes/record";

/** No object of the API server is nested as deep; code that calls itself for each level can go many times deeper. */
const deepest = 64;

/** An own key of JSON, which is no prototype until someone copies it by assignment. */
const prototypeKey = "__proto__";

const operations = ["CREATE", "UPDATE", "DELETE", "CONNECT"];

/** What makes `value` no AdmissionReview, https://kubernetes.io/docs/reference/config-api/apiserver-admission.v1/; undefined if it is one. */
export function reviewFault(value: unknown): string | undefined {
  if (!isRecord(value)) return "is no object";
  if (value.apiVersion !== "admission.k8s.io/v1" || value.kind !== "AdmissionReview") {
    return "is no AdmissionReview of admission.k8s.io/v1";
  }
  const { request } = value;
  if (!isRecord(request)) return "has no request";
  return treeFault(value, deepest) ?? requestFault(request);
}

/** The API server's question, answered no before anyone has read the object. */
export type Denial = { readonly uid: string; readonly message: string };

/**
 * The answer to a review whose object has a key that no code may copy, `__proto__`: whatever a person can type is answered with the
 * field and what to write. Undefined for all else. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response
 */
export function prototypeDenial(value: unknown): Denial | undefined {
  const request = isRecord(value) && isRecord(value.request) ? value.request : {};
  const { uid, object, kind } = request;
  if (!isRecord(object) || typeof uid !== "string") return undefined;
  const path = pathToPrototype(object, deepest);
  if (path === undefined) return undefined;
  // Nothing here has been checked yet.
  const name = textIn(object.metadata, "name") ?? "without a name";
  const what = `${textIn(kind, "kind") ?? "the object"} ${quote(name)}`;
  return { uid, message: `${what} is refused: ${path} is no name that can be used: take it out` };
}

/** The request of a review that asks for this of one of Kubernetes' own kinds; undefined of all others. */
export function requestAbout(
  review: unknown,
  asked: { readonly operation: string; readonly kind: string },
): Fields | undefined {
  const request = fieldOf(review, "request");
  if (!isRecord(request) || request.operation !== asked.operation) return undefined;
  const { kind } = request;
  return textIn(kind, "group") === "" && textIn(kind, "kind") === asked.kind ? request : undefined;
}

/** Where the key is, with dots between; undefined where it is nowhere, or deeper than any object goes. */
function pathToPrototype(value: unknown, levels: number): string | undefined {
  if (typeof value !== "object" || value === null || levels === 0) return undefined;
  if (Object.hasOwn(value, prototypeKey)) return prototypeKey;
  for (const [name, child] of Object.entries(value)) {
    const path = pathToPrototype(child, levels - 1);
    if (path !== undefined) return `${name}.${path}`;
  }
  return undefined;
}

function requestFault(request: Fields): string | undefined {
  const { uid, kind, operation, dryRun } = request;
  if (!isText(uid)) return "has no request.uid";
  if (!isRecord(kind)) return "has no request.kind";
  if (![kind.group, kind.version, kind.kind].every(part => typeof part === "string")) {
    return "has a request.kind without group, version and kind";
  }
  if (typeof operation !== "string" || !operations.includes(operation)) {
    return `has a request.operation that is none of ${operations.join(", ")}`;
  }
  if (!isAbsent(dryRun) && typeof dryRun !== "boolean")
    return "has a request.dryRun that is no boolean";
  return objectsFault({ kind, operation }, request);
}

type Fields = Readonly<Record<string, unknown>>;
type Asked = { readonly kind: Fields; readonly operation: string };

function objectsFault({ kind, operation }: Asked, request: Fields): string | undefined {
  const { name, namespace, object, oldObject } = request;
  if (![name, namespace].every(value => isAbsent(value) || typeof value === "string")) {
    return "has a request.name or request.namespace that is no string";
  }
  const isGone = operation === "DELETE";
  if (!isGone && !isObject(object, kind)) return `has no good request.object to ${operation}`;
  const hasOld = isGone || operation === "UPDATE";
  if (hasOld && !isObject(oldObject, kind)) return `has no good request.oldObject to ${operation}`;
  return undefined;
}

/** An object of the kind that it is said to be, as far as Pepr and we write into it. */
function isObject(value: unknown, { group, version, kind }: Fields): boolean {
  if (!isRecord(value) || !isRecord(value.metadata)) return false;
  const apiVersion = group === "" ? version : `${String(group)}/${String(version)}`;
  if (value.apiVersion !== apiVersion || value.kind !== kind) return false;
  const { name, generateName, namespace, uid, labels, annotations, finalizers } = value.metadata;
  return (
    isNamespace(namespace) &&
    [name, generateName, uid].every(text => isAbsent(text) || typeof text === "string") &&
    [labels, annotations].every(marks => isAbsent(marks) || isRecord(marks)) &&
    (isAbsent(finalizers) || Array.isArray(finalizers))
  );
}

/** Where a ref goes that names none. */
function isNamespace(value: unknown): boolean {
  return (
    isAbsent(value) ||
    schemaFaults(connectionRefSchema.properties.namespace, value, "").length === 0
  );
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function treeFault(value: unknown, levels: number): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (levels === 0) return `is nested more than ${deepest} levels deep`;
  if (Object.hasOwn(value, prototypeKey)) return `has a key ${prototypeKey}`;
  for (const child of Object.values(value)) {
    const fault = treeFault(child, levels - 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
