/**
 * The webhook's answers, for every kind that it judges. Mutating comes before the API server's own checks of schema and CEL, so an
 * object is refused there already: else a user would get those checks' bare words first, and the module's only after mending what
 * they name. Validating sees what others have mutated.
 */
import type { a, PeprMutateRequest, PeprValidateRequest } from "pepr";
import { quote } from "../claim/schema";
import type { Violation } from "../claim/violation";
import { isRecord } from "../kubernetes/record";
import { refusalOf, refusedCode, undecided, type Refusals } from "../pepr/refusals";

type Kind = a.GenericKind;
/** A request as the API server sends it. */
export type Asked = PeprValidateRequest<Kind>["Request"];
type Answer = ReturnType<PeprValidateRequest<Kind>["Approve"]>;

export type Judged = {
  readonly violations: readonly Violation[];
  /** What the change brings about, where it is allowed. */
  readonly warnings: readonly string[];
  /** Fills in what the user has left out. */
  readonly complete?: (raw: Kind) => void;
};

/** A kind that the webhook judges. */
export type JudgedKind = {
  readonly kind: string;
  /** Whether a change needs no judging. */
  readonly isExempt: (object: unknown, old: unknown) => boolean;
  readonly judge: (asked: Asked) => Promise<Judged>;
  /** What is wrong with deleting the object. */
  readonly judgeDeletion?: (asked: Asked) => Promise<readonly Violation[]>;
};

export type Admission = {
  readonly mutate: (request: PeprMutateRequest<Kind>) => Promise<void>;
  readonly validate: (request: PeprValidateRequest<Kind>) => Promise<Answer>;
  readonly validateDeletion: (request: PeprValidateRequest<Kind>) => Promise<Answer>;
};

/** Fails closed: what could not be judged is refused. */
export function createAdmission(judged: JudgedKind, refusals: Refusals): Admission {
  const { kind, isExempt } = judged;

  async function answerTo(asked: Asked): Promise<Judged | { readonly refusal: string }> {
    const title = titleOf(kind, asked);
    try {
      const judgement = await judged.judge(asked);
      const { violations } = judgement;
      return violations.length === 0 ? judgement : { refusal: refusalOf(title, violations) };
    } catch (fault) {
      return { refusal: undecided(title, fault) };
    }
  }

  async function refusedDeletion(asked: Asked): Promise<string | undefined> {
    const title = titleOf(kind, asked);
    try {
      const violations = (await judged.judgeDeletion?.(asked)) ?? [];
      return violations.length === 0 ? undefined : refusalOf(title, violations);
    } catch (fault) {
      return undecided(title, fault);
    }
  }

  return {
    mutate: async ({ Request: asked, Raw: raw }) => {
      if (isExempt(asked.object, asked.oldObject)) return;
      const answer = await answerTo(asked);
      if ("refusal" in answer) refusals.keep(asked.uid, answer.refusal);
      else answer.complete?.(raw);
    },
    validate: async request => {
      const { Request: asked } = request;
      if (isExempt(asked.object, asked.oldObject)) return request.Approve();
      const answer = await answerTo(asked);
      if ("refusal" in answer) return request.Deny(answer.refusal, refusedCode);
      return request.Approve([...answer.warnings]);
    },
    validateDeletion: async request => {
      const refusal = await refusedDeletion(request.Request);
      return refusal === undefined ? request.Approve() : request.Deny(refusal, refusedCode);
    },
  };
}

function titleOf(kind: string, { object, name = "" }: Asked): string {
  const metadata = isRecord(object) && isRecord(object.metadata) ? object.metadata : {};
  return `${kind} ${quote(typeof metadata.name === "string" ? metadata.name : name)}`;
}
