/**
 * Runs work for keys: one run per key at a time, some keys side by side, again after growing delays when a run fails, and again
 * now and then when it does not. Knows nothing of Kubernetes; timers and chance are passed in.
 */
import type { Again } from "../reconcile/pace";
import type { Allowance } from "./allowance";

/** A timer: calls `callback` once after `ms`; what it gives cancels that. */
export type StartTimer = (ms: number, callback: () => void) => () => void;

export type QueueOptions = {
  /** Does the work for a key. Gives when to look again, or undefined to forget the key until something changes. */
  readonly run: (key: string) => Promise<Again | undefined>;
  /** Is told of a run that failed, and in how many ms it is tried again. */
  readonly onFailure: (key: string, fault: unknown, delay: number) => void;
  /** How many keys at most are run side by side. */
  readonly concurrency: number;
  readonly startTimer: StartTimer;
  /** From 0 (included) to 1 (excluded), like Math.random. */
  readonly random: () => number;
  /** What all keys together may spend on looks that go on and on. */
  readonly allowance: Allowance;
};

export type Queue = {
  /** Notes that something has changed for a key: a run begins after this call, however many there were. */
  readonly add: (key: string) => void;
  /** Takes up at once all keys that wait after a failure: what failed them is over. */
  readonly retry: () => void;
  /** Takes no more keys, lets the runs under way end, and drops the rest: the next process finds it by itself. */
  readonly stop: () => Promise<void>;
  /** Keys that are known, ready or waiting included. */
  readonly size: () => number;
};

/** Delay after the first failure, in ms; it doubles with each further one. */
export const firstDelay = 1000;
/** No delay after a failure is longer than these ms. */
export const longestDelay = 300_000;
/** How much of a delay is left to chance, so that what failed together is not tried together. */
const jitter = 0.5;

/** How much later than asked for a look may be taken, so that claims found together are not looked at together for ever. */
const lookJitter = 0.1;

/** A key that has failed so often in a row is tried again as part of the allowance. */
const fewFailures = 3;

type Entry = {
  state: "ready" | "running" | "waiting";
  /** Something changed while the key was running. */
  isStale: boolean;
  /** The run is due by time, not because something has changed. */
  isTimed: boolean;
  /** Tries by time that failed in a row, the first failure included. */
  failures: number;
  cancelTimer: () => void;
};

/** A delay in ms after this many failures in a row: doubling up to the longest, between half of it and all of it. */
export function delayAfter(failures: number, random: () => number): number {
  const full = Math.min(longestDelay, firstDelay * 2 ** (failures - 1));
  return full * (1 - jitter * random());
}

/** A queue that is at work as soon as a key is added; it holds no timer before that. */
export function createQueue(options: QueueOptions): Queue {
  const entries = new Map<string, Entry>();
  const ready: string[] = [];
  const running = new Set<Promise<void>>();
  /** Counted beside `running`: a run that adds a key before it first waits is not in there yet. */
  let underWay = 0;
  let isStopped = false;

  function add(key: string): void {
    if (isStopped) return;
    const entry = entries.get(key);
    if (!entry) {
      entries.set(key, {
        state: "ready",
        isStale: false,
        isTimed: false,
        failures: 0,
        cancelTimer: () => undefined,
      });
      ready.push(key);
    } else if (entry.state === "running") entry.isStale = true;
    else if (entry.state === "waiting") makeReady(key, entry);
    startRuns();
  }

  function makeReady(key: string, entry: Entry): void {
    entry.cancelTimer();
    entry.state = "ready";
    ready.push(key);
  }

  function startRuns(): void {
    while (!isStopped && underWay < options.concurrency) {
      const key = ready.shift();
      const entry = key === undefined ? undefined : entries.get(key);
      if (key === undefined || !entry) return;
      underWay += 1;
      const run = runOnce(key, entry).finally(() => {
        underWay -= 1;
        running.delete(run);
        startRuns();
      });
      running.add(run);
    }
  }

  async function runOnce(key: string, entry: Entry): Promise<void> {
    const { isTimed } = entry;
    entry.state = "running";
    entry.isStale = false;
    entry.isTimed = false;
    try {
      const again = await options.run(key);
      entry.failures = 0;
      settle(key, entry, again);
    } catch (fault) {
      // Where many changes come while something is away for a moment, the delay must not outlast it by minutes.
      if (isTimed || entry.failures === 0) entry.failures += 1;
      const delay = delayAfter(entry.failures, options.random);
      settle(key, entry, { afterMs: delay, isPoll: entry.failures > fewFailures });
      options.onFailure(key, fault, delay);
    }
  }

  function settle(key: string, entry: Entry, again: Again | undefined): void {
    // A change during a failing run waits for the delay too: it could be an echo of the run itself.
    if (entry.isStale && entry.failures === 0) makeReady(key, entry);
    else if (again === undefined) entries.delete(key);
    else wait(key, entry, again);
  }

  function wait(key: string, entry: Entry, { afterMs, isPoll }: Again): void {
    if (isStopped) return;
    entry.state = "waiting";
    const spread = afterMs * (1 + lookJitter * options.random());
    entry.cancelTimer = options.startTimer(entry.failures > 0 ? afterMs : spread, () => {
      const turnMs = isPoll ? options.allowance.reserve() : 0;
      if (turnMs > 0) {
        wait(key, entry, { afterMs: turnMs, isPoll: false });
        return;
      }
      entry.isTimed = true;
      makeReady(key, entry);
      startRuns();
    });
  }

  function retry(): void {
    for (const [key, entry] of entries) {
      if (entry.state === "waiting" && entry.failures > 0) makeReady(key, entry);
    }
    startRuns();
  }

  async function stop(): Promise<void> {
    isStopped = true;
    for (const entry of entries.values()) entry.cancelTimer();
    entries.clear();
    ready.length = 0;
    await Promise.all(running);
  }

  return { add, retry, stop, size: () => entries.size };
}
