/** Reads everything that the aspects of a claim need: the only reads of a run. */
import { keyOf, refOf, type KubeObject, type Ref, type Resource } from "../kubernetes/objects";
import type { Search } from "../operator/operator";
import { errorOf } from "./fault";
import type { Found, Kube } from "./kube";
import type { Need, Outcome, Seen } from "./run";

/** What one need leads to is asked for at most so often: a slow database takes its own state, what lies around it, and events. */
const mostRounds = 5;

/** What has been read in a run, for as long as the run lasts. */
export type Readings = {
  /** From the store: cheap, and read anew after each write. */
  readonly stored: Map<string, Found>;
  /** From the API server. */
  readonly asked: Map<string, Found>;
  readonly faults: Map<string, Error>;
};

export function noReadings(): Readings {
  return { stored: new Map(), asked: new Map(), faults: new Map() };
}

/** Reads until nothing new is asked for. */
export async function gather(
  readings: Readings,
  needsOf: (seen: Seen) => readonly Need[],
  kube: Kube,
): Promise<Seen> {
  readings.stored.clear();
  const seen = seenOf(readings);
  for (let round = 0; round < mostRounds; round++) {
    const news = needsOf(seen).filter(need => !seen.has(need));
    if (news.length === 0) break;
    const unique = new Map(news.map(need => [`${String(isAsked(need))} ${keyOfNeed(need)}`, need]));
    await Promise.all([...unique.values()].map(async need => read(need, readings, kube)));
  }
  return seen;
}

async function read(need: Need, readings: Readings, kube: Kube): Promise<void> {
  const key = keyOfNeed(need);
  try {
    const found = await kube.read(need);
    (isAsked(need) ? readings.asked : readings.stored).set(key, found);
  } catch (fault) {
    readings.faults.set(key, errorOf(fault));
  }
}

/** Brings what was written into what was read. */
export function noteOutcome({ asked }: Readings, outcome: Outcome): void {
  const { step } = outcome;
  if (step.verb === "set finalizers") return;
  const key = keyOfObject(step.resource, refOf(step.object));
  // What is not as it was read is asked for again.
  if (outcome.state === "outdated") asked.delete(key);
  if (outcome.state === "done" && asked.has(key)) asked.set(key, outcome.object);
}

function seenOf({ stored, asked, faults }: Readings): Seen {
  const newest = (key: string): Found => (asked.has(key) ? asked.get(key) : stored.get(key));
  return {
    object: (resource, ref) => {
      const found = newest(keyOfObject(resource, ref));
      return isList(found) ? undefined : found;
    },
    list: search => {
      const found = newest(keyOfList(search));
      return isList(found) ? found : undefined;
    },
    has: need => {
      const key = keyOfNeed(need);
      return (isAsked(need) ? asked : stored).has(key) || faults.has(key);
    },
    fault: need => faults.get(keyOfNeed(need)),
  };
}

function isList(found: Found): found is readonly KubeObject[] {
  return Array.isArray(found);
}

function isAsked({ isLive = false }: Need): boolean {
  return isLive;
}

function keyOfNeed(need: Need): string {
  return need.what === "list" ? keyOfList(need.search) : keyOfObject(need.resource, need.ref);
}

function keyOfObject({ plural, group }: Resource, ref: Ref): string {
  return `${plural}.${group} ${keyOf(ref)}`;
}

function keyOfList(search: Search): string {
  const { resource, namespace, labelSelector = "", fieldSelector = "" } = search;
  return `${resource.plural}.${resource.group} of ${namespace} ${labelSelector} ${fieldSelector}`;
}
