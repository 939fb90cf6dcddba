/**
 * What stands in the way of a Cluster that never came up and has been corrected. CNPG 1.30 leaves the Job that runs initdb as it
 * was made, and the volume claim too (recordings, 20 to 22): nothing heals until they are gone. Only what provably never held
 * data is named here.
 */
import type { KubeObject } from "../../kubernetes/objects";
import { isAlike } from "../../kubernetes/quantity";
import { isContained, isSame } from "../../kubernetes/sameness";
import type { Obstruction } from "../operator";
import { cause } from "./causes";
import { clusterResource, majorOf, type Cluster, type ClusterSpec } from "./cluster";
import {
  isDone,
  isPending,
  jobResource,
  type Evidence,
  type Job,
  type Pod,
  type VolumeClaim,
} from "../diagnosis/evidence";
import { evidenceOf } from "./evidence";

/** `status` of a Cluster, as far as an instance that has ever run leaves something there. */
type Traces = {
  readonly currentPrimary?: string;
  readonly timelineID?: number;
  readonly systemID?: string;
  readonly readyInstances?: number;
  readonly healthyPVC?: readonly string[];
  readonly danglingPVC?: readonly string[];
  readonly pgDataImageInfo?: { readonly majorVersion?: number };
};

/**
 * The Job of an earlier definition; or the Cluster itself, where its volume or version cannot follow the definition, and which
 * is made anew then. Undefined where nothing is in the way or something may have run.
 */
export function obstruction(
  database: KubeObject,
  desired: KubeObject,
  found: readonly KubeObject[],
): Obstruction | undefined {
  const evidence = evidenceOf(database, found);
  if (!hasNeverRun(database, evidence)) return undefined;
  const { spec } = desired as Cluster;
  const isClassMissing = cause(database, found)?.reason === "StorageClassNotFound";
  const itself = { resource: clusterResource, object: database };
  if (isDowngrade(database, spec)) return { ...itself, isCertain: true };
  if (evidence.volumes.some(volume => isOfOtherClass(volume, spec, isClassMissing))) {
    return { ...itself, isCertain: false };
  }
  const outdated = evidence.jobs.find(job => isOutdated(job, evidence.pods, spec));
  return outdated && { resource: jobResource, object: outdated, isCertain: false };
}

/**
 * Whether no instance was ever there: none has left a trace in the status, none has a pod, no initdb is done or at work, and
 * every volume is new and not initialized. `currentPrimary` stays once it is set, hibernated too (recordings, 04); a volume's
 * `pvcStatus` is "ready" once initdb is through, before the first instance starts (recordings, 21).
 */
export function hasNeverRun(database: KubeObject, evidence: Evidence): boolean {
  return (
    !hasTraces(tracesOf(database)) &&
    evidence.jobs.every(isFresh) &&
    evidence.pods.every(isIdle) &&
    evidence.volumes.every(isUninitialized)
  );
}

function tracesOf(database: KubeObject): Traces {
  return (database as KubeObject & { readonly status?: Traces }).status ?? {};
}

function hasTraces({
  currentPrimary,
  timelineID,
  systemID,
  readyInstances = 0,
  healthyPVC = [],
  danglingPVC = [],
}: Traces): boolean {
  const known = [currentPrimary, timelineID, systemID].some(trace => trace !== undefined);
  return known || readyInstances > 0 || healthyPVC.length > 0 || danglingPVC.length > 0;
}

function isFresh(job: Job): boolean {
  return !isDone(job) && job.metadata.labels?.["cnpg.io/jobRole"] === "initdb";
}

/** A pod of initdb's Job that has not begun, or has failed. */
function isIdle({ metadata, status }: Pod): boolean {
  const isOfJob = metadata.ownerReferences?.some(({ kind }) => kind === jobResource.kind) ?? false;
  return isOfJob && ["Pending", "Failed"].includes(status?.phase ?? "");
}

/** New: not bound, or to the volume that was made for this very claim; so not to one that was there before, with data. */
function isUninitialized({ metadata, spec = {} }: VolumeClaim): boolean {
  const { uid } = metadata;
  const { volumeName, dataSource, dataSourceRef } = spec;
  return (
    metadata.annotations?.["cnpg.io/pvcStatus"] === "initializing" &&
    dataSource === undefined &&
    dataSourceRef === undefined &&
    (volumeName === undefined || (uid !== undefined && volumeName === `pvc-${uid}`))
  );
}

/** A volume claim that waits for ever: it names its StorageClass for good. Where none is asked for it may name the default. */
function isOfOtherClass(
  volume: VolumeClaim,
  { storage: { storageClass } }: ClusterSpec,
  isClassMissing: boolean,
): boolean {
  const isOther = volume.spec?.storageClassName !== storageClass;
  return isPending(volume) && isOther && (storageClass !== undefined || isClassMissing);
}

/** CNPG refuses a lower major version, though nothing ever ran (recordings, 20). */
function isDowngrade(database: KubeObject, { imageName }: ClusterSpec): boolean {
  const major = majorOf(imageName);
  const { majorVersion = 0 } = tracesOf(database).pgDataImageInfo ?? {};
  return major !== undefined && major < majorVersion;
}

/** Whether the Job would make something else than what is desired now. */
function isOutdated(job: Job, pods: readonly Pod[], spec: ClusterSpec): boolean {
  const { containers = [], nodeSelector, tolerations } = job.spec?.template?.spec ?? {};
  const initdb = containers.find(({ name }) => name === "initdb");
  const has = { imageName: initdb?.image, resources: initdb?.resources ?? {} };
  const wants = { imageName: spec.imageName, resources: spec.resources };
  return (
    !isContained(wants, has, isAlike) ||
    !isSame(placementOf(spec.affinity), placementOf({ nodeSelector, tolerations })) ||
    pods.some(pod => lacksPullSecret(pod, spec))
  );
}

function placementOf(placed: { nodeSelector?: unknown; tolerations?: unknown } = {}): object {
  const { nodeSelector = {}, tolerations = [] } = placed;
  return { nodeSelector, tolerations };
}

/** They come to a pod from its ServiceAccount, when it is made. */
function lacksPullSecret(pod: Pod, spec: object): boolean {
  const { imagePullSecrets: wanted = [] } = spec as NonNullable<Pod["spec"]>;
  const has = (pod.spec?.imagePullSecrets ?? []).map(({ name }) => name);
  return wanted.some(({ name }) => !has.includes(name));
}
