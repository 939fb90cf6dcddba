/** How the operator's object is, read together with what the operator needs beside it to say so. */
import type { KubeObject } from "../kubernetes/objects";
import type { Health, Running, Witness } from "../operator/operator";
import { live, object, type Need, type Run } from "./run";

/** Whether an event of what is watched tells that the database has come up; else it has to be looked at. */
export function isHeardOf({ plan }: Run, database: KubeObject): boolean {
  return plan.operator.witnesses(database).every(({ isLive }) => !isLive);
}

/** What has to be read to know how the database is. */
export function needsOfHealth(run: Run, database: KubeObject | undefined): readonly Need[] {
  return database ? run.plan.operator.witnesses(database).map(needOf) : [];
}

export function healthOf(run: Run, database: KubeObject): Health {
  const { operator, database: desired } = run.plan;
  return operator.health(database, desired, witnessesOf(run, database));
}

export function runningOf(run: Run, database: KubeObject): Partial<Running> {
  const { operator, database: desired } = run.plan;
  return operator.running(database, desired, witnessesOf(run, database));
}

function witnessesOf({ plan, seen }: Run, database: KubeObject): readonly KubeObject[] {
  const found = plan.operator
    .witnesses(database)
    .map(({ resource, ref }) => seen.object(resource, ref));
  return found.filter(one => one !== undefined);
}

function needOf({ resource, ref, isLive }: Witness): Need {
  return isLive ? live(resource, ref) : object(resource, ref);
}
