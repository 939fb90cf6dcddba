/** Whether an answer of the webhook is one, and whether what it lets pass becomes a Cluster that CNPG takes. */
import { isExempt } from "../../capabilities/admission/instance/judgement";
import type { Claim } from "../../capabilities/claim/claim";
import { claimResource, namespacesWithoutAdmission } from "../../capabilities/claim/names";
import { isRecord } from "../../capabilities/claim/schema";
import { plan } from "../../capabilities/reconcile/plan";
import { clusterFault } from "../operator/published-schema";
import { patched, type Operation } from "./patch";
import type { HostileRequest } from "./requests";
import type { HostileAnswer } from "./webhook";

type Fields = Readonly<Record<string, unknown>>;

/** In ms. Half of what the API server gives the webhook. */
const slow = 5000;

/** Everything that is wrong with the answer. */
export function faultsOf(request: HostileRequest, answer: HostileAnswer): readonly string[] {
  const late = answer.milliseconds > slow ? [`took ${Math.round(answer.milliseconds)} ms`] : [];
  return [...late, ...answerFaults(request, answer)];
}

function answerFaults(request: HostileRequest, { code, text }: HostileAnswer): readonly string[] {
  const isPost = request.method === "POST" && ["mutate", "validate"].includes(request.endpoint);
  if (code >= 400 && code < 500) {
    return request.sort === "well-formed" ? [`a good review was answered ${code}: ${text}`] : [];
  }
  if (code !== 200) return [`answered ${code}: ${text.slice(0, 200)}`];
  return isPost ? reviewFaults(request, text) : [];
}

function reviewFaults({ body }: HostileRequest, text: string): readonly string[] {
  const asked = requestIn(body);
  const said = jsonIn(text);
  const response = isRecord(said) ? said.response : undefined;
  if (!asked) return ["let something pass that is no request"];
  if (!isRecord(said) || said.apiVersion !== "admission.k8s.io/v1") return ["answered no review"];
  if (!isRecord(response)) return ["answered without a response"];
  return [...responseFaults(asked, response), ...admittedFaults(asked, response)];
}

/** https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response */
function responseFaults(asked: Fields, response: Fields): readonly string[] {
  const { uid, allowed, status, patch, patchType } = response;
  const isTold = isRecord(status) && typeof status.message === "string" && status.message !== "";
  return [
    ...(uid === asked.uid ? [] : [`answered for uid ${String(uid)}`]),
    ...(typeof allowed === "boolean" ? [] : ["neither allowed nor refused"]),
    ...(allowed === false && !isTold ? ["refused without a reason"] : []),
    ...(patch === undefined || patchType === "JSONPatch" ? [] : ["a patch of no type"]),
  ];
}

function admittedFaults(asked: Fields, { allowed, patch }: Fields): readonly string[] {
  if (allowed !== true || !isJudged(asked)) return [];
  const operations = typeof patch === "string" ? operationsIn(patch) : [];
  const object = patched(asked.object, operations);
  const planned = plan(stored(object), []);
  if (!("database" in planned)) return [`admitted, but not planned: ${JSON.stringify(planned)}`];
  const fault = clusterFault(planned.database);
  return fault === undefined ? [] : [`admitted, but no Cluster that CNPG takes: ${fault}`];
}

/** Whether the webhook is bound to it, and it needs judging. */
function isJudged({ kind, operation, object, oldObject }: Fields): boolean {
  if (!isRecord(kind) || !["CREATE", "UPDATE"].includes(String(operation))) return false;
  const { group, version, kind: name } = claimResource;
  if (kind.group !== group || kind.version !== version || kind.kind !== name) return false;
  const { metadata } = object as Claim;
  const isSeen = !namespacesWithoutAdmission.some(unseen => unseen === metadata.namespace);
  return isSeen && metadata.deletionTimestamp === undefined && !isExempt(object, oldObject);
}

/** With generateName the API server gives the name later; the uid is always its own, whatever was posted. */
function stored(object: unknown): Claim {
  const claim = object as Claim;
  const { name = "", namespace = "" } = claim.metadata as Partial<Claim["metadata"]>;
  return {
    ...claim,
    metadata: {
      ...claim.metadata,
      ...{ namespace, name: name === "" ? "generated" : name, uid: "given" },
    },
  };
}

function operationsIn(patch: string): readonly Operation[] {
  return JSON.parse(Buffer.from(patch, "base64").toString("utf8")) as readonly Operation[];
}

function requestIn(body: Buffer): Fields | undefined {
  const review = jsonIn(body.toString("utf8").replace(/^\uFEFF/, ""));
  return isRecord(review) && isRecord(review.request) ? review.request : undefined;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
