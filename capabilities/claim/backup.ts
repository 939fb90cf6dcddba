/** What a claim's backups are: what the class offers, and what the claim chooses of it. */
import { keyOf, refOf, type KubeObject } from "../kubernetes/objects";
import { given } from "../kubernetes/given";
import type { Claim } from "./claim";
import { apart } from "./job-names";
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

/** Where a claim's backups are, for people. */
export function backupPlace(claim: KubeObject, volume: BackupVolume): string {
  const { nfs, persistentVolumeClaim } = volume;
  const where = nfs
    ? `${nfs.server}:${nfs.path}`
    : `PersistentVolumeClaim ${refOf(claim).namespace}/${persistentVolumeClaim ?? ""}`;
  return `${backupFolder(claim)} in ${where}`;
}
