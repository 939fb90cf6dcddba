/** Tells Kratix how the database of a request is, where Kratix runs in this cluster and lets the module do so. */
import type { AnyClaim, ClaimStatus } from "../claim/claim";
import { fieldManager } from "../claim/names";
import { refOf, type KubeObject } from "../kubernetes/objects";
import { isRecord } from "../kubernetes/record";
import { isContained } from "../kubernetes/sameness";
import {
  healthRecord,
  healthRecordResource,
  isMadeBy,
  markedRequest,
  requestResource,
} from "../reconcile/request-health";
import type { ApiClient } from "./client";
import { faultOf, nameOf, pathOf } from "./paths";
import { readObject } from "./read-object";

/** Whether the module may write records is asked anew after these ms. */
const rightAgeMs = 300_000;
const notFound = 404;

export type TellHealth = (claim: AnyClaim, status: ClaimStatus) => Promise<void>;

/** `clock` gives ms that only grow. Rejects where only trying again can help. */
export function createHealthTelling(api: ApiClient, clock: () => number): TellHealth {
  let right: { readonly isGranted: boolean; readonly askedAt: number } | undefined;

  /** Every account may ask this of itself, and most clusters have no Kratix: it is asked before anything that would be refused. */
  async function mayWrite(): Promise<boolean> {
    if (right && clock() - right.askedAt < rightAgeMs) return right.isGranted;
    const { group, plural: resource } = healthRecordResource;
    const { code, body } = await api({
      method: "POST",
      path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      body: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { resourceAttributes: { group, resource, verb: "patch" } },
      },
    });
    if (code >= 300) throw faultOf("asking for the right to write HealthRecords", code, body);
    const { status } = isRecord(body) ? body : {};
    right = { isGranted: isRecord(status) && status.allowed === true, askedAt: clock() };
    return right.isGranted;
  }

  async function write(record: KubeObject): Promise<void> {
    const { code, body } = await api({
      method: "PATCH",
      path: `${pathOf(healthRecordResource, refOf(record))}?fieldManager=${fieldManager}&force=true`,
      contentType: "application/apply-patch+yaml",
      body: record,
    });
    // The kind is not in this cluster, or the request's namespace has gone.
    if (code >= 300 && code !== notFound) throw faultOf(`writing ${nameOf(record)}`, code, body);
  }

  return async (claim, status) => {
    const marked = markedRequest(claim);
    if (!marked || !(await mayWrite())) return;
    const request = await readObject(api, requestResource, marked.ref);
    if (!request || !isMadeBy(request, claim)) return;
    const record = healthRecord(claim, status, marked, request);
    const found = await readObject(api, healthRecordResource, marked.ref);
    if (!isContained(record, found)) await write(record);
  };
}
