/** The Jobs of a claim's backups, as they were seen, and where it is read what came of them. */
import { cronJobResource } from "../../backup/jobs";
import { endedOf, hindranceIn, newestOf, type Ended } from "../../backup/outcome";
import { ownJobs } from "../../backup/watches";
import { refOf, type KubeObject } from "../../kubernetes/objects";
import { standingOf } from "../../kubernetes/owners";
import {
  jobResource,
  podResource,
  type Job,
  type KubeEvent,
  type Pod,
} from "../../operator/diagnosis/evidence";
import type { Search } from "../../operator/operator";
import { eventsOf } from "../diagnosis";
import { ownedObject, type Wanted } from "../owned-object";
import { slowBackupMs } from "../pace";
import { perRun } from "../per-run";
import { extra, list, liveList, type Need, type Run } from "../run";

export const aspect = "backup";
export const condition = "BackupHealthy";

/** The CronJob that the claim is to have; undefined where it has no backups. */
export function wantedCronJob({ plan }: Run): Wanted | undefined {
  const desired = plan.backup?.cronJob;
  return desired && { aspect, condition, resource: cronJobResource, desired, standing: standingOf };
}

/** It, if it is there and the claim's. */
export function foundCronJob(run: Run): KubeObject | undefined {
  const wanted = wantedCronJob(run);
  return wanted && ownedObject(wanted, run);
}

/** The Jobs of the CronJob, those too that somebody has made of it by hand. */
const jobsOf = perRun((run: Run): readonly Job[] => {
  const cronJob = foundCronJob(run);
  if (!cronJob) return [];
  const jobs = (run.seen.list(searchFor(run.claim)) ?? []) as readonly Job[];
  return jobs.filter(({ metadata }) =>
    metadata.ownerReferences?.some(({ uid }) => uid === cronJob.metadata.uid),
  );
});

function searchFor(claim: KubeObject): Search {
  const { namespace } = refOf(claim);
  return { resource: jobResource, namespace, labelSelector: ownJobs(claim.metadata.uid ?? "") };
}

/** What has to be read of them: their pods only where something is news, and events only where one does not begin. */
export function needsOfJobs(run: Run): readonly Need[] {
  const ended = [newsOf(run, "Succeeded"), newsOf(run, "Failed")].filter(one => one !== undefined);
  return [
    list(searchFor(run.claim)),
    ...ended.map(({ job }) => podsOf(job)),
    ...hindrancesOf(run).map(liveList).map(extra),
  ];
}

/** The newest Job that ended so, if the status does not have it yet. */
export function newsOf(run: Run, state: Ended["state"]): Ended | undefined {
  const { lastSuccess, lastFailure } = run.claim.status?.backup ?? {};
  const known = state === "Succeeded" ? lastSuccess : lastFailure;
  const ended = newestOf(jobsOf(run), state);
  return ended && (!known || known.time < ended.time) ? ended : undefined;
}

function searchForPods({ metadata }: Job): Search {
  // https://kubernetes.io/docs/reference/labels-annotations-taints/#batch-kubernetes-io-controller-uid
  const labelSelector = `batch.kubernetes.io/controller-uid=${metadata.uid ?? ""}`;
  return { resource: podResource, namespace: metadata.namespace ?? "", labelSelector };
}

/** The pods of a Job, which are asked for and not held. */
export function podsOf(job: Job): Need {
  return extra(liveList(searchForPods(job)));
}

/** Undefined while they have not been read. */
export function podsRead({ seen }: Run, job: Job): readonly Pod[] | undefined {
  return seen.list(searchForPods(job)) as readonly Pod[] | undefined;
}

/** How long each Job has had no pod that runs, in ms; those that have one, or have ended, are left out. */
export function waitsOf(run: Run): readonly number[] {
  return jobsOf(run)
    .map(job => waitMs(job, run.now))
    .filter(ms => ms > 0);
}

function waitMs(job: Job, now: Date): number {
  const { startTime, ready = 0 } = job.status ?? {};
  const started = Date.parse(startTime ?? "");
  return endedOf(job) || ready > 0 || Number.isNaN(started) ? 0 : now.getTime() - started;
}

/** A Job that has waited for its pod for too long: nobody else would say so before it is given up. */
function slowJob(run: Run): Job | undefined {
  return jobsOf(run).find(job => waitMs(job, run.now) >= slowBackupMs);
}

function hindrancesOf(run: Run): readonly Search[] {
  const job = slowJob(run);
  if (!job) return [];
  const pods = podsRead(run, job) ?? [];
  return [searchForPods(job), eventsOf(job), ...pods.map(eventsOf)];
}

/** A Job that does not begin, and why; undefined where none waits for so long. */
export function hindrance(run: Run): { readonly job: string; readonly why: string } | undefined {
  const job = slowJob(run);
  if (!job) return undefined;
  const around = [job, ...(podsRead(run, job) ?? [])];
  const events = around.flatMap(one => run.seen.list(eventsOf(one)) ?? []);
  const why = hindranceIn(events as readonly KubeEvent[]) ?? "neither its Job nor its pod says why";
  return { job: job.metadata.name, why };
}
