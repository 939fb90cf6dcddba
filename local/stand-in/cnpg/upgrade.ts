/**
 * Plays a major upgrade that fails, as CNPG 1.30 and kubelet leave it: a Job that was tried once and a pod of it, until the old version
 * is asked for again (handleRollbackIfNeeded in CNPG's pkg/reconciler/majorupgrade; the Job is that of the recordings, 06).
 */
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import type { Api } from "../api";
import { collectionOf, pathOf } from "../paths";
import { imageOf, isDoomed } from "./cluster";
import type { Cluster } from "./cluster";
import { jobManager, metadata, podOf, secondOf } from "./trouble";
import type { Job } from "./trouble";
import { isUpgrade } from "./turn";

type Json = Readonly<Record<string, unknown>>;

/** The Job that is to bring the data of the first instance to a higher major version. */
export function upgradeJob(cluster: Cluster): KubeObject {
  const made = metadata(cluster, "-major-upgrade");
  const labels = { ...made.labels, "cnpg.io/jobRole": "major-upgrade" };
  const containers = [{ name: "major-upgrade", image: imageOf(cluster) }];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { ...made, labels },
    ...{
      spec: {
        backoffLimit: 0,
        managedBy: jobManager,
        template: { metadata: { labels }, spec: { restartPolicy: "Never", containers } },
      },
    },
  };
}

/** pg_upgrade has ended with a fault. */
export function failedPodStatus({ spec }: Job): Json {
  const { image = "" } = spec?.template?.spec?.containers?.[0] ?? {};
  const state = { terminated: { exitCode: 1, reason: "Error" } };
  const ended = { name: "major-upgrade", image, imageID: "", ready: false, restartCount: 0, state };
  return { phase: "Failed", containerStatuses: [ended] };
}

/** As the job controller writes it. */
export function failedJobStatus(now: string): Json {
  const condition = (type: string): Json => ({
    type,
    status: "True",
    reason: "BackoffLimitExceeded",
    message: "Job has reached the specified backoff limit",
    lastProbeTime: now,
    lastTransitionTime: now,
  });
  return {
    startTime: now,
    failed: 1,
    conditions: [condition("FailureTarget"), condition("Failed")],
  };
}

/**
 * Leaves a failed Job beside the Cluster, once its server is down, or removes it where the upgrade is no longer asked for. Tells
 * whether there is one.
 */
export async function settleUpgrade(
  api: Api,
  cluster: Cluster,
  hasFailed: boolean,
): Promise<boolean> {
  const job = upgradeJob(cluster);
  if (!isUpgrade(cluster)) {
    if (hasFailed) await api.remove(pathOf(job));
    return false;
  }
  if (hasFailed || !isDoomed(cluster) || cluster.status?.readyInstances !== undefined)
    return hasFailed;
  const made = await api.create(collectionOf(job), job);
  if (!made) return true;
  const pod = podOf({ ...job, metadata: made.metadata });
  await api.create(collectionOf(pod), pod);
  await api.patch(`${pathOf(pod)}/status`, { status: failedPodStatus(job) });
  await api.patch(`${pathOf(job)}/status`, { status: failedJobStatus(secondOf(new Date())) });
  return true;
}
