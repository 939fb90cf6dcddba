/** The webhook's side: hands requests to the pure judgement, with the classes and claims that this process knows of. */
import { refOf } from "../kubernetes/objects";
import type { PeprMutateRequest, PeprValidateRequest } from "pepr";
import type { ApiClient } from "../cluster/client";
import { missingAccess } from "./author";
import { conflictViolations } from "../admission/instance/conflicts";
import { isExempt, judge, type Judgement } from "../admission/instance/judgement";
import { connectionRef, type Claim } from "../claim/claim";
import type { PostgresClass } from "../claim/class";
import { claimResource, classResource, finalizer } from "../claim/names";
import { parseClaim } from "../claim/parse";
import { isRecord, quote } from "../claim/schema";
import type { PostgresInstance } from "../pepr/kinds";
import type { Kube } from "../reconcile/kube";
import type { Memory } from "../work/memory";
import { refusalOf, refusedCode, undecided, type Refusals } from "../pepr/refusals";

export type Admission = {
  readonly mutate: (request: PeprMutateRequest<PostgresInstance>) => Promise<void>;
  readonly validate: (
    request: PeprValidateRequest<PostgresInstance>,
  ) => Promise<ReturnType<PeprValidateRequest<PostgresInstance>["Approve"]>>;
};

type Request = PeprValidateRequest<PostgresInstance>["Request"];

/**
 * Mutating comes before the API server's own checks of schema and CEL, so a claim is refused there already: else a user would
 * get those checks' bare words first, and ours only after mending what they name. Validating sees what others have mutated.
 */
export function createAdmission(
  api: ApiClient,
  kube: Kube,
  memory: Memory,
  refusals: Refusals,
): Admission {
  async function judgeRequest({ object, oldObject, userInfo }: Request): Promise<Judgement> {
    const { claim } = parseClaim(object);
    const classes = await classesFor(claim, kube);
    const known = memory.all(claimResource) as readonly Claim[];
    const judgement = judge(object, oldObject, classes, []);
    const suspects = known.filter(other => conflictViolations(judgement.claim, [other]).length > 0);
    // The other claim may have let go a moment ago.
    const live = await Promise.all(
      suspects.map(async other => kube.readLive(claimResource, refOf(other))),
    );
    const others = live.filter(other => other !== undefined) as Claim[];
    const before = isRecord(oldObject) ? parseClaim(oldObject).claim : undefined;
    const missing = await missingAccess(api, userInfo, judgement.claim, before);
    const conflicts = conflictViolations(judgement.claim, others);
    return { ...judgement, violations: [...judgement.violations, ...conflicts, ...missing] };
  }

  /** The claim with its defaults, or why it is refused: also when it could not be judged (fail closed). */
  async function answerTo(asked: Request): Promise<Judgement | { refusal: string }> {
    try {
      const judgement = await judgeRequest(asked);
      const { violations } = judgement;
      return violations.length === 0
        ? judgement
        : { refusal: refusalOf(titleOf(asked), violations) };
    } catch (fault) {
      return { refusal: undecided(titleOf(asked), fault) };
    }
  }

  async function mutate(request: PeprMutateRequest<PostgresInstance>): Promise<void> {
    const { Request: asked, Raw: raw } = request;
    if (isExempt(asked.object, asked.oldObject)) return;
    const answer = await answerTo(asked);
    if ("refusal" in answer) {
      refusals.keep(asked.uid, answer.refusal);
      return;
    }
    const { spec, writeConnectionSecretToRef: ref } = answer.claim;
    Object.assign(raw, { spec }, ref === undefined ? {} : { writeConnectionSecretToRef: ref });
    if (connectionRef(answer.claim)) {
      raw.metadata ??= {};
      raw.metadata.finalizers = withFinalizer(raw);
    }
  }

  const validate: Admission["validate"] = async request => {
    const { Request: asked } = request;
    if (isExempt(asked.object, asked.oldObject)) return request.Approve();
    const answer = await answerTo(asked);
    if ("refusal" in answer) return request.Deny(answer.refusal, refusedCode);
    return request.Approve([...answer.warnings]);
  };

  return { mutate, validate };
}

/** The classes that are known, and the one that the claim names if it has come a moment ago. */
async function classesFor(claim: Claim, kube: Kube): Promise<readonly PostgresClass[]> {
  const classes = await kube.classes();
  const { className } = claim.spec;
  if (className === undefined || classes.some(({ metadata }) => metadata.name === className)) {
    return classes;
  }
  await kube.readLive(classResource, { name: className, namespace: "" });
  return kube.classes();
}

function withFinalizer({ metadata }: PostgresInstance): string[] {
  return [...new Set([...(metadata?.finalizers ?? []), finalizer])];
}

function titleOf({ object }: Request): string {
  const name = isRecord(object.metadata) ? object.metadata.name : undefined;
  return `PostgresInstance ${quote(typeof name === "string" ? name : "")}`;
}
