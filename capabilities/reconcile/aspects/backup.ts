/** The claim's backups: the CronJob that makes them is kept as planned, and the claim is told how its Jobs went. */
import { backupName, backupPlace } from "../../claim/backup";
import { nextRun } from "../../claim/schedule";
import type { ClaimStatus } from "../../claim/claim";
import { endedOf, faultOf, hindranceIn, newestOf, reportIn } from "../../backup/outcome";
import { cronJobResource } from "../../backup/jobs";
import { ownJobs } from "../../backup/watches";
import { given } from "../../kubernetes/given";
import { keyOf, refOf, type KubeObject, type Ref } from "../../kubernetes/objects";
import { isControlledBy, standingOf } from "../../kubernetes/owners";
import { secondOf } from "../../kubernetes/time";
import {
  jobResource,
  podResource,
  type Job,
  type KubeEvent,
  type Pod,
} from "../../operator/diagnosis/evidence";
import type { Search } from "../../operator/operator";
import { eventResource } from "../diagnosis";
import { needsOfOwned, ownedObject, stepsOfOwned, type Wanted } from "../owned-object";
import type { Reason } from "../reasons";
import { backupLook, once, slowBackupMs, type Again } from "../pace";
import { askedOnce, perRun } from "../per-run";
import {
  list,
  liveList,
  object,
  outcomeFor,
  untried,
  type Aspect,
  type Need,
  type Run,
  type Step,
} from "../run";
import { failedVerdict, unwritten, type Verdict } from "../status";
import { databaseAspect, databaseOf } from "./database";

const aspect = "backup";
const condition = "BackupHealthy";

export type BackupStatus = NonNullable<ClaimStatus["backup"]>;

export const backupAspect: Aspect = askedOnce({
  name: aspect,
  condition,
  isVital: false,
  after: databaseAspect.condition,
  needs: needsOf,
  steps: run => untried(run, stepsOf(run)),
  tell: run => {
    const { backup } = run.plan;
    if (!backup?.cronJob) return undefined;
    const isVital = backup.work.backups.isRequired;
    const verdict = verdictOf(run, backup.cronJob);
    const again = ofJobs.includes(verdict.reason) ? againOf(run) : undefined;
    return { condition, isVital, verdict, ...given({ again }) };
  },
});

/** What Jobs tell of themselves; all else is looked at again at the pace of its reason. */
const ofJobs: readonly Reason[] = ["BackupScheduled", "BackedUp", "BackupFailed", "BackupOverdue"];

function wantedOf(desired: KubeObject): Wanted {
  return { aspect, condition, resource: cronJobResource, desired, standing: standingOf };
}

function needsOf(run: Run): readonly Need[] {
  const { claim, plan } = run;
  const cronJob = plan.backup?.cronJob;
  // Without backups, a CronJob of theirs may be there from before.
  if (!cronJob) return [object(cronJobResource, placeOf(run))];
  const found = ownedObject(wantedOf(cronJob), run);
  if (!found) return needsOfOwned(wantedOf(cronJob), run);
  return [
    ...needsOfOwned(wantedOf(cronJob), run),
    list(jobsOf(claim)),
    ...unreadOf(run).map(job => extra(liveList(podsOf(job)))),
    ...hindrancesOf(run).map(search => extra(liveList(search))),
  ];
}

/** While it cannot be found out, the claim is told of the Jobs alone. */
function extra(need: Need): Need {
  return { ...need, isExtra: true };
}

function placeOf({ claim }: Run): Ref {
  return { name: backupName(claim), namespace: refOf(claim).namespace };
}

function jobsOf(claim: KubeObject): Search {
  const { namespace } = refOf(claim);
  return { resource: jobResource, namespace, labelSelector: ownJobs(claim.metadata.uid ?? "") };
}

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#batch-kubernetes-io-controller-uid */
export function podsOf({ metadata }: Job): Search {
  const labelSelector = `batch.kubernetes.io/controller-uid=${metadata.uid ?? ""}`;
  return { resource: podResource, namespace: metadata.namespace ?? "", labelSelector };
}

/** The Jobs of the CronJob, those too that somebody has made of it by hand. */
const backupJobs = perRun((run: Run): readonly Job[] => {
  const cronJob = run.plan.backup?.cronJob;
  const found = cronJob && ownedObject(wantedOf(cronJob), run);
  if (!found) return [];
  const jobs = (run.seen.list(jobsOf(run.claim)) ?? []) as readonly Job[];
  return jobs.filter(({ metadata }) =>
    metadata.ownerReferences?.some(({ uid }) => uid === found.metadata.uid),
  );
});

