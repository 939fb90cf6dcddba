/** What a claim is told of itself: reasons, conditions, phase and events. A condition keeps its time while its status stays. */
import type { Running } from "../operator/operator";
import {
  conditionIn,
  type ClaimCondition,
  type ClaimStatus,
  type Claim,
  type Phase,
} from "../claim/claim";
import type { Ref } from "../kubernetes/objects";
import type { Told } from "./run";

/**
 * Every reason, with the phase that it puts the claim in. `Provisioning` passes by itself; `Pending` waits for something that
 * may come; `Failed` needs someone to act.
 */
export const reasons = {
  /** Database and secret are there. */
  Available: "Ready",
  /** The operator says that the database is healthy, and it is of the definition that is wanted now. */
  DatabaseHealthy: "Ready",
  /** The connection secret holds the current credentials. */
  SecretWritten: "Ready",
  /** The claim asks for no connection secret: the operator's own is the one to use. */
  SecretNotRequested: "Ready",
  /** The operator has made the pooler. */
  PoolerActive: "Ready",
  /** Prometheus is told where the metrics are. */
  MonitoringActive: "Ready",
  /** The extensions are as asked for. */
  ExtensionsApplied: "Ready",
  /** The operator was told of a change and has not answered yet. */
  DatabaseUpdating: "Provisioning",
  /** The module has removed what an earlier spec had left in the way; the operator starts again. */
  Unblocked: "Provisioning",
  /** The operator is at work. */
  Provisioning: "Provisioning",
  /** The operator has not made the credentials yet. */
  CredentialsPending: "Provisioning",
  /** The operator has not made the pooler yet. */
  PoolerPending: "Provisioning",
  /** The PodMonitor is not there yet. */
  MonitoringPending: "Provisioning",
  /** The operator has not applied the extensions yet. */
  ExtensionsPending: "Provisioning",
  /** The Secret that the claim names in spec.credentialsSecretName is not there yet. */
  CredentialsNotFound: "Pending",
  /** That Secret is there, but cannot be used: its type, an empty value, a username that is no role. */
  CredentialsInvalid: "Failed",
  /** That Secret's username is not the owner of the database. */
  OwnerMismatch: "Failed",
  /** An earlier Cluster of this name is on its way out. */
  DatabaseDeleting: "Provisioning",
  /** The operator's CRDs are not in the cluster. */
  OperatorNotInstalled: "Pending",
  /** The Prometheus operator's CRD is not in the cluster. */
  MonitoringNotInstalled: "Pending",
  /** The namespace of the connection secret is not there. */
  NamespaceNotFound: "Pending",
  /** The class that the claim names is not there. */
  ClassNotFound: "Pending",
  /** The database was put to sleep by annotation. */
  Hibernated: "Pending",
  /** The Cluster is there, but its operator does nothing with it. */
  OperatorSilent: "Pending",
  /** A quota of the namespace leaves no room for the database's pods. */
  QuotaExceeded: "Pending",
  /** No node takes a pod of the database. */
  Unschedulable: "Pending",
  /** The StorageClass of the database's volume is not there, or it has none and there is no default. */
  StorageClassNotFound: "Pending",
  /** The provisioner has not made the volume yet, and has not said why. */
  VolumePending: "Pending",
  /** The provisioner cannot make the volume. */
  VolumeProvisioningFailed: "Failed",
  /** A node cannot prepare a pod of the database, most often for want of its volume. */
  VolumeMountFailed: "Failed",
  /** A rule of the namespace forbids the database's pods. */
  PodRefused: "Failed",
  /** A volume is growing to the size that is asked for; the database runs meanwhile. */
  VolumeGrowing: "Provisioning",
  /** A volume has been made larger than the claim asks for; it stays so. */
  VolumeLarger: "Ready",
  /** A volume cannot grow to the size that is asked for; the database runs with what it has. */
  VolumeCannotGrow: "Failed",
  /** PostgreSQL's image cannot be pulled. */
  ImagePullFailed: "Failed",
  /** A container of the database does not start, or keeps ending. */
  ContainerFailing: "Failed",
  /** The upgrade to a higher major version has failed; the operator leaves it at that. */
  UpgradeFailed: "Failed",
  /** The claim breaks a rule: it is older than the rule, or was made while the webhook was away. */
  Invalid: "Failed",
  /** An object of the name that is needed is someone else's. */
  NotOwned: "Failed",
  /** The operator refuses the definition. */
  DatabaseInvalid: "Failed",
  /** The operator cannot go on by itself. */
  DatabaseFailed: "Failed",
  /** The operator cannot make the pooler. */
  PoolerFailed: "Failed",
  /** The API server refuses the PodMonitor. */
  MonitoringFailed: "Failed",
  /** The operator, or PostgreSQL, refuses an extension. */
  ExtensionsFailed: "Failed",
  /** The API server refused a write or did not answer; it is tried again. */
  WriteFailed: "Failed",
  /** The claim is being deleted and its connection secret is not gone yet. */
  Deleting: "Deleting",
} as const satisfies Readonly<Record<string, Phase>>;

