/** One answer to "is it there?": what feeds and writes bring, whatever their order, and when that answer can be trusted. */
import * as fc from "fast-check";
import {
  keyOf,
  refOf,
  secretResource,
  type KubeObject,
  type Ref,
  type Resource,
} from "../../capabilities/kubernetes/objects";
import { clusterResource } from "../../capabilities/operator/cnpg/cluster";
import type { Source } from "../../capabilities/work/source";
import { createStore, type Change, type Store } from "../../capabilities/work/store";

const ref: Ref = { name: "a", namespace: "b" };

const clusters: Source = { resource: clusterResource, keep: object => object };
const ours: Source = {
  resource: secretResource,
  labelSelector: "ours",
  keep: object => object,
  index: ({ metadata }) => [`of ${metadata.labels?.["ours"] ?? ""}`],
};
const theirs: Source = { resource: secretResource, labelSelector: "theirs=yes", keep: o => o };

function cluster(version: number, uid = "uid-0"): KubeObject {
  const metadata = { ...ref, uid, resourceVersion: String(version) };
  return { apiVersion: "postgresql.cnpg.io/v1", kind: "Cluster", metadata };
}

function secret(version: number, labels: Readonly<Record<string, string>>): KubeObject {
  const metadata = { ...ref, uid: "uid-1", resourceVersion: String(version), labels };
  return { apiVersion: "v1", kind: "Secret", metadata };
}

const writing = { resource: clusterResource, ref, part: "definition" } as const;

type Rig = { readonly store: Store; readonly changes: Change[]; readonly listed: Source[] };

function rig(sources: readonly Source[] = [clusters]): Rig {
  const changes: Change[] = [];
  const listed: Source[] = [];
  const store = createStore(sources, {
    onChange: change => changes.push(change),
    onListed: source => listed.push(source),
  });
  return { store, changes, listed };
}

/** The module writes, and has its answer at once. */
async function wrote({ store }: Rig, written: KubeObject, resource = clusterResource as Resource) {
  await store.write({ resource, ref, part: "definition" }, async () =>
    Promise.resolve({ state: "done", object: written }),
  );
}

function versionIn({ store }: Rig): string | undefined {
  return store.find(clusterResource, ref)?.metadata.resourceVersion;
}

describe("a source", () => {
  test("answers for itself once it has been listed, and is told of once", () => {
    const { store, listed } = rig([clusters, ours]);
    expect([store.isListed(clusterResource), store.isComplete()]).toEqual([false, false]);
    store.listed(clusters, "10", new Set());
    store.listed(clusters, "20", new Set());
    expect([store.isListed(clusterResource), store.isComplete()]).toEqual([true, false]);
    expect([store.isComplete([clusters]), store.isComplete([ours])]).toEqual([true, false]);
    expect(listed).toEqual([clusters]);
  });

  test("that may not be listed does not hold up the others, and answers for nothing", () => {
    const { store } = rig();
    store.refused(clusters);
    expect([store.isComplete(), store.isListed(clusterResource)]).toEqual([true, false]);
    store.listed(clusters, "10", new Set());
    store.refused(clusters);
    expect(store.isListed(clusterResource)).toBe(true);
  });

  test("whose kind goes away has nothing left, and has it back when the kind comes", () => {
    const made = rig();
    made.store.seen(clusters, cluster(5));
    made.store.listed(clusters, "10", new Set([keyOf(ref)]));
    made.store.absent(clusters);
    expect([versionIn(made), made.store.isListed(clusterResource)]).toEqual([undefined, true]);
    made.store.seen(clusters, cluster(7, "uid-1"));
    expect(versionIn(made)).toBe("7");
  });

  test("listed anew has lost what is not in the list, but not what a write has made since", async () => {
    const made = rig();
    made.store.seen(clusters, cluster(5));
    made.store.listed(clusters, "10", new Set([keyOf(ref)]));
    made.store.listed(clusters, "20", new Set());
    expect(versionIn(made)).toBeUndefined();
    await wrote(made, cluster(25, "uid-1"));
    made.store.listed(clusters, "22", new Set());
    expect(versionIn(made)).toBe("25");
  });
});

