/** Backups of a claim: one is made now, and one is put back. Each ends when the claim says how it went. */
import { backupName } from "../../capabilities/claim/job-names";
import { conditionIn, type AnyClaim } from "../../capabilities/claim/claim";
import type { ClaimRef } from "../../capabilities/claim/labels";
import { keyOf, refOf, type KubeObject } from "../../capabilities/kubernetes/objects";
import { FailedError, RefusedError } from "../errors";
import type { Access } from "./access";
import { existingClaim, isStalled, pathOf, waitsFor } from "./claims";
import { create, merge, read } from "./requests";
import { waitUntil, type Patience, type Sight } from "./waiting";

/** Has the claim's CronJob make a backup now, and gives the claim once it says that it was made. */
export async function makeBackup(
  access: Access,
  ref: ClaimRef,
  patience: Patience,
): Promise<AnyClaim> {
  const cronJob = await cronJobOf(access, await existingClaim(access, ref));
  const job = jobOf(cronJob, new Date());
  await create(access, jobsPath(ref), job);
  const { name } = job.metadata;
  const done = await waitUntil(access, ref, patience, claim => sightOfBackup(claim, name));
  return done ?? existingClaim(access, ref);
}

type CronJob = KubeObject & {
  readonly spec: { readonly jobTemplate: { readonly metadata?: object; readonly spec: object } };
};

async function cronJobOf(access: Access, claim: AnyClaim): Promise<CronJob> {
  const { namespace } = refOf(claim);
  const path = `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/cronjobs/${backupName(claim)}`;
  const { code, body } = await read(access, path);
  if (code !== 404) return body as CronJob;
  throw new RefusedError(
    `claim ${keyOf(refOf(claim))} makes no backups: its class offers none, or spec.backup.enabled is false`,
  );
}

/** As `kubectl create job --from=cronjob/NAME` makes it. */
function jobOf(
  { apiVersion, kind, metadata, spec: { jobTemplate } }: CronJob,
  now: Date,
): KubeObject {
  const { name, namespace = "", uid = "" } = metadata;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      ...jobTemplate.metadata,
      name: `${name}-${Math.floor(now.getTime() / 1000).toString(36)}`,
      namespace,
      annotations: { "cronjob.kubernetes.io/instantiate": "manual" },
      ownerReferences: [{ apiVersion, kind, name, uid }],
    },
    spec: jobTemplate.spec,
  } as KubeObject;
}

function jobsPath({ namespace }: ClaimRef): string {
  return `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs`;
}

function sightOfBackup(claim: AnyClaim | undefined, job: string): Sight {
  const { lastSuccess, lastFailure } = claim?.status?.backup ?? {};
  if (lastSuccess?.job === job) return { said: "is backed up", state: "done" };
  if (lastFailure?.job === job) {
    return { said: `could not be backed up: ${lastFailure.message}`, state: "failed" };
  }
  if (claim && isUnfollowed(claim)) {
    return {
      said: `tells nothing of Job ${job}: it waits for ${waitsFor(claim)}`,
      state: "failed",
    };
  }
  return { said: `waits for Job ${job}`, state: "open" };
}

/** Whether nothing is told of the claim's backups: the module does not get as far as to them. */
function isUnfollowed(claim: AnyClaim): boolean {
  return isStalled(claim) && conditionIn(claim.status, "DatabaseReady")?.status !== "True";
}

/** Puts a backup back, also one that was put back before, and gives the claim once it says that this is done. */
export async function putBack(
  access: Access,
  ref: ClaimRef,
  from: string,
  patience: Patience,
): Promise<AnyClaim> {
  const claim = await existingClaim(access, ref);
  if (claim.spec.restore?.from === from) {
    await merge(access, pathOf(ref), { spec: { restore: null } });
    await waitUntil(access, ref, patience, sightOfForgetting);
  }
  await merge(access, pathOf(ref), { spec: { restore: { from } } });
  const done = await waitUntil(access, ref, patience, found => sightOfRestore(found, from));
  if (!done) throw new FailedError(`claim ${keyOf(ref)} has gone`);
  return done;
}

function sightOfForgetting(claim: AnyClaim | undefined): Sight {
  const isForgotten = claim?.status?.restore === undefined;
  return { said: "forgets its last restore", state: isForgotten ? "done" : "open" };
}

function sightOfRestore(claim: AnyClaim | undefined, from: string): Sight {
  if (!claim) return { said: "is gone", state: "done" };
  const { state, from: of, message = "" } = claim.status?.restore ?? {};
  if (of !== from || state === undefined) return { said: waits(claim), state: "open" };
  switch (state) {
    case "Succeeded":
      return { said: `is as it was in backup ${from}`, state: "done" };
    case "Failed":
      return { said: `could not be put back: ${message}`, state: "failed" };
    case "Running":
      return { said: waits(claim), state: "open" };
  }
}

function waits({ status }: AnyClaim): string {
  return conditionIn(status, "Restored")?.message ?? "waits for the module to take note of it";
}
