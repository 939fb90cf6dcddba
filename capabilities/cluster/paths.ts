/** How the API server is addressed and its answers understood. */
import { type KubeObject, type Ref, type Resource, keyOf, refOf } from "../kubernetes/objects";
import { apiVersionOf } from "../kubernetes/objects";
import { fieldManager } from "../claim/names";
import { isRecord } from "../claim/schema";
import type { Refusal } from "../reconcile/kube";
import type { ClaimEvent } from "../reconcile/status";

type Addressed = Omit<Resource, "kind">;

/** Path of all objects of a kind, or of those in a namespace. */
export function collectionPath({ group, version, plural }: Addressed, namespace = ""): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === ""
    ? `${root}/${plural}`
    : `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

export function pathOf(resource: Addressed, { name, namespace }: Ref): string {
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
}

/** For messages: kind, namespace and name, and nothing of the content. */
export function nameOf(object: KubeObject): string {
  const { name, namespace } = refOf(object);
  return `${object.kind} ${namespace === "" ? name : keyOf({ name, namespace })}`;
}

/** The object of a successful answer; anything else is thrown. */
export function objectOf(body: unknown, code: number, what: string): KubeObject {
  if (code >= 300 || !isKubeObject(body)) throw faultOf(what, code, body);
  return body;
}

function isKubeObject(body: unknown): body is KubeObject {
  return isRecord(body) && isRecord(body.metadata) && typeof body.metadata.name === "string";
}

/** The objects of a successful answer to a list, which do not say themselves what kind they are of; anything else is thrown. */
export function itemsOf(
  body: unknown,
  code: number,
  what: string,
  resource: Resource,
): readonly KubeObject[] {
  if (code >= 300) throw faultOf(what, code, body);
  const items = isRecord(body) && Array.isArray(body.items) ? body.items : [];
  const type = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  return items.map(item => objectOf({ ...type, ...(isRecord(item) ? item : {}) }, code, what));
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
export function refusalOf(code: number, body: unknown): Refusal {
  const status = isRecord(body) ? body : {};
  const details = isRecord(status.details) ? status.details : {};
  const causes = Array.isArray(details.causes) ? details.causes.filter(isRecord) : [];
  return {
    code,
    message: textOf(status.message) ?? "no reason given",
    kind: textOf(details.kind),
    causes: causes.map(({ reason }) => textOf(reason) ?? ""),
  };
}

export function faultOf(what: string, code: number, body: unknown): Error {
  return new Error(`${what}: the API server answered ${code}: ${refusalOf(code, body).message}`);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The API server takes no longer message of an event. */
const longestMessage = 1024;

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
export function eventObject(claim: KubeObject, event: ClaimEvent, now: Date): unknown {
  const { name, namespace, uid, resourceVersion } = claim.metadata;
  const time = now.toISOString();
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { generateName: `${name}.`, namespace },
    involvedObject: {
      apiVersion: claim.apiVersion,
      kind: claim.kind,
      name,
      namespace,
      uid,
      resourceVersion,
    },
    type: event.type,
    reason: event.reason,
    message: event.message.slice(0, longestMessage),
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    source: { component: fieldManager },
    reportingComponent: fieldManager,
    reportingInstance: fieldManager,
  };
}