describe("a write", () => {
  test("is known at once, and its echo is no news", async () => {
    const made = rig();
    made.store.listed(clusters, "10", new Set());
    await wrote(made, cluster(11));
    expect([versionIn(made), made.changes]).toEqual(["11", []]);
    made.store.seen(clusters, cluster(11));
    expect(made.changes).toEqual([]);
    made.store.seen(clusters, cluster(12));
    expect(made.changes).toHaveLength(1);
  });

  test("does not hide the change of someone else that came before it and is told of after it", async () => {
    const made = rig();
    made.store.seen(clusters, cluster(5));
    made.store.listed(clusters, "10", new Set([keyOf(ref)]));
    await wrote(made, cluster(12));
    const heard = made.changes.length;
    made.store.seen(clusters, cluster(11));
    expect(made.changes).toHaveLength(heard + 1);
    expect(versionIn(made)).toBe("12");
    made.store.seen(clusters, cluster(12));
    expect(made.changes).toHaveLength(heard + 1);
  });

  test("whose echo comes before its answer is no news either; what else comes meanwhile is, after it", async () => {
    const made = rig();
    made.store.listed(clusters, "10", new Set());
    await made.store.write(writing, async () => {
      for (const version of [11, 12]) made.store.seen(clusters, cluster(version));
      expect(made.changes).toEqual([]);
      return Promise.resolve({ state: "done", object: cluster(11) });
    });
    expect(made.changes.map(({ after }) => after?.metadata.resourceVersion)).toEqual(["12"]);
  });

  type Answered = {
    readonly part: "status" | "definition";
    readonly before?: object;
    readonly after: object;
    readonly news: number;
  };

  test.each<readonly [string, Answered]>([
    ["its own status", { part: "status", after: { status: { phase: "Ready" } }, news: 0 }],
    ["what it defines", { part: "definition", after: { spec: { size: "large" } }, news: 0 }],
    [
      "another's definition, its status being right",
      { part: "status", after: { spec: 1 }, news: 1 },
    ],
    [
      "another's status, its definition being right",
      { part: "definition", after: { status: 1 }, news: 1 },
    ],
    ["less than there was", { part: "status", before: { spec: 1 }, after: {}, news: 1 }],
  ])("that is answered with %s", async (_what, { part, before = {}, after, news }) => {
    const state = (version: number, more: object): KubeObject => ({ ...cluster(version), ...more });
    for (const isBrought of [false, true]) {
      const made = rig();
      made.store.seen(clusters, state(5, before));
      made.store.listed(clusters, "5", new Set([keyOf(ref)]));
      made.changes.length = 0;
      await made.store.write({ ...writing, part }, async () => {
        if (isBrought) made.store.seen(clusters, state(6, after));
        return Promise.resolve({ state: "done", object: state(6, after) });
      });
      if (!isBrought) made.store.seen(clusters, state(6, after));
      expect(made.changes).toHaveLength(news);
    }
  });

  test("that fails makes nothing an echo", async () => {
    const made = rig();
    made.store.listed(clusters, "10", new Set());
    const failing = made.store.write(writing, async () => {
      made.store.seen(clusters, cluster(11));
      return Promise.reject(new Error("no answer"));
    });
    await expect(failing).rejects.toThrow("no answer");
    expect(made.changes).toHaveLength(1);
  });

  test("whose answer comes after the object has gone does not bring it back", async () => {
    const made = rig();
    made.store.listed(clusters, "10", new Set());
    made.store.seen(clusters, cluster(11));
    made.store.gone(clusters, cluster(13));
    await wrote(made, cluster(12));
    expect(versionIn(made)).toBeUndefined();
  });

  test("of an object that took a name is not lost when the deletion of the old one is told of late", async () => {
    const made = rig();
    made.store.listed(clusters, "10", new Set());
    made.store.seen(clusters, cluster(11));
    await wrote(made, cluster(14, "uid-1"));
    made.store.gone(clusters, cluster(13));
    expect(versionIn(made)).toBe("14");
  });

  test("of an object is for the sources alone whose label it bears", async () => {
    const made = rig([ours, theirs]);
    const { store } = made;
    for (const source of [ours, theirs]) store.listed(source, "10", new Set());
    await wrote(made, secret(11, { theirs: "no" }), secretResource);
    expect(store.find(secretResource, ref)).toBeUndefined();
    await wrote(made, secret(12, { theirs: "yes" }), secretResource);
    expect(store.find(secretResource, ref)?.metadata.resourceVersion).toBe("12");
  });
});

test("an object that one source has lost is found in the other", () => {
  const { store } = rig([ours, theirs]);
  for (const source of [ours, theirs]) store.listed(source, "1", new Set());
  const both = secret(11, { ours: "1", theirs: "yes" });
  for (const source of [ours, theirs]) store.seen(source, both);
  store.gone(ours, secret(12, { theirs: "yes" }));
  expect(store.find(secretResource, ref)).toEqual(both);
  store.gone(theirs, secret(13, {}));
  expect(store.find(secretResource, ref)).toBeUndefined();
});

