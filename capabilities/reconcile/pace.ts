/**
 * Every time that a run goes by. Most of what a claim waits for is watched, so that a look without an event is only for what no watch
 * brings: a quota, a node, a StorageClass, a webhook that says no.
 */
import type { Run, Told } from "./run";
import { openMs, holds, type Verdict } from "./status";

const secondMs = 1000;

/** The first pause of a claim that waits, ... */
const firstPauseMs = 5 * secondMs;
/** ... and the longest. */
const longestPauseMs = 300 * secondMs;

/**
 * How long the operator may take to hear of a new definition: a healthy database is not called so meanwhile, and what the operator
 * makes afterwards is of that one. CNPG 1.30 has no observedGeneration, and was seen to take half a second until its status spoke
 * of the new definition (recordings, README).
 */
export const hearingMs = 3 * secondMs;
/** For this long a database is just starting: CNPG takes about 19 s where the image is on the node (recordings, 01-create). */
export const startMs = 20 * secondMs;
/** What holds a database up is looked at no more often than after this. */
export const diagnosisPauseMs = 10 * secondMs;
/** When what is due at once is looked at again. */
export const soonMs = secondMs;
/** Progress of a database younger than this is not written: it would be out of date before anyone had read it. */
export const firstNewsMs = 2 * secondMs;
/** CNPG asks for larger volumes within a second (recordings, 03); where it has not within this, it cannot. */
export const growthAskingMs = 30 * secondMs;

/** A pod of a backup that has not begun after this has something in its way: images of PostgreSQL are pulled within it. */
export const slowBackupMs = 300 * secondMs;
/** Timers of Node take no more than 24 days: a backup that is due later is looked at in between. */
const longestLookMs = 86_400 * secondMs;

/** When the backups of a claim are looked at again: when a Job has been slow for too long, or a backup is late. */
export function backupLook({
  slow,
  late,
}: {
  readonly slow?: number | undefined;
  readonly late?: number | undefined;
}): number {
  // What is late already stays so until a Job tells otherwise.
  const looks = [slow, late].filter(ms => ms !== undefined && ms > 0) as readonly number[];
  return Math.max(soonMs, Math.min(longestLookMs, ...looks));
}

/** When to look at a claim again without an event. */
export type Again = {
  readonly afterMs: number;
  /** Whether this goes on for as long as nothing changes: such looks share one allowance. */
  readonly isPoll: boolean;
};

/** A look that is due once. */
export function once(afterMs: number): Again {
  return { afterMs, isPoll: false };
}

/** The next look at what has been so for this many ms: the pause grows with them. */
export function poll(ageMs: number, leastMs = firstPauseMs): Again {
  return { afterMs: Math.min(longestPauseMs, Math.max(leastMs, ageMs / 2)), isPoll: true };
}

/** When the first of the claim's aspects wants to be looked at; undefined where none does: then its events tell. */
export function nextLook(
  run: Pick<Run, "claim" | "now">,
  told: readonly Told[],
): Again | undefined {
  const looks = told.map(aspect => aspect.again ?? paceOf(run, aspect));
  return looks
    .filter(look => look !== undefined)
    .reduce<
      Again | undefined
    >((first, look) => (first && first.afterMs <= look.afterMs ? first : look), undefined);
}

function paceOf({ claim, now }: Pick<Run, "claim" | "now">, aspect: Told): Again | undefined {
  if (isSettled(aspect.verdict)) return undefined;
  return poll(openMs(claim, aspect.condition, now));
}

/** A database that sleeps is where its owner wants it. */
function isSettled(verdict: Verdict): boolean {
  return holds(verdict) || verdict.reason === "Hibernated";
}
