/** Names of the CronJobs and Jobs that are made for a claim: of two kinds of claims that bear one name they are apart. */
import { digestOf } from "../kubernetes/digest";
import type { KubeObject } from "../kubernetes/objects";
import { databaseClaimKind } from "./names";

/** The suffix for a database in a shared instance: that may bear the name of an instance beside it. */
export function apart({ kind }: KubeObject, suffix: string): string {
  return kind === databaseClaimKind ? suffix : "";
}

/** Of a CronJob, which puts eleven characters behind it to name its Jobs: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ */
const longestCronJobName = 52;

const digestDigits = 8;

/** The CronJob that makes a claim's backups. */
export function backupName(claim: KubeObject): string {
  const suffix = `${apart(claim, "-pgdb")}-backup`;
  return `${shortened(claim.metadata.name, suffix)}${suffix}`;
}

/** The Job that puts a claim's database back, once for each time that it is asked for. */
export function restoreName({ metadata: { name, uid = "" } }: KubeObject, from: string): string {
  const suffix = `-restore-${digestOf([uid, from]).slice(0, digestDigits)}`;
  return `${shortened(name, suffix)}${suffix}`;
}

/** The Job that grants rights to a claim's further logins, once for each `granted`. */
export function accessJobName(
  { metadata: { name, uid = "" } }: KubeObject,
  granted: string,
): string {
  const suffix = `-access-${digestOf([uid, granted]).slice(0, digestDigits)}`;
  return `${shortened(name, suffix)}${suffix}`;
}

/** A name that leaves room for the suffix: a long one keeps its beginning, and is told apart by a digest. */
function shortened(name: string, suffix: string): string {
  const room = longestCronJobName - suffix.length;
  if (name.length <= room) return name;
  const digest = digestOf(name).slice(0, digestDigits);
  return `${name.slice(0, room - digestDigits - 1)}-${digest}`;
}
