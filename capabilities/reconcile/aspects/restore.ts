/**
 * A backup is put back, once for as long as the claim asks for it: a Job does it, and the status remembers it when that has gone. To
 * apply the same claim again does nothing; what is taken out can be asked for anew.
 */
import { restoreName } from "../../claim/job-names";
import type { ClaimStatus } from "../../claim/claim";
import { endedOf, faultOf, reportIn } from "../../backup/outcome";
import { restoreJob } from "../../backup/jobs";
import { given } from "../../kubernetes/given";
import { keyOf, refOf, type KubeObject, type Ref } from "../../kubernetes/objects";
import { isControlledBy, standingOf } from "../../kubernetes/owners";
import { jobResource, type Job } from "../../operator/diagnosis/evidence";
import { isMade, loginsOf } from "../access/logins";
import { podsOf, podsRead } from "../backup/jobs";
import { healthOf } from "../health";
import { needsOfOwned, ownedObject, removalOfOwned, type Wanted } from "../owned-object";
import { askedOnce, perRun } from "../per-run";
import { object, outcomeFor, untried, type Aspect, type Need, type Run, type Step } from "../run";
import { failedVerdict, notOwned, unwritten, type Verdict } from "../status";
import { databaseAspect, databaseOf, isWritten } from "./database";

const aspect = "restore";
const condition = "Restored";

export type RestoreStatus = NonNullable<ClaimStatus["restore"]>;

export const restoreAspect: Aspect = askedOnce({
  name: aspect,
  condition,
  isVital: true,
  after: databaseAspect.condition,
  needs: needsOf,
  steps: run => untried(run, stepsOf(run)),
  tell: run => {
    const wanted = wantedOf(run);
    const leftover = leftoverOf(run);
    if (leftover) return { condition, isVital: true, verdict: leftoverVerdict(run, leftover) };
    return wanted && { condition, isVital: true, verdict: verdictOf(run, wanted) };
  },
});

/** The Job that the claim asks for; undefined where it asks for none. */
const wantedOf = perRun(({ plan }: Run): Wanted | undefined => {
  const from = plan.claim.spec.restore?.from;
  if (from === undefined || !plan.backup) return undefined;
  const desired = restoreJob(plan.backup.work, from);
  return { aspect, condition, resource: jobResource, desired, standing: standingOf };
});

function needsOf(run: Run): readonly Need[] {
  const given = givenUpBy(run);
  const old = given ? [object(jobResource, placeOf(run, given.from))] : [];
  const wanted = wantedOf(run);
  if (!wanted || isDone(run)) return old;
  const job = jobOf(run);
  const pods = job && endedOf(job) ? [podsOf(job)] : [];
  return [...old, ...needsOfOwned(wanted, run), ...pods];
}

function placeOf({ claim }: Run, from: string): Ref {
  return { name: restoreName(claim, from), namespace: refOf(claim).namespace };
}

/** What was done of a restore that the claim asks for no more. */
function givenUpBy({ plan, claim }: Run): RestoreStatus | undefined {
  const before = claim.status?.restore;
  return before?.from === plan.claim.spec.restore?.from ? undefined : before;
}

/** The Job of the restore that the claim asks for, if it is there and the claim's. */
function jobOf(run: Run): Job | undefined {
  const wanted = wantedOf(run);
  return wanted && (ownedObject(wanted, run) as Job | undefined);
}

/** Whether what the claim asks for has been done, or has failed: the status says so for good. */
function isDone({ plan, claim }: Run): boolean {
  const { from, state } = claim.status?.restore ?? {};
  return from === plan.claim.spec.restore?.from && state !== undefined && state !== "Running";
}

function stepsOf(run: Run): readonly Step[] {
  const leftover = leftoverOf(run);
  if (leftover) return removalOf(run, leftover);
  const wanted = wantedOf(run);
  if (!wanted || isDone(run) || waitsFor(run) !== undefined) return [];
  if (run.seen.object(jobResource, refOf(wanted.desired))) return [];
  const { desired, resource } = wanted;
  const what = run.plan.claim.spec.restore?.from ?? "";
  const why = `makes Job ${keyOf(refOf(desired))}, which puts backup ${what} back`;
  const message = `backup ${what} is put back by Job ${desired.metadata.name}, once what is there has been backed up`;
  const event = { type: "Normal", reason: "RestoreStarted", message } as const;
  return [{ aspect, verb: "create", resource, object: desired, why, event }];
}

