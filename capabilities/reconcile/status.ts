/** What a claim is told of itself: reasons, conditions, phase and events. A condition keeps its time while its status stays. */
import type { Running } from "../operator/operator";
import {
  conditionIn,
  type ClaimCondition,
  type ClaimStatus,
  type AnyClaim,
  type Phase,
} from "../claim/claim";
import { given } from "../kubernetes/given";
import type { Ref } from "../kubernetes/objects";
import { secondOf } from "../kubernetes/time";
import { isReason, phaseOf, type Reason } from "./reasons";
import type { Situation, Told } from "./run";

/** One aspect of a claim in a word and a sentence. It holds if its reason is one of phase Ready. */
export type Verdict = { readonly reason: Reason; readonly message: string };

/** What the status is made of. */
export type Facts = {
  /** Of every aspect that the claim has; the first two are what Ready says when all is well. */
  readonly told: readonly Told[];
  /** What runs of the database; undefined while there is none. */
  readonly running?: Partial<Running> | undefined;
  readonly endpoint?: string | undefined;
  /** The Secret in the claim's own namespace to bind to. */
  readonly bindingName?: string | undefined;
  /** The connection secret that the module wrote. */
  readonly written?: (Ref & { readonly uid: string }) | undefined;
  readonly backup?: ClaimStatus["backup"];
  readonly restore?: ClaimStatus["restore"];
  readonly access?: ClaimStatus["access"];
};

/** An event for what a person would want to hear of once: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
export type ClaimEvent = {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
};

/** What is told of an object that the API server has not taken. */
export function unwritten(what: string, refusal: { code: number; message: string }): Verdict {
  const { code, message } = refusal;
  return { reason: "WriteFailed", message: `${what} could not be written (${code}): ${message}` };
}

/** What is told of an object that has the name of one which `need` asks for, and is someone else's. */
export function notOwned(what: string, need: string, wayOut: string): Verdict {
  return {
    reason: "NotOwned",
    message: `${what}, which ${need}, exists and does not belong to this claim, so it was left as it is: remove it, or ${wayOut}`,
  };
}

/** What is told of what only trying again can mend. */
export function failedVerdict({ message }: Error): Verdict {
  return { reason: "WriteFailed", message: `${message}; it is tried again` };
}

/** What was last said of an aspect; undefined where nothing was. */
export function saidBefore(
  { status }: Pick<AnyClaim, "status">,
  type: string,
): Verdict | undefined {
  const { reason = "", message = "" } = conditionIn(status, type) ?? {};
  return isReason(reason) ? { reason, message } : undefined;
}

export function holds({ reason }: Verdict): boolean {
  return phaseOf(reason) === "Ready";
}

/** For how many ms an aspect has not been as it should be; 0 where it was, or nothing was said of it. */
export function openMs({ status }: Pick<AnyClaim, "status">, type: string, now: Date): number {
  const before = conditionIn(status, type);
  const since = Date.parse(before?.lastTransitionTime ?? "");
  return before?.status === "False" && !Number.isNaN(since) ? now.getTime() - since : 0;
}

/** The status of a claim of these facts. Equal to the old one, times included, when nothing has changed. */
export function statusOf(claim: AnyClaim, facts: Facts, now: Date): ClaimStatus {
  const { told, running, endpoint, bindingName, written, backup, restore, access } = facts;
  const ready = readyVerdict(told);
  const condition = (type: string, verdict: Verdict): ClaimCondition =>
    conditionOf(claim, type, { ...verdict, status: holds(verdict) ? "True" : "False" }, now);
  return {
    observedGeneration: claim.metadata.generation ?? 0,
    phase: phaseOf(ready.reason),
    ...running,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(bindingName === undefined ? {} : { binding: { name: bindingName } }),
    ...(written === undefined ? {} : { connectionSecretRef: written }),
    ...given({ backup, restore, access }),
    conditions: [
      condition("Ready", ready),
      ...told.map(aspect => condition(aspect.condition, aspect.verdict)),
      ...abnormalOf(claim, ready, now),
    ],
  };
}

