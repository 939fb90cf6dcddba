/** What is seen is written down and judged at the end: the queue catches what a run throws. */
import * as fc from "fast-check";
import {
  createQueue,
  delayAfter,
  firstDelay,
  longestDelay,
  type Queue,
  type QueueOptions,
} from "../../capabilities/work/queue";
import { once, type Again } from "../../capabilities/reconcile/pace";
import { createTimers, settled, type Timers } from "./timers";

// Takes a second or two; on a machine that is busy with other things, more.
jest.setTimeout(60_000);

/** Nobody has to wait for a look. */
const plenty = { reserve: () => 0 };

type Seen = { readonly what: "add" | "begin" | "end"; readonly key: string };

type Behaviour = {
  readonly outcome: "forget" | "again" | "fail";
  /** A change of the key, or of another, that comes about within the run: before it first waits, or after. */
  readonly addsAtOnce?: string | undefined;
  readonly addsLater?: string | undefined;
};

type Step = { readonly add: string } | { readonly fire: true };

const keys = ["a", "b", "c", "d"] as const;
const key = fc.constantFrom(...keys);

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ add: key }) },
    { weight: 1, arbitrary: fc.constant({ fire: true as const }) },
  ),
  { maxLength: 30 },
);

const behaviours: fc.Arbitrary<Behaviour[]> = fc.array(
  fc.record({
    outcome: fc.constantFrom("forget" as const, "again" as const, "fail" as const),
    addsAtOnce: fc.option(key, { nil: undefined, freq: 8 }),
    addsLater: fc.option(key, { nil: undefined, freq: 8 }),
  }),
  { maxLength: 30 },
);

type Bench = { readonly queue: Queue; readonly timers: Timers; readonly seen: Seen[] };

/** A queue whose runs end when the scheduler says, each as the next behaviour says; afterwards all are forgotten. */
function bench(s: fc.Scheduler, planned: readonly Behaviour[], concurrency: number): Bench {
  const timers = createTimers();
  const seen: Seen[] = [];
  const rest = [...planned];

  function add(added: string | undefined): void {
    if (added === undefined) return;
    seen.push({ what: "add", key: added });
    queue.add(added);
  }

  async function run(name: string): Promise<Again | undefined> {
    seen.push({ what: "begin", key: name });
    const { outcome, addsAtOnce, addsLater } = rest.shift() ?? { outcome: "forget" };
    add(addsAtOnce);
    await s.schedule(Promise.resolve(), name);
    add(addsLater);
    seen.push({ what: "end", key: name });
    if (outcome === "fail") throw new Error("a planned fault");
    return outcome === "again" ? once(600_000) : undefined;
  }

  const queue = createQueue({
    run,
    concurrency,
    startTimer: timers.startTimer,
    random: () => 0.5,
    allowance: plenty,
    onFailure: () => undefined,
  });
  return { queue, timers, seen };
}

async function play(
  s: fc.Scheduler,
  { queue, timers, seen }: Bench,
  planned: readonly Step[],
): Promise<void> {
  const actions = planned.map(step => async () => {
    if ("fire" in step) timers.fireNext();
    else {
      seen.push({ what: "add", key: step.add });
      queue.add(step.add);
    }
    await Promise.resolve();
  });
  s.scheduleSequence(actions);
  await s.waitIdle();
}

/** How many runs of the keys are under way after each thing seen. */
function underWay(seen: readonly Seen[], isCounted: (key: string) => boolean): number[] {
  let count = 0;
  return seen
    .filter(({ key: name, what }) => what !== "add" && isCounted(name))
    .map(({ what }) => (count += what === "begin" ? 1 : -1));
}

/** Changes after which no run of their key began. */
function lost(seen: readonly Seen[]): readonly Seen[] {
  return seen.filter(
    ({ what, key: name }, at) =>
      what === "add" &&
      !seen.slice(at + 1).some(later => later.what === "begin" && later.key === name),
  );
}

const concurrencies = fc.integer({ min: 1, max: 3 });

test("one run per key at a time, no more at once than allowed, and no change is lost", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      steps,
      behaviours,
      concurrencies,
      async (s, planned, runs, concurrency) => {
        const made = bench(s, runs, concurrency);
        await play(s, made, planned);
        while (made.timers.fireNext()) await s.waitIdle();

        for (const name of keys) {
          expect(Math.max(0, ...underWay(made.seen, other => other === name))).toBeLessThanOrEqual(
            1,
          );
        }
        expect(Math.max(0, ...underWay(made.seen, () => true))).toBeLessThanOrEqual(concurrency);
        expect(lost(made.seen)).toEqual([]);
        expect(made.queue.size()).toBe(0);
      },
    ),
    { numRuns: 200 },
  );
});