/**
 * The Job of a restore that is asked for no more. Until it has gone the status remembers it, and nothing else is put back: the same
 * may be asked for again, and must not be taken for done.
 */
const leftoverOf = perRun((run: Run): KubeObject | undefined => {
  const given = givenUpBy(run);
  const found = given && run.seen.object(jobResource, placeOf(run, given.from));
  return found && isControlledBy(found, run.claim) ? found : undefined;
});

function removalOf(run: Run, job: KubeObject): readonly Step[] {
  const why = `spec.restore does not ask for ${givenUpBy(run)?.from ?? ""} any more`;
  return removalOfOwned({ aspect, resource: jobResource }, job, run, why);
}

function leftoverVerdict(run: Run, job: KubeObject): Verdict {
  const what = `Job ${keyOf(refOf(job))}`;
  const outcome = outcomeFor(run, jobResource, refOf(job));
  if (outcome?.state === "failed") return failedVerdict(outcome.fault);
  if (outcome?.state === "refused") return unwritten(what, outcome.refusal);
  return { reason: "RestorePending", message: `waiting for ${what}, of an earlier restore, to go` };
}

/** A database that changes, or sleeps, is not put back meanwhile; and PostgreSQL grants nothing to roles that are not there. */
function waitsFor(run: Run): string | undefined {
  const database = databaseOf(run);
  const isHealthy = database && isWritten(run) && healthOf(run, database).state === "healthy";
  if (!isHealthy) return "the database to be healthy";
  return loginsOf(run).every(login => isMade(login, run))
    ? undefined
    : "the roles of spec.access, to which the backup may grant rights";
}

function verdictOf(run: Run, { resource, desired }: Wanted): Verdict {
  const status = restoreStatusOf(run);
  if (status) return statusVerdict(status, desired);
  const what = `Job ${keyOf(refOf(desired))}`;
  const outcome = outcomeFor(run, resource, refOf(desired));
  if (outcome?.state === "failed") return failedVerdict(outcome.fault);
  if (outcome?.state === "refused") return unwritten(what, outcome.refusal);
  const found = run.seen.object(resource, refOf(desired));
  return found && standingOf(found, run.claim) === "foreign"
    ? notOwned(what, "spec.restore needs", "take spec.restore out")
    : { reason: "RestorePending", message: `waiting for ${waitsFor(run) ?? "the Job"}` };
}

function statusVerdict(status: RestoreStatus, { metadata }: KubeObject): Verdict {
  const { from, state, restored = from, safety, message = "" } = status;
  switch (state) {
    case "Running":
      return {
        reason: "RestoreRunning",
        message: `backup ${from} is put back by Job ${metadata.name} (kubectl logs -n ${metadata.namespace ?? ""} job/${metadata.name})`,
      };
    case "Succeeded":
      return {
        reason: "RestoreSucceeded",
        message: `backup ${restored} was put back${safety === undefined ? "" : `; what was there before is in backup ${safety}`}`,
      };
    case "Failed":
      return {
        reason: "RestoreFailed",
        message: `backup ${from} could not be put back: ${message}; mend it, take spec.restore out, and ask for it again`,
      };
  }
}

/** What the claim's status says of the restore that it asks for; undefined where nothing of it has been done. */
export const restoreStatusOf = perRun((run: Run): RestoreStatus | undefined => {
  const before = run.claim.status?.restore;
  if (leftoverOf(run)) return before;
  if (!wantedOf(run)) return undefined;
  if (isDone(run)) return before;
  const job = jobOf(run);
  return job && statusOfJob(run, job);
});

function statusOfJob(run: Run, job: Job): RestoreStatus {
  const from = run.plan.claim.spec.restore?.from ?? "";
  const ended = endedOf(job);
  const pods = ended && podsRead(run, job);
  // What is told of its end is told for good: not before its pod has been read.
  if (!pods) return { from, state: "Running" };
  if (ended.state === "Failed") return { from, state: "Failed", message: faultOf(ended, pods) };
  const { restored, safety } = reportIn(pods);
  return { from, state: "Succeeded", ...given({ restored, safety }) };
}

/** The names of the backups that are there after a restore has just ended: one more has been made. */
export function backupsAfterRestore(run: Run): readonly string[] | undefined {
  if (isDone(run) || leftoverOf(run)) return undefined;
  const job = jobOf(run);
  const pods = job && endedOf(job) && podsRead(run, job);
  return pods && reportIn(pods).available;
}
