/** Time that passes when it is told to: what is started waits until someone lets the next timer go off. */
import type { StartTimer } from "../../capabilities/work/queue";

type Timer = { readonly at: number; readonly callback: () => void };

export type Timers = {
  readonly startTimer: StartTimer;
  /** Moves time on to the next timer and lets it go off. False if there is none. */
  readonly fireNext: () => boolean;
  readonly pending: () => number;
  readonly now: () => number;
  /** When the next timer goes off; undefined if there is none. */
  readonly next: () => number | undefined;
  /** In ms, every timer that was ever started. */
  readonly started: readonly number[];
};

export function createTimers(): Timers {
  const timers = new Set<Timer>();
  const started: number[] = [];
  let time = 0;

  const startTimer: StartTimer = (ms, callback) => {
    const timer = { at: time + ms, callback };
    started.push(ms);
    timers.add(timer);
    return () => {
      timers.delete(timer);
    };
  };

  function fireNext(): boolean {
    const [next] = [...timers].sort((a, b) => a.at - b.at);
    if (!next) return false;
    timers.delete(next);
    time = next.at;
    next.callback();
    return true;
  }

  function next(): number | undefined {
    return timers.size === 0 ? undefined : Math.min(...[...timers].map(({ at }) => at));
  }

  return { startTimer, fireNext, pending: () => timers.size, now: () => time, next, started };
}

/** Lets everything happen that needs no timer. */
export async function settled(): Promise<void> {
  await new Promise(resolve => {
    setImmediate(resolve);
  });
}