/** What comes first, and the keys that are added last, just before the queue is stopped. */
const situations = fc.record({ planned: steps, last: fc.subarray([...keys]) });

test("a queue that was stopped lets its runs end and begins no more", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), situations, behaviours, async (s, { planned, last }, runs) => {
      const made = bench(s, runs, 2);
      await play(s, made, planned);
      for (const name of last) made.queue.add(name);
      const stoppedAt = made.seen.length;
      let isStopped = false;
      const stopping = made.queue.stop().then(() => {
        isStopped = true;
      });
      const open = underWay(made.seen, () => true).at(-1) ?? 0;
      await settled();
      expect(isStopped).toBe(open === 0);
      await s.waitIdle();
      await stopping;
      for (const name of keys) made.queue.add(name);
      await s.waitIdle();

      const after = made.seen.slice(stoppedAt);
      expect(after.filter(({ what }) => what === "begin")).toEqual([]);
      expect(after.filter(({ what }) => what === "end")).toHaveLength(open);
      expect([made.timers.pending(), made.queue.size()]).toEqual([0, 0]);
    }),
  );
});

type Run = { readonly key: string; readonly at: number };

/** A queue whose runs end at once, and which of them began when. */
function plain(
  run: (key: string, count: number) => number | undefined,
  changes: Partial<QueueOptions> = {},
): { queue: Queue; timers: Timers; runs: Run[]; failures: unknown[] } {
  const timers = createTimers();
  const runs: Run[] = [];
  const failures: unknown[] = [];
  const queue = createQueue({
    run: async name => {
      runs.push({ key: name, at: timers.now() });
      await Promise.resolve();
      const afterMs = run(name, runs.filter(one => one.key === name).length);
      return afterMs === undefined ? undefined : once(afterMs);
    },
    allowance: plenty,
    concurrency: 1,
    startTimer: timers.startTimer,
    random: () => 0,
    onFailure: (...told) => failures.push(told),
    ...changes,
  });
  return { queue, timers, runs, failures };
}

const fault = new Error("a planned fault");

function fail(): never {
  throw fault;
}

test("delays double up to the longest, and are at least half of that", () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), chance, (failures, random) => {
      const full = Math.min(longestDelay, firstDelay * 2 ** (failures - 1));
      const delay = delayAfter(failures, () => random);
      expect(delay).toBeLessThanOrEqual(full);
      expect(delay).toBeGreaterThanOrEqual(full / 2);
    }),
  );
  expect(delayAfter(1, () => 0)).toBe(1000);
  expect(delayAfter(9, () => 0)).toBe(256_000);
  expect(delayAfter(10, () => 0)).toBe(300_000);
});

test("chance spreads the delays of what failed together", () => {
  const delays = [0, 0.25, 0.5, 0.75].map(random => delayAfter(3, () => random));
  expect(delays).toEqual([4000, 3500, 3000, 2500]);
});

test("a key that fails is tried again after growing delays, which a success resets", async () => {
  const { queue, timers, runs, failures } = plain((_key, count) => (count === 4 ? 60_000 : fail()));
  queue.add("a");
  for (let count = 0; count < 6; count++) {
    await settled();
    timers.fireNext();
  }
  await settled();
  expect(timers.started).toEqual([1000, 2000, 4000, 60_000, 1000, 2000, 4000]);
  expect(runs).toHaveLength(7);
  expect(failures.slice(0, 2)).toEqual([
    ["a", fault, 1000],
    ["a", fault, 2000],
  ]);
});

test("a look comes when it was asked for or up to a tenth later, so that looks do not stay together", async () => {
  for (const [random, expected] of [
    [0, 600_000],
    [0.5, 630_000],
  ] as const) {
    const { queue, timers, runs } = plain(() => 600_000, { random: () => random });
    queue.add("a");
    await settled();
    expect(timers.started).toEqual([expected]);
    timers.fireNext();
    await settled();
    expect(runs.map(({ at }) => at)).toEqual([0, expected]);
  }
});

test("a change does not wait for the look, and takes its place", async () => {
  const { queue, timers, runs } = plain(() => 600_000);
  queue.add("a");
  await settled();
  queue.add("a");
  await settled();
  expect(runs).toEqual([
    { key: "a", at: 0 },
    { key: "a", at: 0 },
  ]);
  expect(timers.pending()).toBe(1);
});

