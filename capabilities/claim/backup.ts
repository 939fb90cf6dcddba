/** What a claim's backups are: what the class offers, and what the claim chooses of it. */
import { keyOf, refOf, type KubeObject } from "../kubernetes/objects";
import { digestOf } from "../kubernetes/digest";
import { given } from "../kubernetes/given";
import type { Claim } from "./claim";
import { databaseClaimKind } from "./names";
import type { Class, ClassSpec } from "./class";
import { nightlySchedule } from "./schedule";

type Offered = NonNullable<ClassSpec["backup"]>;

/** Where dumps are kept. */
export type BackupVolume = NonNullable<Offered["volume"]>;

export const defaultRetentionDays = 7;

/** With nothing left open. */
export type Backups = {
  readonly volume: BackupVolume;
  readonly schedule: string;
  readonly retentionDays: number;
  /** Whether new ones are made; those that are there stay in any case. */
  readonly isEnabled: boolean;
  /** Whether the claim is Ready without them. */
  readonly isRequired: boolean;
  /** Image with PostgreSQL's client programs, of the server's major version. */
  readonly image: string;
};

/** The claim's backups; undefined where its class offers none. */
export function backupsOf(claim: Claim, chosen: Class): Backups | undefined {
  const { backup: offered, image, versions } = chosen;
  if (!offered?.volume) return undefined;
  const { enabled: isEnabled = true, ...asked } = claim.spec.backup ?? {};
  const { schedule, retentionDays } = { ...defaultsOf(claim), ...given(offered), ...given(asked) };
  return {
    volume: offered.volume,
    schedule,
    retentionDays,
    isEnabled,
    isRequired: offered.required === true,
    image: `${offered.image ?? image}:${claim.spec.version ?? versions.default}`,
  };
}

function defaultsOf(claim: Claim): Pick<Backups, "schedule" | "retentionDays"> {
  return { schedule: nightlySchedule(claim), retentionDays: defaultRetentionDays };
}

/** The folder of a claim's backups in the volume: a claim that is made again under its name finds them there. */
export function backupFolder(claim: KubeObject): string {
  return `${keyOf(refOf(claim))}${apart(claim, ".pgdb")}`;
}

/** An instance and a database in a shared one may bear the same name; no instance has a dot in its own. */
function apart({ kind }: KubeObject, suffix: string): string {
  return kind === databaseClaimKind ? suffix : "";
}

/** Where a claim's backups are, for people. */
export function backupPlace(claim: KubeObject, volume: BackupVolume): string {
  const { nfs, persistentVolumeClaim } = volume;
  const where = nfs
    ? `${nfs.server}:${nfs.path}`
    : `PersistentVolumeClaim ${refOf(claim).namespace}/${persistentVolumeClaim ?? ""}`;
  return `${backupFolder(claim)} in ${where}`;
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

/** A name that leaves room for the suffix: a long one keeps its beginning, and is told apart by a digest. */
function shortened(name: string, suffix: string): string {
  const room = longestCronJobName - suffix.length;
  if (name.length <= room) return name;
  const digest = digestOf(name).slice(0, digestDigits);
  return `${name.slice(0, room - digestDigits - 1)}-${digest}`;
}
