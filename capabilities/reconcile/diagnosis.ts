/** What holds a database up that takes longer than a start does. Nothing is read for it until then. */
import { conditionIn } from "../claim/claim";
import { refOf, type KubeObject, type Resource } from "../kubernetes/objects";
import { causeReasons, type Search } from "../operator/operator";
import { isHeardOf } from "./health";
import { diagnosisPauseMs, hearingMs, once, poll, soonMs, startMs, type Again } from "./pace";
import { extra, live, liveList, type Need, type Run } from "./run";
import type { Verdict } from "./status";

/** The events of so many objects are asked for in one run. */
const mostSuspects = 2;

export const eventResource = {
  group: "",
  version: "v1",
  kind: "Event",
  plural: "events",
} as const satisfies Resource;

/** What is said of the database without looking around it. */
export type Before = (run: Run) => Verdict;

/**
 * What has to be read around the database. It is read anew first: should an instance come up meanwhile, the operator says so in there
 * before anything else shows it, and nothing is removed.
 */
export function needsOfDiagnosis(
  run: Run,
  database: KubeObject | undefined,
  before: Before,
): readonly Need[] {
  if (!database || !isDiagnosed(run, database, before(run))) return [];
  const { diagnosis, objects } = run.plan.operator;
  const itself = extra(live(objects.resource, refOf(database)));
  if (!run.seen.has(itself)) return [itself];
  const around = diagnosis.searches(database).map(liveList).map(extra);
  if (!around.every(run.seen.has)) return [itself, ...around];
  return [itself, ...around, ...suspectsOf(run, database).map(liveList).map(extra)];
}

/** Everything found around the database; undefined where it has not been read. */
export function evidenceOf(run: Run, database: KubeObject): readonly KubeObject[] | undefined {
  const around = aroundOf(run, database);
  const events = around && suspectsOf(run, database).map(run.seen.list);
  if (!events || events.includes(undefined)) return undefined;
  return [...around, ...events.flatMap(found => found ?? [])];
}

function aroundOf({ plan, seen }: Run, database: KubeObject): readonly KubeObject[] | undefined {
  const lists = plan.operator.diagnosis.searches(database).map(seen.list);
  return lists.includes(undefined) ? undefined : lists.flatMap(found => found ?? []);
}

function suspectsOf(run: Run, database: KubeObject): readonly Search[] {
  const { suspects } = run.plan.operator.diagnosis;
  const around = aroundOf(run, database) ?? [];
  return suspects(database, around).slice(0, mostSuspects).map(eventsOf);
}

/** The uid alone would do; the API server has no index for it either way, and looks through the namespace's events. */
export function eventsOf(object: KubeObject): Search {
  const { namespace } = refOf(object);
  const fieldSelector = `involvedObject.kind=${object.kind},involvedObject.uid=${object.metadata.uid ?? ""}`;
  return { resource: eventResource, namespace, fieldSelector };
}

/** What holds the database up; undefined where nothing was read, or nothing is wrong. */
export function causeOf(run: Run, database: KubeObject, before: Verdict): Verdict | undefined {
  if (isRefused(before)) return undefined;
  const evidence = evidenceOf(run, database);
  return evidence && run.plan.operator.diagnosis.cause(database, evidence);
}

function isDiagnosed(run: Run, database: KubeObject, before: Verdict): boolean {
  if (!isRefused(before)) return isSlow(run, database, before);
  // Most refusals have nothing to do with what lies around.
  const { operator, database: desired } = run.plan;
  return operator.diagnosis.obstruction(database, desired, []) !== undefined;
}

/** The operator takes no change: it may be one that would be no trouble for a new database. */
export function isRefused({ reason }: Verdict): boolean {
  return reason === "DatabaseInvalid";
}

/** What has failed is not waited for. */
function isSlow(run: Run, database: KubeObject, before: Verdict): boolean {
  if (before.reason === "DatabaseFailed") return true;
  return before.reason === "Provisioning" && (unreadyMs(run, database) ?? 0) >= startMs;
}

/** For how many ms the database has not been ready; undefined where nothing is known of it. */
function unreadyMs({ claim, now }: Run, database: KubeObject | undefined): number | undefined {
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
 * When to look at a database that is not ready: when its start should be over, then after pauses that grow with its age. Undefined
 * for one that does not need this.
 */
export function diagnosedAgain(
  run: Run,
  database: KubeObject | undefined,
  { reason }: Verdict,
): Again | undefined {
  const age = unreadyMs(run, database);
  const isOpen = [...causeReasons, "Provisioning"].includes(reason);
  if (age === undefined || !isOpen) return undefined;
  if (age >= startMs) return poll(age, diagnosisPauseMs);
  // No event may tell that it has come up: it is looked at meanwhile, after pauses that grow.
  if (database && !isHeardOf(run, database)) return poll(age, hearingMs);
  return once(Math.max(soonMs, startMs - age));
}