test("several changes before a run are one run", async () => {
  const { queue, runs } = plain(() => undefined);
  for (const name of ["a", "b", "b", "a", "b"]) queue.add(name);
  await settled();
  // The second change of `a` came while it was running.
  expect(runs.map(({ key: name }) => name)).toEqual(["a", "b", "a"]);
});

test("a change during a run that fails waits for the delay, and is one run", async () => {
  const { queue, timers, runs } = plain((name, count) => {
    if (count > 1) return undefined;
    queue.add(name);
    return fail();
  });
  queue.add("a");
  await settled();
  expect([runs.length, timers.pending()]).toEqual([1, 1]);
  timers.fireNext();
  await settled();
  expect(runs.map(({ at }) => at)).toEqual([0, 1000]);
});

test("changes while a key is failing are tried at once, and put off no later try", async () => {
  const { queue, timers, runs } = plain((_key, count) => (count > 20 ? undefined : fail()));
  queue.add("a");
  await settled();
  for (let change = 0; change < 20; change++) {
    queue.add("a");
    await settled();
  }
  expect(runs).toHaveLength(21);
  expect(new Set(timers.started)).toEqual(new Set([1000]));
});

test("a run that throws before it first waits is a failure like any other", async () => {
  const { queue, timers, failures } = plain(() => undefined, { run: fail });
  queue.add("a");
  await settled();
  expect(failures).toEqual([["a", fault, 1000]]);
  expect(timers.pending()).toBe(1);
});

test("a key that always fails does not delay the others", async () => {
  const { queue, timers, runs } = plain(name => (name === "bad" ? fail() : undefined));
  queue.add("bad");
  for (let round = 0; round < 10; round++) {
    queue.add("good");
    await settled();
    expect(runs.filter(({ key: name }) => name === "good")).toHaveLength(round + 1);
    timers.fireNext();
  }
  await settled();
  // Each was run as soon as it was added, at whatever time that was.
  expect(runs.filter(({ key: name }) => name === "bad").length).toBe(11);
});

test("what waits after failures is taken up at once where its cause is over, and looks keep their time", async () => {
  const { queue, timers, runs } = plain((name, count) =>
    name === "bad" && count < 5 ? fail() : 600_000,
  );
  queue.add("bad");
  queue.add("good");
  for (let failures = 1; failures <= 3; failures++) {
    await settled();
    timers.fireNext();
  }
  await settled();
  const before = runs.length;
  queue.retry();
  await settled();
  expect(runs.slice(before)).toEqual([expect.objectContaining({ key: "bad" })]);
  expect(timers.pending()).toBe(2);
  expect(timers.now()).toBe(7000);
  queue.retry();
  await settled();
  expect(runs).toHaveLength(before + 1);
});

test("a key that is done with is forgotten, and known again when it comes again", async () => {
  const { queue, runs, timers } = plain(() => undefined);
  queue.add("a");
  expect(queue.size()).toBe(1);
  await settled();
  expect([queue.size(), timers.pending()]).toEqual([0, 0]);
  queue.add("a");
  await settled();
  expect(runs).toHaveLength(2);
});

test("nothing is begun and no timer held before a key is added", async () => {
  const { runs, timers } = plain(() => undefined);
  await settled();
  expect([runs, timers.pending()]).toEqual([[], 0]);
});

test("looks that go on and on share one allowance: who finds none left waits for its turn", async () => {
  const { queue, timers, runs } = plain(() => undefined, {
    run: async () => {
      runs.push({ key: "a", at: timers.now() });
      return Promise.resolve(runs.length === 1 ? { afterMs: 10_000, isPoll: true } : undefined);
    },
    allowance: { reserve: () => 3500 },
  });
  queue.add("a");
  await settled();
  for (let count = 0; count < 2; count++) timers.fireNext();
  await settled();
  expect(runs.map(({ at }) => at)).toEqual([0, 13_500]);
});

test("a key that goes on failing is tried again within the allowance, and a change is not", async () => {
  let spent = 0;
  const { queue, timers, runs } = plain(fail, {
    allowance: {
      reserve: () => {
        spent += 1;
        return 0;
      },
    },
  });
  queue.add("a");
  for (let count = 0; count < 5; count++) {
    await settled();
    timers.fireNext();
  }
  await settled();
  expect([runs.length, spent]).toEqual([6, 2]);
  queue.add("a");
  await settled();
  expect([runs.length, spent]).toEqual([7, 2]);
});
