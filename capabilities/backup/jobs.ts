/** The CronJob that makes a claim's backups, and the Job that puts one back: both run the same pod, with other arguments. */
import { databaseName, type Claim } from "../claim/claim";
import { backupFolder, backupPlace, type Backups } from "../claim/backup";
import type { Class } from "../claim/class";
import { backupName, restoreName } from "../claim/job-names";
import { claimLabels } from "../claim/labels";
import { labels } from "../claim/names";
import { apiVersionOf, refOf, type KubeObject, type Resource } from "../kubernetes/objects";
import { ownerReference } from "../kubernetes/owners";
import { jobResource } from "../operator/diagnosis/evidence";
import { clientEnvironment, clientPodSpec, type Source } from "../pods/client-pod";
import { backupScript } from "./script";

export const cronJobResource = {
  group: "batch",
  version: "v1",
  kind: "CronJob",
  plural: "cronjobs",
} as const satisfies Resource;

/** Everything that a claim's pods of backups are made of. */
export type Work = {
  readonly claim: Claim;
  readonly chosen: Class;
  readonly backups: Backups;
  readonly source: Source;
};

const hourSeconds = 3600;

/** A Job that hangs is ended, so that the next night has another; a dump of 100 GB takes less. */
const longestRunSeconds = 12 * hourSeconds;
/** A backup that could not begin in time, since the controller was away, still is made within this. */
const latestStartSeconds = 6 * hourSeconds;
/** How long a Job can be looked at: what came of it is in the claim's status. */
const keptSeconds = 7 * 24 * hourSeconds;
/** A database that restarts, or a node that goes, is no failed backup yet. */
const retries = 2;

const mountPath = "/backups";

export function backupCronJob(work: Work): KubeObject {
  const { claim, backups } = work;
  return {
    ...objectOf(cronJobResource, backupName(claim), claim),
    spec: {
      schedule: backups.schedule,
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: latestStartSeconds,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 1,
      // Nobody can be reached in a database that sleeps.
      suspend: claim.spec.hibernate === true,
      jobTemplate: {
        metadata: { labels: labelsOf(claim) },
        spec: jobSpec(work, ["backup"], retries),
      },
    },
  } as KubeObject;
}

/** What has been put back in part is undone by the database: it is not tried again by itself. */
export function restoreJob(work: Work, from: string): KubeObject {
  const { claim } = work;
  return {
    ...objectOf(jobResource, restoreName(claim, from), claim),
    spec: jobSpec(work, ["restore", from], 0),
  } as KubeObject;
}

function objectOf(resource: Resource, name: string, claim: Claim): KubeObject {
  return {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: {
      name,
      namespace: refOf(claim).namespace,
      labels: labelsOf(claim),
      ownerReferences: [ownerReference(claim)],
    },
  };
}

function labelsOf(claim: Claim): Readonly<Record<string, string>> {
  return { ...claimLabels(claim), [labels.component]: "backup" };
}

function jobSpec(work: Work, args: readonly string[], backoffLimit: number): object {
  return {
    backoffLimit,
    activeDeadlineSeconds: longestRunSeconds,
    ttlSecondsAfterFinished: keptSeconds,
    template: { metadata: { labels: labelsOf(work.claim) }, spec: podSpec(work, args) },
  };
}

function podSpec({ claim, chosen, backups, source }: Work, args: readonly string[]): object {
  const { nfs, persistentVolumeClaim: claimName } = backups.volume;
  return clientPodSpec({
    ...{ chosen, args, name: "backup", image: backups.image, script: backupScript },
    env: clientEnvironment(source, databaseName(claim), chosen, {
      BACKUP_FOLDER: mountPath,
      BACKUP_PLACE: backupPlace(claim, backups.volume),
      RETENTION_DAYS: String(backups.retentionDays),
    }),
    volumes: [{ name: "backups", ...(nfs ? { nfs } : { persistentVolumeClaim: { claimName } }) }],
    // The pod sees this claim's backups alone.
    volumeMounts: [{ name: "backups", mountPath, subPath: backupFolder(claim) }],
  });
}