/** The newest success and failure, as far as the status does not have them yet: what their pods said is read once. */
function unreadOf(run: Run): readonly Job[] {
  const { lastSuccess, lastFailure } = run.claim.status?.backup ?? {};
  const [made, failed] = [
    newestOf(backupJobs(run), "Succeeded"),
    newestOf(backupJobs(run), "Failed"),
  ];
  return [
    ...(made && made.job.metadata.name !== lastSuccess?.job ? [made.job] : []),
    ...(failed && failed.job.metadata.name !== lastFailure?.job ? [failed.job] : []),
  ];
}

/** A Job that has waited for its pod for too long: nobody else would say so before it is given up. */
function slowJob(run: Run): Job | undefined {
  return backupJobs(run).find(job => waitingMs(job, run.now) >= slowBackupMs);
}

/** For how many ms the Job has had no pod that runs; 0 for one that has, or has ended. */
function waitingMs(job: Job, now: Date): number {
  const { startTime, ready = 0 } = job.status ?? {};
  const started = Date.parse(startTime ?? "");
  return endedOf(job) || ready > 0 || Number.isNaN(started) ? 0 : now.getTime() - started;
}

/** Where it is found out why: the events of the Job, and of its pods. */
function hindrancesOf(run: Run): readonly Search[] {
  const job = slowJob(run);
  if (!job) return [];
  const pods = run.seen.list(podsOf(job));
  return [podsOf(job), eventsOf(job), ...(pods ?? []).map(eventsOf)];
}

function eventsOf({ kind, metadata }: KubeObject): Search {
  const fieldSelector = `involvedObject.kind=${kind},involvedObject.uid=${metadata.uid ?? ""}`;
  return { resource: eventResource, namespace: metadata.namespace ?? "", fieldSelector };
}

function stepsOf(run: Run): readonly Step[] {
  const cronJob = run.plan.backup?.cronJob;
  if (!cronJob) return removalOf(run);
  // Before there is a database, every backup would fail.
  return databaseOf(run) ? stepsOfOwned(wantedOf(cronJob), run) : [];
}

/** The Jobs go with it; the backups stay. */
function removalOf(run: Run): readonly Step[] {
  const ref = placeOf(run);
  const found = run.seen.object(cronJobResource, ref);
  if (!found || !isControlledBy(found, run.claim)) return [];
  if (found.metadata.deletionTimestamp !== undefined) return [];
  const why = `removes CronJob ${keyOf(ref)}: no backups are to be made any more; those that are there stay`;
  return [{ aspect, verb: "remove", resource: cronJobResource, object: found, why }];
}

function verdictOf(run: Run, cronJob: KubeObject): Verdict {
  if (!databaseOf(run)) return { reason: "BackupPending", message: "waiting for the database" };
  const what = `CronJob ${keyOf(refOf(cronJob))}`;
  const outcome = outcomeFor(run, cronJobResource, refOf(cronJob));
  if (outcome?.state === "failed") return failedVerdict(outcome.fault);
  if (outcome?.state === "refused") return unwritten(what, outcome.refusal);
  if (ownedObject(wantedOf(cronJob), run)) return healthVerdict(run);
  const found = run.seen.object(cronJobResource, refOf(cronJob));
  return found && standingOf(found, run.claim) === "foreign"
    ? {
        reason: "NotOwned",
        message: `${what}, which backups need, exists and does not belong to this claim, so it was left as it is: remove it, or set spec.backup.enabled to false`,
      }
    : { reason: "BackupPending", message: `${what} is being made` };
}

/** The gravest first. */
const findings: readonly ((run: Run, status: BackupStatus) => Verdict | undefined)[] = [
  paused,
  failed,
  slow,
  overdue,
  made,
];

function healthVerdict(run: Run): Verdict {
  const status = backupStatusOf(run) ?? {};
  for (const find of findings) {
    const verdict = find(run, status);
    if (verdict) return verdict;
  }
  return { reason: "BackupScheduled", message: `the first backup is due at ${status.next ?? ""}` };
}

function paused({ plan }: Run): Verdict | undefined {
  if (plan.claim.spec.hibernate !== true) return undefined;
  return { reason: "BackupsPaused", message: "no backups are made while the database sleeps" };
}

function failed(_run: Run, status: BackupStatus): Verdict | undefined {
  const { lastSuccess, lastFailure } = status;
  if (!lastFailure || (lastSuccess && lastSuccess.time >= lastFailure.time)) return undefined;
  const { time, message } = lastFailure;
  return {
    reason: "BackupFailed",
    message: `the backup of ${time} failed: ${message}${thenOf(status)}`,
  };
}

function slow(run: Run): Verdict | undefined {
  const job = slowJob(run);
  if (!job) return undefined;
  const pods = run.seen.list(podsOf(job)) ?? [];
  const events = [job, ...pods].flatMap(one => run.seen.list(eventsOf(one)) ?? []);
  const why = hindranceIn(events as readonly KubeEvent[]) ?? "neither its Job nor its pod says why";
  return { reason: "BackupFailed", message: `backup ${job.metadata.name} does not begin: ${why}` };
}

