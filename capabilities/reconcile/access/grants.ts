/** Rights are granted by a Job, once for the same roles in the same database: the status remembers it when the Job has gone. */
import { accessJob } from "../../access/job";
import { endedOf, faultOf } from "../../backup/outcome";
import type { ClaimStatus } from "../../claim/claim";
import { digestOf } from "../../kubernetes/digest";
import { keyOf, refOf } from "../../kubernetes/objects";
import { standingOf } from "../../kubernetes/owners";
import { jobResource, type Job } from "../../operator/diagnosis/evidence";
import { databaseOf } from "../aspects/database";
import { podsOf, podsRead } from "../backup/jobs";
import { needsOfOwned, ownedObject, type Wanted } from "../owned-object";
import { perRun } from "../per-run";
import { outcomeFor, type Need, type Run, type Step } from "../run";
import { failedVerdict, notOwned, unwritten, type Verdict } from "../status";

export const aspect = "access";
export const condition = "AccessReady";

type AccessStatus = NonNullable<ClaimStatus["access"]>;

/** The Job that the claim's logins need; undefined where there are none, or no database yet. */
const wantedOf = perRun((run: Run): (Wanted & { readonly granted: string }) | undefined => {
  const { access, claim, chosen } = run.plan;
  const database = databaseOf(run);
  if (!access?.source || access.logins.length === 0 || !database) return undefined;
  const roles = Object.fromEntries(access.logins.map(({ level, role }) => [level, role]));
  // What a restore puts back is as it was before the rights were granted.
  const granted = digestOf([database.metadata.uid, roles, run.claim.status?.restore?.safety]);
  const desired = accessJob({
    ...{ claim: run.claim, chosen, source: access.source, database: access.tenant.database },
    version: claim.spec.version ?? chosen.versions.default,
    ...{ roles, granted },
  });
  return { aspect, condition, resource: jobResource, desired, standing: standingOf, granted };
});

function jobOf(run: Run): Job | undefined {
  const wanted = wantedOf(run);
  return wanted && (ownedObject(wanted, run) as Job | undefined);
}

export function isGranted(run: Run): boolean {
  return accessStatusOf(run)?.state === "Granted";
}

/** Whether the status says for good that these very rights were granted. */
function isRemembered({ claim }: Run, granted: string): boolean {
  const { granted: known, state } = claim.status?.access ?? {};
  return known === granted && state === "Granted";
}

export function needsOfGrants(run: Run): readonly Need[] {
  const wanted = wantedOf(run);
  if (!wanted || isRemembered(run, wanted.granted)) return [];
  const job = jobOf(run);
  const isFailed = job && endedOf(job)?.state === "Failed";
  return [...needsOfOwned(wanted, run), ...(isFailed ? [podsOf(job)] : [])];
}

export function stepsOfGrants(run: Run): readonly Step[] {
  const wanted = wantedOf(run);
  if (!wanted || isRemembered(run, wanted.granted)) return [];
  const { desired, resource } = wanted;
  if (run.seen.object(resource, refOf(desired))) return [];
  const why = `makes Job ${keyOf(refOf(desired))}, which grants rights to the logins of spec.access`;
  return [{ aspect, verb: "create", resource, object: desired, why }];
}

/** What the claim's status says of it; undefined where nothing has been done. */
export const accessStatusOf = perRun((run: Run): AccessStatus | undefined => {
  const wanted = wantedOf(run);
  if (!wanted) return run.plan.access?.logins.length === 0 ? undefined : run.claim.status?.access;
  const { granted } = wanted;
  if (isRemembered(run, granted)) return { granted, state: "Granted" };
  const job = jobOf(run);
  return job && statusOfJob(run, job, granted);
});

function statusOfJob(run: Run, job: Job, granted: string): AccessStatus {
  const ended = endedOf(job);
  if (!ended) return { granted, state: "Running" };
  if (ended.state === "Succeeded") return { granted, state: "Granted" };
  return { granted, state: "Failed", message: faultOf(ended, podsRead(run, job) ?? []) };
}

/** What is open of it; undefined where the rights are granted. */
export function openGrants(run: Run): Verdict | undefined {
  const { access } = run.plan;
  if (!access?.source) {
    const message =
      "rights are granted by a pod in the claim's namespace, which needs the owner's password: have the connection secret written there";
    return { reason: "AccessFailed", message };
  }
  const wanted = wantedOf(run);
  if (!wanted) return { reason: "AccessPending", message: "waiting for the database" };
  const status = accessStatusOf(run);
  return status ? statusVerdict(status, wanted) : unmadeVerdict(run, wanted);
}

function statusVerdict(
  { state, message = "" }: AccessStatus,
  { desired }: Wanted,
): Verdict | undefined {
  const what = `Job ${keyOf(refOf(desired))}`;
  switch (state) {
    case "Granted":
      return undefined;
    case "Running":
      return { reason: "AccessPending", message: `${what} grants the rights` };
    case "Failed":
      return {
        reason: "AccessFailed",
        message: `rights could not be granted: ${message}; it is tried again once ${what} has gone (an hour after its end, or when you delete it)`,
      };
  }
}

function unmadeVerdict(run: Run, { resource, desired }: Wanted): Verdict {
  const what = `Job ${keyOf(refOf(desired))}`;
  const outcome = outcomeFor(run, resource, refOf(desired));
  if (outcome?.state === "failed") return failedVerdict(outcome.fault);
  if (outcome?.state === "refused") return unwritten(what, outcome.refusal);
  const found = run.seen.object(resource, refOf(desired));
  return found && standingOf(found, run.claim) === "foreign"
    ? notOwned(what, "spec.access needs", "take spec.access out")
    : { reason: "AccessPending", message: `${what} is being made` };
}
