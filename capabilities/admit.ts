/** The webhook's side: hands requests to the pure judgement, with the classes and claims that this process knows of. */
import type { PeprMutateRequest, PeprValidateRequest } from "pepr";
import { conflictViolations } from "./admission/conflicts";
import { isExempt, judge, type Judgement } from "./admission/judgement";
import { connectionRef, type Claim } from "./claim/claim";
import type { PostgresClass } from "./claim/class";
import { claimResource, classResource, finalizer, refOf } from "./claim/names";
import { parseClaim } from "./claim/parse";
import { isRecord } from "./claim/schema";
import type { Violation } from "./claim/violation";
import type { PostgresInstance } from "./kinds";
import type { Kube } from "./reconcile/kube";
import type { Memory } from "./reconcile/memory";

/** What Pepr sends back to the API server; `status` is missing in its type for mutations, but taken. */
export type Answer = {
  readonly uid: string;
  allowed: boolean;
  status?: { code: number; message: string };
};

export type Admission = {
  readonly mutate: (request: PeprMutateRequest<PostgresInstance>) => Promise<void>;
  readonly validate: (
    request: PeprValidateRequest<PostgresInstance>,
  ) => Promise<ReturnType<PeprValidateRequest<PostgresInstance>["Approve"]>>;
  readonly refuse: (answer: Answer) => void;
};

type Request = PeprValidateRequest<PostgresInstance>["Request"];

const unprocessable = 422;

/**
 * Mutating comes before the API server's own checks of schema and CEL, so a claim is refused there already: else a user would
 * get those checks' bare words first, and ours only after mending what they name. Validating sees what others have mutated.
 */
export function createAdmission(kube: Kube, memory: Memory): Admission {
  // Pepr 1.1.4 has no way to refuse from a mutation; its hook on answers, by the request's uid, is one.
  const refusals = new Map<string, string>();

  async function judgeRequest({ object, oldObject }: Request): Promise<Judgement> {
    const { claim } = parseClaim(object);
    const classes = await classesFor(claim, kube);
    const known = memory.all(claimResource) as readonly Claim[];
    const first = judge(object, oldObject, classes, known);
    const suspects = known.filter(other => conflictViolations(first.claim, [other]).length > 0);
    // The other claim may have let go a moment ago.
    const live = await Promise.all(
      suspects.map(async other => kube.readLive(claimResource, refOf(other))),
    );
    return judge(object, oldObject, classes, live.filter(other => other !== undefined) as Claim[]);
  }

  async function mutate(request: PeprMutateRequest<PostgresInstance>): Promise<void> {
    const { Request: asked, Raw: raw } = request;
    if (isExempt(asked.object, asked.oldObject)) return;
    const { claim, violations } = await judgeRequest(asked);
    if (violations.length > 0) {
      refusals.set(asked.uid, refusalOf(asked, violations));
      return;
    }
    const { spec, writeConnectionSecretToRef: ref } = claim;
    Object.assign(raw, { spec }, ref === undefined ? {} : { writeConnectionSecretToRef: ref });
    if (connectionRef(claim)) {
      raw.metadata ??= {};
      raw.metadata.finalizers = withFinalizer(raw);
    }
  }

  const validate: Admission["validate"] = async request => {
    const { Request: asked } = request;
    if (isExempt(asked.object, asked.oldObject)) return request.Approve();
    const { violations } = await judgeRequest(asked);
    return violations.length === 0
      ? request.Approve()
      : request.Deny(refusalOf(asked, violations), unprocessable);
  };

  function refuse(answer: Answer): void {
    const message = refusals.get(answer.uid);
    if (message === undefined) return;
    refusals.delete(answer.uid);
    Object.assign(answer, { allowed: false, status: { code: unprocessable, message } });
  }

  return { mutate, validate, refuse };
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

/** One line for a single fault, a list for several. */
function refusalOf({ object }: Request, violations: readonly Violation[]): string {
  const name = isRecord(object.metadata) ? object.metadata.name : undefined;
  const lines = violations.map(({ field, problem }) => `${field} ${problem}`);
  const what = `PostgresInstance ${JSON.stringify(name ?? "")} is refused`;
  return lines.length === 1
    ? `${what}: ${lines.join("")}`
    : `${what}:${lines.map(line => `\n  - ${line}`).join("")}`;
}
