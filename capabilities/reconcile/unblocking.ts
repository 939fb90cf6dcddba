/** Takes what is left of an earlier spec out of the way of a database that never came up, so that correcting a claim heals it. */
import { fieldManager } from "../claim/names";
import { keyOf, refOf, type KubeObject } from "../kubernetes/objects";
import { isRecord } from "../kubernetes/record";
import type { Obstruction } from "../operator/operator";
import { causeOf, evidenceOf, isRefused, type Before } from "./diagnosis";
import { hearingMs, soonMs, startMs } from "./pace";
import type { Run, Step } from "./run";
import type { Verdict } from "./status";

/**
 * The removal of what is in the way. The database was read before all that lies around it, and what is removed must not have changed
 * since: should an instance have come up meanwhile, nothing is removed.
 */
export function unblockingSteps(
  run: Run,
  database: KubeObject | undefined,
  before: Before,
): readonly Step[] {
  const found = database && obstructionOf(run, database, before);
  if (!found || isTooNew(run, database, found)) return [];
  const { resource, object } = found;
  const message = messageOf(run, object);
  return [
    {
      aspect: "database",
      verb: "remove",
      resource,
      object,
      isUnchanged: true,
      event: { type: "Warning", reason: "Unblocked", message },
      why: message,
    },
  ];
}

/** What the claim is told after a removal; undefined where nothing was removed in this run. */
export function unblockedBy(run: Run): Verdict | undefined {
  const [removed] = removalsIn(run);
  return removed && { reason: "Unblocked", message: messageOf(run, removed) };
}

/** What this run has removed for the sake of the database. */
function removalsIn({ done }: Run): readonly KubeObject[] {
  return done.flatMap(({ step, state }) =>
    state === "done" && step.verb === "remove" && step.aspect === "database" ? [step.object] : [],
  );
}

/** When to look again after a removal. */
export function unblockedAgainMs(run: Run): number {
  const { kind } = run.plan.operator.objects.resource;
  const isItself = removalsIn(run).some(object => object.kind === kind);
  return isItself ? soonMs : startMs;
}

/** Whether something may be in the way, and the definition is too new to tell. */
export function isEarly(run: Run, database: KubeObject | undefined, before: Before): boolean {
  if (!database) return false;
  const found = obstructionOf(run, database, before);
  return found !== undefined && isTooNew(run, database, found);
}

function obstructionOf(run: Run, database: KubeObject, before: Before): Obstruction | undefined {
  const evidence = evidenceOf(run, database);
  if (!evidence) return undefined;
  const verdict = before(run);
  const isStuck = isRefused(verdict) || causeOf(run, database, verdict) !== undefined;
  const { operator, database: desired } = run.plan;
  const found = isStuck ? operator.diagnosis.obstruction(database, desired, evidence) : undefined;
  return found && isOutdated(found, database) ? found : undefined;
}

/** What was made after the last change of the definition is of that one, whatever others have made of it: removing it would not help. */
function isOutdated({ object, isCertain }: Obstruction, database: KubeObject): boolean {
  if (isCertain) return true;
  return Date.parse(object.metadata.creationTimestamp ?? "") < definedAt(database);
}

function isTooNew({ now }: Run, database: KubeObject, { isCertain }: Obstruction): boolean {
  return !isCertain && now.getTime() - definedAt(database) < hearingMs;
}

/** When the module's fields of the object last changed, which the API server keeps: the clocks are the same. */
function definedAt({ metadata }: KubeObject): number {
  const fields: unknown = Reflect.get(metadata, "managedFields");
  const times = (Array.isArray(fields) ? fields : [])
    .filter(isRecord)
    .filter(({ manager, subresource }) => manager === fieldManager && !subresource)
    .map(({ time }) => (typeof time === "string" ? Date.parse(time) : Number.NaN))
    .filter(time => !Number.isNaN(time));
  return Math.max(0, ...times);
}

function messageOf({ plan: { operator } }: Run, object: KubeObject): string {
  const what = `${object.kind} ${keyOf(refOf(object))}`;
  return `removed ${what}, left over from an earlier spec that never started; ${operator.title} retries with the current one`;
}
