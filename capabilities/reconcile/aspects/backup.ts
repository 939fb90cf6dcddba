/** The claim's backups: the CronJob that makes them is kept as planned, and the claim is told how its Jobs went. */
import { cronJobResource } from "../../backup/jobs";
import { backupName } from "../../claim/job-names";
import { given } from "../../kubernetes/given";
import { keyOf, refOf, type Ref } from "../../kubernetes/objects";
import { standingOf } from "../../kubernetes/owners";
import { secondOf } from "../../kubernetes/time";
import {
  aspect,
  condition,
  foundCronJob,
  hindrance,
  needsOfJobs,
  waitsOf,
  wantedCronJob,
} from "../backup/jobs";
import { backupStatusOf, dueOf, type BackupStatus } from "../backup/status";
import { needsOfOwned, removalOfOwned, stepsOfOwned, type Wanted } from "../owned-object";
import { backupLook, once, slowBackupMs, type Again } from "../pace";
import { askedOnce } from "../per-run";
import type { Reason } from "../reasons";
import { object, outcomeFor, untried, type Aspect, type Need, type Run, type Step } from "../run";
import { failedVerdict, notOwned, unwritten, type Verdict } from "../status";
import { databaseAspect, databaseOf } from "./database";

export const backupAspect: Aspect = askedOnce({
  name: aspect,
  condition,
  isVital: false,
  after: databaseAspect.condition,
  needs: needsOf,
  steps: run => untried(run, stepsOf(run)),
  tell: run => {
    const wanted = wantedCronJob(run);
    if (!wanted) return undefined;
    const isVital = run.plan.backup?.work.backups.isRequired ?? false;
    const verdict = verdictOf(run, wanted);
    const again = ofJobs.includes(verdict.reason) ? againOf(run) : undefined;
    return { condition, isVital, verdict, ...given({ again }) };
  },
});

/** What Jobs tell of themselves; all else is looked at again at the pace of its reason. */
const ofJobs: readonly Reason[] = ["BackupScheduled", "BackedUp", "BackupFailed", "BackupOverdue"];

function needsOf(run: Run): readonly Need[] {
  const wanted = wantedCronJob(run);
  // Without backups, a CronJob of theirs may be there from before.
  if (!wanted) return [object(cronJobResource, placeOf(run))];
  return [...needsOfOwned(wanted, run), ...(foundCronJob(run) ? needsOfJobs(run) : [])];
}

function placeOf({ claim }: Run): Ref {
  return { name: backupName(claim), namespace: refOf(claim).namespace };
}

function stepsOf(run: Run): readonly Step[] {
  const wanted = wantedCronJob(run);
  if (!wanted) return removalOf(run);
  // Before there is a database, every backup would fail.
  return databaseOf(run) ? stepsOfOwned(wanted, run) : [];
}

/** The Jobs go with it; the backups stay. */
function removalOf(run: Run): readonly Step[] {
  const found = run.seen.object(cronJobResource, placeOf(run));
  const why = "no backups are to be made any more; those that are there stay";
  return removalOfOwned({ aspect, resource: cronJobResource }, found, run, why);
}

function verdictOf(run: Run, { resource, desired }: Wanted): Verdict {
  if (!databaseOf(run)) return { reason: "BackupPending", message: "waiting for the database" };
  const what = `CronJob ${keyOf(refOf(desired))}`;
  const outcome = outcomeFor(run, resource, refOf(desired));
  if (outcome?.state === "failed") return failedVerdict(outcome.fault);
  if (outcome?.state === "refused") return unwritten(what, outcome.refusal);
  if (foundCronJob(run)) return healthVerdict(run);
  const found = run.seen.object(resource, refOf(desired));
  return found && standingOf(found, run.claim) === "foreign"
    ? notOwned(what, "backups need", "set spec.backup.enabled to false")
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
  const found = hindrance(run);
  if (!found) return undefined;
  return { reason: "BackupFailed", message: `backup ${found.job} does not begin: ${found.why}` };
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

/** Jobs are watched: a look is due only for what does not happen. */
function againOf(run: Run): Again {
  const late = dueOf(run)?.late.getTime();
  const [slow] = waitsOf(run).map(ms => Math.max(slowBackupMs - ms, 0));
  return once(
    backupLook({ slow, late: late === undefined ? undefined : late - run.now.getTime() }),
  );
}
