/** The CronJob that makes a claim's backups, and the Job that puts one back: both run the same pod, with other arguments. */
import { databaseName, type Claim } from "../claim/claim";
import { backupFolder, backupName, backupPlace, restoreName, type Backups } from "../claim/backup";
import type { Class } from "../claim/class";
import { claimLabels } from "../claim/labels";
import { labels } from "../claim/names";
import { given } from "../kubernetes/given";
import {
  apiVersionOf,
  refOf,
  type KubeObject,
  type Ref,
  type Resource,
} from "../kubernetes/objects";
import { ownerReference } from "../kubernetes/owners";
import { jobResource } from "../operator/diagnosis/evidence";
import { postgresPort } from "../operator/login";
import { backupScript } from "./script";

export const cronJobResource = {
  group: "batch",
  version: "v1",
  kind: "CronJob",
  plural: "cronjobs",
} as const satisfies Resource;

/** Where the database is, and the Secret with its owner's credentials: keys `username` and `password`. */
export type Source = { readonly endpoint: string; readonly credentials: Ref };

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

/** The user `postgres` of CloudNativePG's images: a volume belongs to one whatever image comes later. */
const user = 26;

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

/** As the PodSecurity profile `restricted` asks, but for a share that is mounted by NFS: https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
function podSpec(work: Work, args: readonly string[]): object {
  const { backups, chosen } = work;
  const { nfs, persistentVolumeClaim: claimName } = backups.volume;
  return {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    },
    ...(chosen.imagePullSecrets.length > 0 && {
      imagePullSecrets: chosen.imagePullSecrets.map(name => ({ name })),
    }),
    containers: [containerOf(work, args)],
    volumes: [
      { name: "backups", ...(nfs ? { nfs } : { persistentVolumeClaim: { claimName } }) },
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
    ],
  };
}

function containerOf(work: Work, args: readonly string[]): object {
  const { backups, claim } = work;
  return {
    name: "backup",
    image: backups.image,
    command: ["/bin/sh", "-c", backupScript, "backup"],
    args,
    env: environmentOf(work),
    resources: {
      requests: { cpu: "50m", memory: "64Mi" },
      limits: { cpu: "1", memory: "512Mi" },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    // Why a backup failed is in its last lines.
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      // The pod sees this claim's backups alone.
      { name: "backups", mountPath, subPath: backupFolder(claim) },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}

function environmentOf({ claim, chosen, backups, source }: Work): readonly object[] {
  const { endpoint, credentials } = source;
  const secret = (name: string, key: string): object => ({
    name,
    valueFrom: { secretKeyRef: { name: credentials.name, key } },
  });
  const values = given({
    PGHOST: endpoint,
    PGPORT: String(postgresPort),
    PGDATABASE: databaseName(claim),
    PGSSLMODE: sslmodeOf(chosen),
    BACKUP_FOLDER: mountPath,
    BACKUP_PLACE: backupPlace(claim, backups.volume),
    RETENTION_DAYS: String(backups.retentionDays),
  });
  return [
    ...Object.entries(values).map(([name, value]) => ({ name, value })),
    secret("PGUSER", "username"),
    secret("PGPASSWORD", "password"),
  ];
}

/** Encrypted where clients must; the server's certificate is not checked, since the authority's Secret is not mounted. */
function sslmodeOf({ tls }: Class): string | undefined {
  const { sslmode } = tls ?? {};
  return sslmode === "verify-ca" || sslmode === "verify-full" ? "require" : sslmode;
}
