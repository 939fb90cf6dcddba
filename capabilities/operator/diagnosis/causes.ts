/**
 * What holds pods, volumes and Jobs up, whichever operator made them: the kubelet, the scheduler, quotas and provisioners say it in
 * conditions and events.
 */
import type { KubeObject } from "../../kubernetes/objects";
import type { Cause } from "../operator";
import { containerFailing, imageFailed, instanceOf } from "./containers";
import {
  isDone,
  isPending,
  isPreparing,
  jobResource,
  newestFirst,
  statefulSetResource,
  type Evidence,
  type KubeEvent,
  type VolumeClaim,
} from "./evidence";
import { fitWords } from "./words";

type Finder = (evidence: Evidence) => Cause | undefined;

/** From what keeps all else from happening to what is only slow: an unschedulable pod may just want its volume. */
const finders: readonly Finder[] = [
  podRefused,
  volumeFailed,
  imageFailed,
  containerFailing,
  unschedulable,
  mountFailed,
  volumePending,
];

/** The gravest cause that shows; undefined where none does. */
export function causeIn(evidence: Evidence): Cause | undefined {
  for (const find of finders) {
    const known = find(evidence);
    if (known) return known;
  }
  return undefined;
}

/** Whose events are asked for: pending volume claims and Jobs without pods say nothing by themselves, nor do pods being prepared. */
export function silentIn({ volumes, jobs, sets, pods }: Evidence): readonly KubeObject[] {
  const isLacking = ({ metadata }: KubeObject): boolean =>
    !pods.some(pod => pod.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid));
  return [
    ...jobs.filter(job => !isDone(job) && isLacking(job)),
    ...sets.filter(isLacking),
    ...volumes.filter(isPending),
    ...pods.filter(isPreparing),
  ];
}

/** The events on objects of these kinds, the newest first. */
export function eventsOn({ events }: Evidence, ...kinds: readonly string[]): readonly KubeEvent[] {
  return newestFirst(
    events.filter(({ involvedObject }) => kinds.includes(involvedObject?.kind ?? "")),
  );
}

/** How a Job's controller begins, and a StatefulSet's. */
const refusedPod =
  /^(Error creating: |create Pod \S+ in StatefulSet \S+ failed error: )(pods "[^"]*" is forbidden: )?/;

function podRefused(evidence: Evidence): Cause | undefined {
  const [latest] = eventsOn(evidence, jobResource.kind, statefulSetResource.kind);
  if (latest?.reason !== "FailedCreate") return undefined;
  const said = latest.message ?? "";
  // The pod that could not be made would have had another name each time.
  const words = fitWords(said.replace(refusedPod, ""));
  if (said.includes("exceeded quota")) {
    return {
      reason: "QuotaExceeded",
      message: `the namespace's quota leaves no room for a pod of the database: ${words}; ask for a smaller size, or have the quota raised`,
    };
  }
  return {
    reason: "PodRefused",
    message: `no pod of the database may be made: ${words}; ask the platform team to allow what it names in this namespace`,
  };
}

function volumeFailed(evidence: Evidence): Cause | undefined {
  const pending = evidence.volumes.find(isPending);
  const said = pending && provisioningFault(evidence);
  if (!pending || said === undefined) return undefined;
  const words = fitWords(said);
  if (notFound.test(said)) {
    return {
      reason: "StorageClassNotFound",
      message: `the volume waits for a StorageClass that is not there: ${words}; make it, or name another in the PostgresClass`,
    };
  }
  if (noClass.test(said)) {
    return {
      reason: "StorageClassNotFound",
      message: `the volume has no StorageClass, and the cluster has no default one: ${words}; name one in the PostgresClass, or make one the default`,
    };
  }
  return {
    reason: "VolumeProvisioningFailed",
    message: `no volume can be made of StorageClass ${classOf(pending)}: ${words}; ask the platform team to mend what it names`,
  };
}

const notFound = /^storageclass\.storage\.k8s\.io ".*" not found$/;
const noClass = /no storage class is set/;

/**
 * Why no volume is made. Whatever is said after a StorageClass was missing shows that it is there now; and a volume that waits
 * for its pod has failed no more. That a provisioner is waited for is said all the time, beside its failures.
 */
function provisioningFault(evidence: Evidence): string | undefined {
  const said = eventsOn(evidence, "PersistentVolumeClaim");
  const waits = said.findIndex(({ reason = "" }) => /^WaitFor/.test(reason));
  const known = waits < 0 ? said : said.slice(0, waits);
  return known.find(({ reason = "", message = "" }, index) => {
    const isOfClass = notFound.test(message) || noClass.test(message);
    return ["ProvisioningFailed", "FailedBinding"].includes(reason) && (index === 0 || !isOfClass);
  })?.message;
}

function classOf({ spec }: VolumeClaim): string {
  return spec?.storageClassName ?? "(none)";
}

function unschedulable({ pods, instanceLabel }: Evidence): Cause | undefined {
  for (const pod of pods) {
    const placed = pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
    if (placed?.status !== "False" || placed.reason !== "Unschedulable") continue;
    const words = fitWords(placed.message ?? "");
    return {
      reason: "Unschedulable",
      message: `no node takes instance ${instanceOf(pod, instanceLabel)}: ${words || "the scheduler gives no reason"}; make room or nodes that fit, ask for a smaller size, or correct the placement in the PostgresClass`,
    };
  }
  return undefined;
}

const mountReasons: readonly string[] = [
  "FailedMount",
  "FailedAttachVolume",
  "FailedMapVolume",
  "FailedCreatePodSandBox",
];

function mountFailed(evidence: Evidence): Cause | undefined {
  const failed = eventsOn(evidence, "Pod").find(({ reason = "" }) => mountReasons.includes(reason));
  if (!failed || !evidence.pods.some(isPreparing)) return undefined;
  const words = fitWords(failed.message ?? "");
  return {
    reason: "VolumeMountFailed",
    message: `a pod of the database cannot be prepared on its node (${failed.reason ?? ""}): ${words}; ask the platform team to mend what it names`,
  };
}

/** Not while the volume only waits for its pod to be placed: most StorageClasses bind so late. */
function volumePending(evidence: Evidence): Cause | undefined {
  const pending = evidence.volumes.find(isPending);
  const waits = eventsOn(evidence, "PersistentVolumeClaim").find(
    ({ reason }) => reason === "ExternalProvisioning",
  );
  if (!pending || !waits) return undefined;
  return {
    reason: "VolumePending",
    message: `the volume of StorageClass ${classOf(pending)} has not come yet: ${fitWords(waits.message ?? "")}; see that its provisioner runs`,
  };
}
