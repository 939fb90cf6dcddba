/** Makes the operator's object so, and says of it what the claim is to be told. */
import type { Operator, Health } from "../operator/operator";
import { conditionIn } from "../claim/claim";
import { type KubeObject, keyOf, refOf } from "../kubernetes/objects";
import type { Kube, Refusal } from "./kube";
import { obstacleOf, settleObject } from "./owned-object";
import type { Plan } from "./plan";
import { unwritten, type Verdict } from "./status";

export type DatabaseOutcome = {
  readonly verdict: Verdict;
  /** The object, if it is there and the claim's. */
  readonly database?: KubeObject;
  /** After so many ms to look again, where that is known. */
  readonly again?: number;
};

/**
 * The operator gets so many ms to hear of a new definition: a healthy database is not called so meanwhile, and what the operator
 * makes afterwards is of that one. CNPG 1.30 has no observedGeneration, and was seen to take half a second until its status spoke
 * of the new definition (recordings, README).
 */
export const hearingTime = 3000;

/** Reads the operator's object, writes it if it is not as planned, and judges it. */
export async function settleDatabase(
  planned: Plan,
  kube: Kube,
  now: Date,
): Promise<DatabaseOutcome> {
  const { claim, operator: backend, database, brought } = planned;
  if (brought && "verdict" in brought) return leaveDatabase(planned, brought.verdict, kube);
  const { resource } = backend;
  const settlement = await settleObject(
    { claim, resource, desired: database, retaining: backend.retaining },
    kube,
  );
  if (settlement.state === "settled") {
    const { object, isChanged = false } = settlement;
    const verdict = verdictOf(backend.health(object, database), backend);
    const left = verdict.reason === "DatabaseHealthy" ? unnoticed(planned, isChanged, now) : 0;
    return left > 0
      ? { database: object, verdict: toldVerdict(backend), again: left }
      : { database: object, verdict };
  }
  if (settlement.state === "refused") {
    const { refusal, object } = settlement;
    const verdict = refusalVerdict(refusal, backend, database);
    return object ? { verdict, database: object } : { verdict };
  }
  return { verdict: obstacleVerdict(settlement.state, planned) };
}

/** While the credentials that the claim brings cannot be used, nothing is made, and what is there stays as it is. */
async function leaveDatabase(planned: Plan, why: Verdict, kube: Kube): Promise<DatabaseOutcome> {
  const { claim, operator: backend, database } = planned;
  const known = await kube.read(backend.resource, refOf(database));
  if (!known) return { verdict: why };
  const obstacle = obstacleOf(claim, known);
  if (obstacle) return { verdict: obstacleVerdict(obstacle, planned) };
  return { database: known, verdict: verdictOf(backend.health(known, database), backend) };
}

/** For how many ms from now on the health may still be that of the definition before; the claim's own status remembers it. */
function unnoticed({ claim, operator: backend }: Plan, isChanged: boolean, now: Date): number {
  if (isChanged) return hearingTime;
  const before = conditionIn(claim.status, "DatabaseReady");
  if (before?.message !== toldVerdict(backend).message) return 0;
  const age = now.getTime() - Date.parse(before.lastTransitionTime);
  // A time to come is of a clock that was set back since.
  return age < 0 ? 0 : hearingTime - age;
}

function toldVerdict({ title: operator }: Operator): Verdict {
  return { reason: "Provisioning", message: `${operator}: told of the change` };
}

function obstacleVerdict(
  obstacle: "leftOver" | "foreign" | "deleting",
  { operator: backend, database }: Plan,
): Verdict {
  const what = `${backend.resource.kind} ${keyOf(refOf(database))}`;
  switch (obstacle) {
    case "leftOver":
      return {
        reason: "DatabaseDeleting",
        message: `${what} was an earlier claim's of this name; it is being deleted and will be made again`,
      };
    case "foreign":
      return {
        reason: "NotOwned",
        message: `${what} exists and is not this claim's, so it was left as it is: remove it, or make a claim of another name`,
      };
    case "deleting":
      return {
        reason: "DatabaseDeleting",
        message: `${what} is being deleted and will be made again`,
      };
  }
}

function refusalVerdict(refusal: Refusal, backend: Operator, database: KubeObject): Verdict {
  const { resource, title: operator } = backend;
  const what = `${resource.kind} ${keyOf(refOf(database))}`;
  if (refusal.code === 404) {
    return {
      reason: "OperatorNotInstalled",
      message: `${operator} is not installed (no ${resource.plural}.${resource.group} in this cluster): ask the platform team; the claim goes on by itself once it is there`,
    };
  }
  if (refusal.code === 422) {
    return {
      reason: "DatabaseInvalid",
      message: `${operator} refuses ${what}: ${refusal.message}`,
    };
  }
  return unwritten(what, refusal);
}

function verdictOf(health: Health, { title: operator }: Operator): Verdict {
  const said = `${operator}: ${health.message}`;
  switch (health.state) {
    case "healthy":
      return { reason: "DatabaseHealthy", message: said };
    case "progressing":
      return { reason: "Provisioning", message: said };
    case "hibernated":
      return { reason: "Hibernated", message: `the database is ${health.message}` };
    case "invalid":
      return { reason: "DatabaseInvalid", message: said };
    case "failed":
      return { reason: "DatabaseFailed", message: said };
  }
}