function overdue(run: Run): Verdict | undefined {
  const due = dueOf(run);
  if (!due || run.now < due.late) return undefined;
  return {
    reason: "BackupOverdue",
    message: `no backup was made at ${secondOf(due.next)}: check that the cluster's CronJobs run (kubectl describe cronjob ${backupName(run.claim)})`,
  };
}

function made(_run: Run, status: BackupStatus): Verdict | undefined {
  const { place = "", lastSuccess } = status;
  if (!lastSuccess) return undefined;
  const what = lastSuccess.name === undefined ? "the last backup" : `backup ${lastSuccess.name}`;
  return { reason: "BackedUp", message: `${what} is in ${place}${thenOf(status)}` };
}

function thenOf({ next }: BackupStatus): string {
  return next === undefined ? "" : `; the next is due at ${next}`;
}

/** What the claim's status says of its backups; where its class offers none any more, those that there are. */
export const backupStatusOf = perRun((run: Run): BackupStatus | undefined => {
  const { plan, claim, now } = run;
  const before = claim.status?.backup;
  if (!plan.backup) return withoutSchedule(before);
  const { backups } = plan.backup.work;
  const place = backupPlace(claim, backups.volume);
  const found = { ...successOf(run, before), ...failureOf(run, before) };
  if (!plan.backup.cronJob) return { place, ...found };
  const { schedule } = backups;
  const isSuspended = plan.claim.spec.hibernate === true;
  const since = before?.schedule === schedule ? before.since : undefined;
  return {
    place,
    ...found,
    // Without a schedule the time begins anew when the database wakes up.
    ...(isSuspended
      ? {}
      : given({ schedule, since: since ?? secondOf(now), next: nextOf(schedule, now) })),
  };
});

function withoutSchedule(before: BackupStatus | undefined): BackupStatus | undefined {
  if (!before) return undefined;
  const { place, lastSuccess, lastFailure, available } = before;
  return given({ place, lastSuccess, lastFailure, available });
}

function nextOf(schedule: string, now: Date): string | undefined {
  const next = nextRun(schedule, now);
  return next && secondOf(next);
}

function successOf(
  run: Run,
  before: BackupStatus = {},
): Pick<BackupStatus, "lastSuccess" | "available"> {
  const { lastSuccess, available } = before;
  const made = newestOf(backupJobs(run), "Succeeded");
  const isKnown = !made || (lastSuccess && made.time <= lastSuccess.time);
  if (isKnown) return given({ lastSuccess, available });
  const said = reportIn(podsRead(run, made.job));
  const { name: job } = made.job.metadata;
  return {
    lastSuccess: { time: made.time, job, ...given({ name: said.backup, bytes: said.bytes }) },
    ...given({ available: said.available ?? available }),
  };
}

function failureOf(run: Run, before: BackupStatus = {}): Pick<BackupStatus, "lastFailure"> {
  const { lastFailure } = before;
  const failed = newestOf(backupJobs(run), "Failed");
  const isKnown = !failed || (lastFailure && failed.time <= lastFailure.time);
  if (isKnown) return given({ lastFailure });
  const { name: job } = failed.job.metadata;
  const message = faultOf(failed, podsRead(run, failed.job));
  return { lastFailure: { time: failed.time, job, message } };
}

function podsRead({ seen }: Run, job: Job): readonly Pod[] {
  return (seen.list(podsOf(job)) ?? []) as readonly Pod[];
}

/** When the backup after the newest is due, and when it is late: after half of the time until the one after that. */
function dueOf(run: Run): { readonly next: Date; readonly late: Date } | undefined {
  const status = backupStatusOf(run);
  if (status?.schedule === undefined) return undefined;
  const next = runAfter(status.schedule, fromOf(status));
  const after = next && runAfter(status.schedule, next);
  if (!next || !after) return undefined;
  return { next, late: new Date(next.getTime() + (after.getTime() - next.getTime()) / 2) };
}

function fromOf({ since = "", lastSuccess }: BackupStatus): Date {
  const newest = lastSuccess && lastSuccess.time > since ? lastSuccess.time : since;
  return new Date(newest);
}

function runAfter(schedule: string, from: Date): Date | undefined {
  return Number.isNaN(from.getTime()) ? undefined : nextRun(schedule, from);
}

/** Jobs are watched: a look is due only for what does not happen. */
function againOf(run: Run): Again {
  const late = dueOf(run)?.late.getTime();
  const waits = backupJobs(run)
    .map(job => waitingMs(job, run.now))
    .filter(ms => ms > 0);
  const [slow] = waits.map(ms => Math.max(slowBackupMs - ms, 0));
  return once(
    backupLook({ slow, late: late === undefined ? undefined : late - run.now.getTime() }),
  );
}