test("objects are found by the words of their newest state", () => {
  const { store } = rig([ours]);
  store.seen(ours, secret(11, { ours: "1" }));
  expect(store.indexed(secretResource, "of 1").map(refOf)).toEqual([ref]);
  store.seen(ours, secret(12, { ours: "2" }));
  expect(store.indexed(secretResource, "of 1")).toEqual([]);
  expect(store.indexed(secretResource, "of 2").map(refOf)).toEqual([ref]);
  store.gone(ours, secret(13, { ours: "2" }));
  expect(store.indexed(secretResource, "of 2")).toEqual([]);
});

test("values that are not needed any more are forgotten, and come back with the next change alone", () => {
  const { store } = rig([ours]);
  const withData = (version: number): KubeObject =>
    ({ ...secret(version, { ours: "1" }), data: { password: "c2VjcmV0" } }) as KubeObject;
  store.seen(ours, withData(11));
  store.forgetValues(secretResource, ref);
  expect(store.find(secretResource, ref)).not.toHaveProperty("data");
  store.seen(ours, withData(11));
  expect(store.find(secretResource, ref)).not.toHaveProperty("data");
  store.seen(ours, withData(12));
  expect(store.find(secretResource, ref)).toHaveProperty("data");
});

/** What the API server did, in order: an object made, changed or removed, by the module or by others. */
const history = fc.array(
  fc.record({
    isRemoval: fc.boolean(),
    isOurs: fc.boolean(),
    /** How many of the feed's events are brought before the answer to the module's write. */
    brought: fc.nat({ max: 4 }),
  }),
  { maxLength: 30 },
);

type Act = { readonly isRemoval: boolean; readonly isOurs: boolean; readonly brought: number };

type Played = Rig & {
  /** What the API server has in the end. */
  readonly there: KubeObject | undefined;
  /** States of the object that others made. */
  readonly others: number;
};

/** Plays the acts; each event is brought once, in order, some of them only in the end. */
async function play(acts: readonly Act[]): Promise<Played> {
  const made = rig();
  const { store } = made;
  store.listed(clusters, "1", new Set());
  const events: (() => void)[] = [];
  const bringSome = (count: number): void => {
    for (const event of events.splice(0, count)) event();
  };
  const write = async (object: KubeObject, brought: number): Promise<unknown> =>
    store.write(writing, async () => {
      bringSome(brought);
      return Promise.resolve({ state: "done", object: structuredClone(object) });
    });
  const played = playedStates(acts);
  for (const { state, isGone, isThere, isOurs, brought } of played) {
    const bring = isGone ? store.gone : store.seen;
    events.push(() => {
      bring(clusters, structuredClone(state));
    });
    if (isThere && isOurs) await write(state, brought);
    else bringSome(brought);
  }
  bringSome(events.length);
  const there = played.at(-1)?.isThere === true ? played.at(-1)?.state : undefined;
  const others = played.filter(({ isThere, isOurs }) => isThere && !isOurs).length;
  return { ...made, there, others };
}

type PlayedState = Act & {
  readonly state: KubeObject;
  readonly isGone: boolean;
  readonly isThere: boolean;
};

/** The states of the object that the acts lead to; what is not there cannot be removed. */
function playedStates(acts: readonly Act[]): readonly PlayedState[] {
  const states: PlayedState[] = [];
  let uid = 0;
  for (const [at, act] of acts.entries()) {
    const wasThere = states.at(-1)?.isThere === true;
    if (!wasThere && act.isRemoval) continue;
    if (!wasThere) uid += 1;
    const state = cluster(at + 2, `uid-${uid}`);
    states.push({ ...act, state, isGone: act.isRemoval, isThere: !act.isRemoval });
  }
  return states;
}

test("once everything has been brought, the store has what the API server has, whatever came late", async () => {
  await fc.assert(
    fc.asyncProperty(history, async acts => {
      const made = await play(acts);
      expect(versionIn(made)).toBe(made.there?.metadata.resourceVersion);
    }),
    { numRuns: 500 },
  );
});

test("every change by others is news, once, and none by the module is", async () => {
  await fc.assert(
    fc.asyncProperty(history, async acts => {
      const { changes, others } = await play(acts);
      expect(changes.filter(({ after }) => after !== undefined)).toHaveLength(others);
    }),
    { numRuns: 500 },
  );
});
