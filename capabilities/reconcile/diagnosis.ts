/** Finds out what holds a database up that takes longer than a start does. Costs nothing until then. */
import { causeReasons, type Search } from "../operator/operator";
import { conditionIn, type Claim } from "../claim/claim";
import { type KubeObject, type Resource, refOf } from "../kubernetes/objects";
import { clearedMessage, clearTheWay, type Clearing } from "./unblocking";
import { hearingTime, type DatabaseOutcome } from "./database";
import type { Kube } from "./kube";
import type { Plan } from "./plan";

const second = 1000;
/** For so many ms a database is just starting: CNPG takes about 19 s where the image is on the node (recordings, 01-create). */
export const startTime = 20 * second;
/** What holds a database up is looked at no more often than after so many ms, ... */
const firstPause = 10 * second;
/** ... and no more seldom than after so many. */
const longestPause = 300 * second;
/** The events of so many objects are asked for in one inquiry. */
const mostSuspects = 2;

export const eventResource = {
  group: "",
  version: "v1",
  kind: "Event",
  plural: "events",
} as const satisfies Resource;

/**
 * The outcome with the cause in place of the operator's "at work", where the database takes too long and a cause is found. If
 * that is of an earlier definition and will not go by itself, it is taken out of the way.
 */
export async function inquire(
  planned: Plan,
  outcome: DatabaseOutcome,
  kube: Kube,
  now: Date,
): Promise<DatabaseOutcome> {
  const { database } = outcome;
  if (!database || !(isSlow(planned.claim, outcome, now) || isRefused(outcome))) return outcome;
  const { diagnosis: inquiry } = planned.operator;
  const look = async (live: KubeObject): Promise<readonly KubeObject[]> =>
    lookAround(live, planned, kube);
  const found = isRefused(outcome) ? [] : await look(database);
  const cause = isRefused(outcome) ? undefined : inquiry.cause(database, found);
  const told = cause ? { ...outcome, verdict: cause } : outcome;
  const isStuck = cause !== undefined || isRefused(outcome);
  if (!isStuck || !inquiry.obstruction(database, planned.database, found)) return told;
  return cleared(planned, told, await clearTheWay(planned, look, kube, now));
}

/** The operator takes no change: it may be one that would be no trouble for a new database. */
function isRefused({ verdict }: DatabaseOutcome): boolean {
  return verdict.reason === "DatabaseInvalid";
}

function cleared(
  { operator: { resource, title: operator } }: Plan,
  outcome: DatabaseOutcome,
  clearing: Clearing,
): DatabaseOutcome {
  if (clearing.state === "clear") return outcome;
  if (clearing.state === "early") return { ...outcome, again: hearingTime };
  const message = clearedMessage(clearing.object, operator);
  return clearing.object.kind === resource.kind
    ? { verdict: { reason: "DatabaseDeleting", message }, again: second }
    : { ...outcome, verdict: { reason: "Provisioning", message }, again: startTime };
}

async function lookAround(
  database: KubeObject,
  { operator: { diagnosis: inquiry } }: Plan,
  kube: Kube,
): Promise<readonly KubeObject[]> {
  const found = await searchAll(inquiry.searches(database), kube);
  const suspects = inquiry.suspects(database, found).slice(0, mostSuspects);
  return [...found, ...(await searchAll(suspects.map(eventsOf), kube))];
}

/** What the API server has of all this. */
export async function searchAll(
  searches: readonly Search[],
  kube: Kube,
): Promise<readonly KubeObject[]> {
  return (await Promise.all(searches.map(kube.search))).flat();
}

/** The uid alone would do; the API server has no index for it either way, and looks through the namespace's events. */
function eventsOf(object: KubeObject): Search {
  const { namespace } = refOf(object);
  const fieldSelector = `involvedObject.kind=${object.kind},involvedObject.uid=${object.metadata.uid ?? ""}`;
  return { resource: eventResource, namespace, fieldSelector };
}

function isSlow(claim: Claim, outcome: DatabaseOutcome, now: Date): boolean {
  const isStarting = outcome.verdict.reason === "Provisioning";
  return isStarting && (ageOf(claim, outcome.database, now) ?? 0) >= startTime;
}

/** For how many ms the database has not been ready; undefined where nothing is known of it. */
function ageOf(claim: Claim, database: KubeObject | undefined, now: Date): number | undefined {
  const made = timeOf(database?.metadata.creationTimestamp);
  if (made === undefined) return undefined;
  const before = conditionIn(claim.status, "DatabaseReady");
  if (before?.status === "True") return 0;
  return now.getTime() - Math.max(made, timeOf(before?.lastTransitionTime) ?? made);
}

function timeOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : time;
}

/**
 * After how many ms to look at a database that is not ready: when its start should be over, then after pauses that grow with its
 * age. Undefined for one that does not need this.
 */
export function lookAfter(
  claim: Claim,
  { database, verdict, again }: DatabaseOutcome,
  now: Date,
): number | undefined {
  if (again !== undefined) return again;
  const age = ageOf(claim, database, now);
  const isOpen = [...causeReasons, "Provisioning"].includes(verdict.reason);
  if (age === undefined || !isOpen) return undefined;
  if (age < startTime) return Math.max(second, startTime - age);
  return pauseAt(age);
}

/** The pause after a look at what has been so for this many ms: it grows with them. */
export function pauseAt(age: number): number {
  return Math.min(longestPause, Math.max(firstPause, age / 2));
}
