/** What the claim's status says of its backups, and when the next of them is late. */
import { faultOf, reportIn } from "../../backup/outcome";
import { backupPlace } from "../../claim/backup";
import type { ClaimStatus } from "../../claim/claim";
import { nextRuns } from "../../claim/schedule";
import { given } from "../../kubernetes/given";
import { secondOf } from "../../kubernetes/time";
import { perRun } from "../per-run";
import type { Run } from "../run";
import { newsOf, podsRead } from "./jobs";

export type BackupStatus = NonNullable<ClaimStatus["backup"]>;

/** Where the class offers none any more, what there is of them. */
export const backupStatusOf = perRun((run: Run): BackupStatus | undefined => {
  const { plan, claim } = run;
  const before = claim.status?.backup;
  if (!plan.backup) return before && madeBefore(before);
  const { volume, schedule } = plan.backup.work.backups;
  const found = {
    ...madeBefore(before ?? {}),
    ...successOf(run),
    ...failureOf(run),
    place: backupPlace(claim, volume),
  };
  // Without a schedule the time begins anew when the database wakes up.
  const isMade = plan.backup.cronJob && plan.claim.spec.hibernate !== true;
  return isMade ? { ...found, ...timesOf(run, schedule) } : found;
});

/** All but when they are made. */
function madeBefore({ place, lastSuccess, lastFailure, available }: BackupStatus): BackupStatus {
  return given({ place, lastSuccess, lastFailure, available });
}

function timesOf({ claim, now }: Run, schedule: string): BackupStatus {
  const before = claim.status?.backup;
  const since = before?.schedule === schedule ? before.since : undefined;
  const [next] = nextRuns(schedule, now, 1);
  return given({ schedule, since: since ?? secondOf(now), next: next && secondOf(next) });
}

/** Nothing while its pod has not been read: it is told once, with its name. */
function successOf(run: Run): Pick<BackupStatus, "lastSuccess" | "available"> {
  const made = newsOf(run, "Succeeded");
  const pods = made && podsRead(run, made.job);
  if (!pods) return {};
  const { backup: name, bytes, available } = reportIn(pods);
  const { name: job } = made.job.metadata;
  return {
    lastSuccess: { time: made.time, job, ...given({ name, bytes }) },
    ...given({ available }),
  };
}

function failureOf(run: Run): Pick<BackupStatus, "lastFailure"> {
  const failed = newsOf(run, "Failed");
  const pods = failed && podsRead(run, failed.job);
  if (!pods) return {};
  const { name: job } = failed.job.metadata;
  return { lastFailure: { time: failed.time, job, message: faultOf(failed, pods) } };
}

export type Due = { readonly next: Date; readonly late: Date };

/** When the backup after the newest is due, and when it is late: after half of the time until the one after that. */
export const dueOf = perRun((run: Run): Due | undefined => {
  const status = backupStatusOf(run);
  const from = status && fromOf(status);
  if (status?.schedule === undefined || !from || Number.isNaN(from.getTime())) return undefined;
  const [next, after] = nextRuns(status.schedule, from, 2);
  if (!next || !after) return undefined;
  return { next, late: new Date(next.getTime() + (after.getTime() - next.getTime()) / 2) };
});

function fromOf({ since = "", lastSuccess }: BackupStatus): Date {
  const newest = lastSuccess && lastSuccess.time > since ? lastSuccess.time : since;
  return new Date(newest);
}
