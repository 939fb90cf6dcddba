/** Makes the operator's object so: creates it, puts drift in our fields right, leaves others' objects alone. */
import type { Backend, Health } from "../backend/backend";
import { annotations, claimKey, isControlledBy, isLeftOver, refOf } from "../claim/names";
import type { KubeObject } from "../claim/kubernetes";
import { isAlike } from "../claim/quantity";
import { isContained } from "./drift";
import type { Kube, Refusal, Written } from "./kube";
import type { Plan } from "./plan";
import type { Verdict } from "./status";

export type DatabaseOutcome = {
  readonly verdict: Verdict;
  /** The object, if it is there and the claim's. */
  readonly database?: KubeObject;
};

/** Reads the operator's object, writes it if it is not as planned, and judges it. */
export async function settleDatabase(planned: Plan, kube: Kube): Promise<DatabaseOutcome> {
  const { resource } = planned.backend;
  const ref = refOf(planned.database);
  const known = await kube.read(resource, ref);
  if (known && !obstacleOf(planned, known)) return keepDatabase(planned, known, kube);
  if (!known) {
    const written = await kube.create(resource, planned.database);
    if (!("refusal" in written && written.refusal.code === 409)) return outcomeOf(planned, written);
  }
  // What is in the way, or was made unnoticed, is looked at before anything is said of it.
  const found = await kube.readLive(resource, ref);
  if (found) return keepDatabase(planned, found, kube);
  throw new Error(`${resource.kind} ${claimKey(ref)} has just gone`);
}

async function keepDatabase(
  planned: Plan,
  found: KubeObject,
  kube: Kube,
): Promise<DatabaseOutcome> {
  const { claim, backend, database } = planned;
  const obstacle = obstacleOf(planned, found);
  if (obstacle) return { verdict: obstacle };
  if (isApplied(database, found)) {
    return { database: found, verdict: verdictOf(backend.health(found, database), backend) };
  }
  const written = await kube.apply(backend.resource, database, found);
  const outcome = outcomeOf({ ...planned, claim }, written);
  return "refusal" in written ? { ...outcome, database: found } : outcome;
}

function isApplied(desired: KubeObject, found: KubeObject): boolean {
  const digest = desired.metadata.annotations?.[annotations.applied];
  return (
    // CNPG 1.30: its webhook stores "1000m" as "1".
    found.metadata.annotations?.[annotations.applied] === digest &&
    isContained(desired, found, isAlike)
  );
}

/** Why an object of the name that we need must be left alone. */
function obstacleOf({ claim, backend }: Plan, found: KubeObject): Verdict | undefined {
  const what = `${backend.resource.kind} ${claimKey(refOf(found))}`;
  if (isLeftOver(found, claim)) {
    return {
      reason: "ClusterDeleting",
      message: `${what} was an earlier claim's of this name; it is being deleted and will be made again`,
    };
  }
  if (!isControlledBy(found, claim)) {
    return {
      reason: "NotOwned",
      message: `${what} exists and is not this claim's, so it was left as it is: remove it, or make a claim of another name`,
    };
  }
  if (found.metadata.deletionTimestamp !== undefined) {
    return {
      reason: "ClusterDeleting",
      message: `${what} is being deleted and will be made again`,
    };
  }
  return undefined;
}

function outcomeOf({ backend, database }: Plan, written: Written): DatabaseOutcome {
  if ("refusal" in written) return { verdict: refusalVerdict(written.refusal, backend, database) };
  const { object } = written;
  return { database: object, verdict: verdictOf(backend.health(object, database), backend) };
}

function refusalVerdict(refusal: Refusal, backend: Backend, database: KubeObject): Verdict {
  const { resource, operator } = backend;
  const what = `${resource.kind} ${claimKey(refOf(database))}`;
  if (refusal.code === 404) {
    return {
      reason: "OperatorNotInstalled",
      message: `${operator} is not installed (no ${resource.plural}.${resource.group} in this cluster): ask the platform team; the claim goes on by itself once it is there`,
    };
  }
  if (refusal.code === 422) {
    return { reason: "ClusterInvalid", message: `${operator} refuses ${what}: ${refusal.message}` };
  }
  return {
    reason: "WriteFailed",
    message: `${what} could not be written (${refusal.code}): ${refusal.message}`,
  };
}

function verdictOf(health: Health, { operator }: Backend): Verdict {
  const said = `${operator}: ${health.message}`;
  switch (health.state) {
    case "healthy":
      return { reason: "ClusterHealthy", message: said };
    case "progressing":
      return { reason: "Provisioning", message: said };
    case "hibernated":
      return { reason: "Hibernated", message: `the database is ${health.message}` };
    case "invalid":
      return { reason: "ClusterInvalid", message: said };
    case "failed":
      return { reason: "ClusterFailed", message: said };
  }
}
