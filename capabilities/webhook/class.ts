/** The webhook's side for classes: what is offered, and that nothing which claims live by is taken away. */
import type { PeprMutateRequest, PeprValidateRequest } from "pepr";
import type { ApiClient } from "../cluster/client";
import {
  deletionViolations,
  isClassExempt,
  judgeClass,
  type ClassJudgement,
} from "../admission/class/judgement";
import { collectionPath, itemsOf } from "../cluster/paths";
import type { Claim } from "../claim/claim";
import { claimResource } from "../claim/names";
import { isRecord, quote } from "../claim/schema";
import type { PostgresClass } from "../pepr/kinds";
import type { Kube } from "../reconcile/kube";
import { refusalOf, refusedCode, undecided, type Refusals } from "../pepr/refusals";

type Request = PeprValidateRequest<PostgresClass>["Request"];
type Validate = (
  request: PeprValidateRequest<PostgresClass>,
) => Promise<ReturnType<PeprValidateRequest<PostgresClass>["Approve"]>>;

export type ClassAdmission = {
  readonly mutate: (request: PeprMutateRequest<PostgresClass>) => Promise<void>;
  readonly validate: Validate;
  readonly validateDeletion: Validate;
};

/** Changes nothing of a class; it is refused while mutating for the reason that claims are. */
export function createClassAdmission(
  api: ApiClient,
  kube: Kube,
  refusals: Refusals,
): ClassAdmission {
  /**
   * Asked of the API server: what is remembered may lack a claim of this moment, or have one that is gone. Classes change so
   * seldom that a list of all claims costs nothing to speak of.
   */
  async function claims(): Promise<readonly Claim[]> {
    const { code, body } = await api({ method: "GET", path: collectionPath(claimResource) });
    return itemsOf(body, code, "listing PostgresInstances", claimResource) as readonly Claim[];
  }

  /** Also refused when it could not be judged (fail closed). */
  async function answerTo({ object, oldObject, name }: Request): Promise<Answer> {
    const title = titleOf(name);
    try {
      // A class that is being made has no claims yet, or gets back those that it had.
      const users = isRecord(oldObject) ? await claims() : [];
      const judgement = judgeClass(object, oldObject, await kube.classes(), users);
      return answerOf(title, judgement);
    } catch (fault) {
      return { refusal: undecided(title, fault) };
    }
  }

  async function mutate({ Request: asked }: PeprMutateRequest<PostgresClass>): Promise<void> {
    if (isClassExempt(asked.object, asked.oldObject)) return;
    const answer = await answerTo(asked);
    if ("refusal" in answer) refusals.keep(asked.uid, answer.refusal);
  }

  const validate: Validate = async request => {
    const { Request: asked } = request;
    if (isClassExempt(asked.object, asked.oldObject)) return request.Approve();
    const answer = await answerTo(asked);
    if ("refusal" in answer) return request.Deny(answer.refusal, refusedCode);
    return request.Approve([...answer.warnings]);
  };

  const validateDeletion: Validate = async request => {
    const { oldObject, name } = request.Request;
    const answer = await claims()
      .then(async users => deletionViolations(oldObject, await kube.classes(), users))
      .then(violations => answerOf(titleOf(name), { violations, warnings: [] }))
      .catch((fault: unknown) => ({ refusal: undecided(titleOf(name), fault) }));
    return "refusal" in answer ? request.Deny(answer.refusal, refusedCode) : request.Approve();
  };

  return { mutate, validate, validateDeletion };
}

type Answer = { readonly warnings: readonly string[] } | { readonly refusal: string };

function answerOf(title: string, { violations, warnings }: ClassJudgement): Answer {
  return violations.length === 0 ? { warnings } : { refusal: refusalOf(title, violations) };
}

function titleOf(name: string | undefined): string {
  return `PostgresClass ${quote(name ?? "")}`;
}
