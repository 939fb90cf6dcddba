/** One answer to "is it there?": what feeds and writes bring, whatever their order, and when that answer can be trusted. */
import * as fc from "fast-check";
import {
  keyOf,
  refOf,
  secretResource,
  type KubeObject,
  type Ref,
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

  test("listed anew has lost what is not in the list, but not what a write has made since", () => {
    const made = rig();
    made.store.seen(clusters, cluster(5));
    made.store.listed(clusters, "10", new Set([keyOf(ref)]));
    made.store.listed(clusters, "20", new Set());
    expect(versionIn(made)).toBeUndefined();
    made.store.note(clusterResource, cluster(25, "uid-1"));
    made.store.listed(clusters, "22", new Set());
    expect(versionIn(made)).toBe("25");
  });
});

describe("a write", () => {
  test("is known at once, and its echo is no news", () => {
    const made = rig();
    made.store.listed(clusters, "10", new Set());
    made.store.note(clusterResource, cluster(11));
    expect([versionIn(made), made.changes]).toEqual(["11", []]);
    made.store.seen(clusters, cluster(11));
    expect(made.changes).toEqual([]);
    made.store.seen(clusters, cluster(12));
    expect(made.changes).toHaveLength(1);
  });

  test("whose answer comes after the object has gone does not bring it back", () => {
    const made = rig();
    made.store.listed(clusters, "10", new Set());
    made.store.seen(clusters, cluster(11));
    made.store.gone(clusters, cluster(13));
    made.store.note(clusterResource, cluster(12));
    expect(versionIn(made)).toBeUndefined();
  });

  test("of an object that took a name is not lost when the deletion of the old one is told of late", () => {
    const made = rig();
    made.store.listed(clusters, "10", new Set());
    made.store.seen(clusters, cluster(11));
    made.store.note(clusterResource, cluster(14, "uid-1"));
    made.store.gone(clusters, cluster(13));
    expect(versionIn(made)).toBe("14");
  });

  test("of an object is for the sources alone whose label it bears", () => {
    const { store } = rig([ours, theirs]);
    for (const source of [ours, theirs]) store.listed(source, "10", new Set());
    store.note(secretResource, secret(11, { theirs: "no" }));
    expect(store.find(secretResource, ref)).toBeUndefined();
    store.note(secretResource, secret(12, { theirs: "yes" }));
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

/** What the API server did, in order: an object made, changed or removed, by the module (whose write is noted) or by others. */
const history = fc.array(
  fc.record({
    isRemoval: fc.boolean(),
    isOurs: fc.boolean(),
    /** How many of the feed's events are brought before the answer to the module's write. */
    brought: fc.nat({ max: 4 }),
  }),
  { maxLength: 30 },
);

test("once everything has been brought, the store has what the API server has, whatever came late", () => {
  fc.assert(
    fc.property(history, acts => {
      const made = rig();
      const { store } = made;
      store.listed(clusters, "1", new Set());
      const events: (() => void)[] = [];
      let there: KubeObject | undefined;
      let uid = 0;
      acts.forEach(({ isRemoval, isOurs, brought }, at) => {
        if (!there) uid += 1;
        const state = cluster(at + 2, `uid-${uid}`);
        const isGone = isRemoval && there !== undefined;
        there = isRemoval ? undefined : state;
        const copy = structuredClone(state);
        const bring = isGone ? store.gone : store.seen;
        if (isGone || there) {
          events.push(() => {
            bring(clusters, copy);
          });
        }
        for (const event of events.splice(0, brought)) event();
        if (isOurs && there) store.note(clusterResource, there);
      });
      for (const event of events) event();
      expect(versionIn(made)).toBe(there?.metadata.resourceVersion);
    }),
    { numRuns: 500 },
  );
});