/** All that Ready waits for. */
export function vital(told: readonly Told[]): readonly Verdict[] {
  return told.filter(({ isVital }) => isVital).map(({ verdict }) => verdict);
}

/**
 * What Flux and other readers by kstatus go by, there only while it is true:
 * https://github.com/kubernetes-sigs/cli-utils/blob/v0.37.2/pkg/kstatus/README.md#the-standard-conditions
 */
function abnormalOf(claim: AnyClaim, ready: Verdict, now: Date): readonly ClaimCondition[] {
  const phase = phaseOf(ready.reason);
  if (phase === "Ready") return [];
  // A write that failed is tried again: nobody has to act.
  const isStalled = phase === "Failed" && ready.reason !== "WriteFailed";
  const type = isStalled ? "Stalled" : "Reconciling";
  return [conditionOf(claim, type, { ...ready, status: "True" }, now)];
}

/** Ready as a whole; where several aspects are not, the gravest speaks. */
function readyVerdict(told: readonly Told[]): Verdict {
  const open = vital(told).filter(verdict => !holds(verdict));
  const gravity: readonly Phase[] = ["Deleting", "Failed", "Pending", "Provisioning"];
  const gravest = gravity.flatMap(phase => open.filter(({ reason }) => phaseOf(reason) === phase));
  const summary = told.slice(0, 2).map(({ verdict }) => verdict.message);
  return gravest[0] ?? { reason: "Available", message: summary.join("; ") };
}

type Said = Verdict & { readonly status: ClaimCondition["status"] };

function conditionOf(claim: AnyClaim, type: string, said: Said, now: Date): ClaimCondition {
  const { status, reason, message } = said;
  const before = conditionIn(claim.status, type);
  return {
    type,
    status,
    reason,
    message,
    observedGeneration: claim.metadata.generation ?? 0,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : secondOf(now),
  };
}

/** The event that a change of status deserves; none for progress, and none for what was said before. */
export function eventOf(
  before: ClaimStatus | undefined,
  after: ClaimStatus,
): ClaimEvent | undefined {
  const was = conditionIn(before, "Ready");
  const is = conditionIn(after, "Ready");
  const news = newsOfAspect(before, after);
  if (!is || (was?.reason === is.reason && was.status === is.status)) return news;
  if (is.status === "True") {
    // That data was replaced is told in so many words.
    if (news?.reason === "RestoreSucceeded") return news;
    return { type: "Normal", reason: "Provisioned", message: is.message };
  }
  const isNews = after.phase === "Failed" || after.phase === "Pending";
  return isNews ? { type: "Warning", reason: is.reason, message: is.message } : undefined;
}

/** What is news although the claim as a whole is as it was: that a volume cannot grow, or how backups are. */
const newsOfAspects: readonly (readonly [string, ClaimEvent["type"], Reason])[] = [
  ["StorageReady", "Warning", "VolumeCannotGrow"],
  ["BackupHealthy", "Warning", "BackupFailed"],
  ["BackupHealthy", "Warning", "BackupOverdue"],
  ["Restored", "Normal", "RestoreSucceeded"],
  ["AccessReady", "Warning", "AccessFailed"],
];

function newsOfAspect(before: ClaimStatus | undefined, after: ClaimStatus): ClaimEvent | undefined {
  for (const [condition, type, reason] of newsOfAspects) {
    const [was, is] = [before, after].map(status => conditionIn(status, condition));
    if (is?.reason === reason && was?.reason !== reason) {
      return { type, reason, message: is.message };
    }
  }
  return undefined;
}

/** What outlives a claim is told when it goes: nobody would look for it. */
export function backupsKept({ claim }: Pick<Situation, "claim">): ClaimEvent | undefined {
  const { place, lastSuccess } = claim.status?.backup ?? {};
  if (place === undefined || lastSuccess === undefined) return undefined;
  const message = `the claim's backups stay: ${place}; a new claim of this name finds them, and nobody else removes them`;
  return { type: "Normal", reason: "BackupsKept", message };
}
