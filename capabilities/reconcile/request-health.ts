/**
 * What Kratix is told of the database that a request of it has made: https://docs.kratix.io/main/guides/resource-health. A claim says
 * itself which request that is; the request has to say the same, since anyone who may make a claim can write anything into it.
 */
import { conditionIn, requestOf, type AnyClaim, type ClaimStatus } from "../claim/claim";
import { annotations } from "../claim/names";
import { given } from "../kubernetes/given";
import {
  isSameRef,
  refOf,
  type KubeObject,
  type OwnerReference,
  type Ref,
  type Resource,
} from "../kubernetes/objects";
import { isRecord, textIn } from "../kubernetes/record";

export const healthRecordResource = {
  group: "platform.kratix.io",
  version: "v1alpha1",
  kind: "HealthRecord",
  plural: "healthrecords",
} as const satisfies Resource;

/** Requests to the Promise. */
export const requestResource = {
  group: "marketplace.kratix.io",
  version: "v1",
  kind: "Postgresql",
  plural: "postgresqls",
} as const satisfies Resource;

export type MarkedRequest = { readonly promise: string; readonly ref: Ref };

/** The request that a claim says has made it; undefined where none has, or the mark is not one of ours. */
export function markedRequest(claim: AnyClaim): MarkedRequest | undefined {
  const [promise, namespace, name, ...rest] = requestOf(claim)?.split("/") ?? [];
  if (!promise || !namespace || !name || rest.length > 0) return undefined;
  return { promise, ref: { name, namespace } };
}

/** Whether the request, whose status Kratix alone writes, says that this claim is its own. */
export function isMadeBy(request: KubeObject, claim: AnyClaim): boolean {
  const status: unknown = Reflect.get(request, "status");
  const { claim: made } = isRecord(status) ? status : {};
  const ref = { name: textIn(made, "name") ?? "", namespace: textIn(made, "namespace") ?? "" };
  return isSameRef(ref, refOf(claim));
}

/** The record of a claim with this status. It goes with the request, by garbage collection. */
export function healthRecord(
  claim: AnyClaim,
  status: ClaimStatus,
  { promise, ref }: MarkedRequest,
  request: KubeObject,
): KubeObject {
  const ready = conditionIn(status, "Ready");
  const generation = Number(claim.metadata.annotations?.[annotations.kratixRequestGeneration]);
  const record: KubeObject & { readonly data: unknown } = {
    apiVersion: `${healthRecordResource.group}/${healthRecordResource.version}`,
    kind: healthRecordResource.kind,
    metadata: { ...ref, ownerReferences: [ownerOf(request)] },
    data: {
      promiseRef: { name: promise },
      resourceRef: { ...ref, ...given({ generation: generation > 0 ? generation : undefined }) },
      state: stateOf(status),
      // When it came to be so: the same state is the same record, whoever writes it when.
      lastRun: Math.floor(Date.parse(ready?.lastTransitionTime ?? "") / 1000) || 0,
      details: given({
        phase: status.phase,
        reason: ready?.reason,
        message: ready?.message,
        instances: status.instances,
        readyInstances: status.readyInstances,
        version: status.version,
        endpoint: status.endpoint,
      }),
    },
  };
  return record;
}

function ownerOf({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? "" };
}

/** In Kratix's words. A claim that waits for somebody is not healthy; one that is on its way is not known to be anything yet. */
function stateOf({ phase, instances = 1, readyInstances = instances }: ClaimStatus): string {
  switch (phase) {
    case "Ready":
      return readyInstances < instances ? "degraded" : "healthy";
    case "Failed":
    case "Pending":
      return "unhealthy";
    default:
      return "unknown";
  }
}