export type Reason = keyof typeof reasons;

export function isReason(word: string): word is Reason {
  return Object.hasOwn(reasons, word);
}

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

/** What is told of what only trying again can mend. */
export function failedVerdict({ message }: Error): Verdict {
  return { reason: "WriteFailed", message: `${message}; it is tried again` };
}

/** What was last said of an aspect; undefined where nothing was. */
export function saidBefore({ status }: Pick<Claim, "status">, type: string): Verdict | undefined {
  const { reason = "", message = "" } = conditionIn(status, type) ?? {};
  return isReason(reason) ? { reason, message } : undefined;
}

export function holds({ reason }: Verdict): boolean {
  return reasons[reason] === "Ready";
}

/** For how many ms an aspect has not been as it should be; 0 where it was, or nothing was said of it. */
export function openMs({ status }: Pick<Claim, "status">, type: string, now: Date): number {
  const before = conditionIn(status, type);
  const since = Date.parse(before?.lastTransitionTime ?? "");
  return before?.status === "False" && !Number.isNaN(since) ? now.getTime() - since : 0;
}

/** The status of a claim of these facts. Equal to the old one, times included, when nothing has changed. */
export function statusOf(claim: Claim, facts: Facts, now: Date): ClaimStatus {
  const { told, running, endpoint, bindingName, written } = facts;
  const ready = readyVerdict(told);
  const condition = (type: string, verdict: Verdict): ClaimCondition =>
    conditionOf(claim, type, { ...verdict, status: holds(verdict) ? "True" : "False" }, now);
  return {
    observedGeneration: claim.metadata.generation ?? 0,
    phase: reasons[ready.reason],
    ...running,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(bindingName === undefined ? {} : { binding: { name: bindingName } }),
    ...(written === undefined ? {} : { connectionSecretRef: written }),
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
function abnormalOf(claim: Claim, ready: Verdict, now: Date): readonly ClaimCondition[] {
  const phase = reasons[ready.reason];
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
  const gravest = gravity.flatMap(phase => open.filter(({ reason }) => reasons[reason] === phase));
  const summary = told.slice(0, 2).map(({ verdict }) => verdict.message);
  return gravest[0] ?? { reason: "Available", message: summary.join("; ") };
}

type Said = Verdict & { readonly status: ClaimCondition["status"] };

function conditionOf(claim: Claim, type: string, said: Said, now: Date): ClaimCondition {
  const { status, reason, message } = said;
  const before = conditionIn(claim.status, type);
  return {
    type,
    status,
    reason,
    message,
    observedGeneration: claim.metadata.generation ?? 0,
    // RFC 3339 to the second, as the API server writes times.
    lastTransitionTime:
      before?.status === status
        ? before.lastTransitionTime
        : `${now.toISOString().slice(0, "2026-01-01T00:00:00".length)}Z`,
  };
}

/** The event that a change of status deserves; none for progress, and none for what was said before. */
export function eventOf(
  before: ClaimStatus | undefined,
  after: ClaimStatus,
): ClaimEvent | undefined {
  const was = conditionIn(before, "Ready");
  const is = conditionIn(after, "Ready");
  if (!is || (was?.reason === is.reason && was.status === is.status)) {
    return growthEvent(before, after);
  }
  if (is.status === "True") {
    return { type: "Normal", reason: "Provisioned", message: is.message };
  }
  const isNews = after.phase === "Failed" || after.phase === "Pending";
  return isNews ? { type: "Warning", reason: is.reason, message: is.message } : undefined;
}

/** Growing is progress; that a volume cannot grow is news. */
function growthEvent(before: ClaimStatus | undefined, after: ClaimStatus): ClaimEvent | undefined {
  const [was, is] = [before, after].map(status => conditionIn(status, "StorageReady"));
  const isNews = is?.reason === "VolumeCannotGrow" && was?.reason !== is.reason;
  return isNews ? { type: "Warning", reason: is.reason, message: is.message } : undefined;
}
