import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import type { Api, List, WatchEvent } from "../../../local/stand-in/api";
import { feed } from "../../../local/stand-in/watch";
import type { Feed } from "../../../local/stand-in/watch";

function object(name: string, resourceVersion: number, uid = name): KubeObject {
  const metadata = { name, namespace: "demo", uid, resourceVersion: String(resourceVersion) };
  return { apiVersion: "v1", kind: "Secret", metadata };
}

function list(resourceVersion: number, ...items: KubeObject[]): List {
  return { metadata: { resourceVersion: String(resourceVersion) }, items };
}

const event = (type: string, seen: KubeObject): WatchEvent => ({ type, object: seen });

/** Plays one list and one watch after the other, then ends; what the feed held at each event is written down. */
async function follow(
  rounds: readonly { list: List | undefined; events: readonly WatchEvent[] }[],
  onChange: (feed: Feed<KubeObject>, changed: KubeObject) => void,
): Promise<Feed<KubeObject>> {
  const ending = new AbortController();
  let round = 0;
  const refuse = (): never => {
    throw new Error("not asked for");
  };
  const api: Api = {
    ...{ server: "", read: refuse, create: refuse, refusal: refuse, patch: refuse, remove: refuse },
    list: () => Promise.resolve(rounds[round]?.list),
    watch: async function* () {
      await Promise.resolve();
      yield* rounds[round]?.events ?? [];
      round++;
      if (round === rounds.length) ending.abort();
    },
  };
  const followed: Feed<KubeObject> = feed(api, "/secrets", changed => {
    onChange(followed, changed);
  });
  await followed.run(ending.signal, error => {
    throw error as Error;
  });
  return followed;
}

const nothing = (): void => undefined;
const versions = (held: Feed<KubeObject>): readonly string[] =>
  held.all().map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion ?? ""}`);

test("holds what was listed and what happened since", async () => {
  const told: string[] = [];
  const events = [
    event("MODIFIED", object("a", 3)),
    event("ADDED", object("c", 4)),
    event("DELETED", object("b", 5)),
  ];
  const held = await follow(
    [{ list: list(2, object("a", 1), object("b", 2)), events }],
    (_, { metadata }) => told.push(metadata.name),
  );
  expect(versions(held)).toEqual(["a@3", "c@4"]);
  expect(told).toEqual(["a", "b", "a", "c", "b"]);
});

test("finds out from the next list what was missed", async () => {
  const held = await follow(
    [
      { list: list(2, object("a", 1), object("b", 2)), events: [] },
      { list: list(9, object("b", 8)), events: [] },
    ],
    nothing,
  );
  expect(versions(held)).toEqual(["b@8"]);
});

test("an older event never covers a newer write of our own, and is news all the same", async () => {
  const told: string[] = [];
  const held = await follow(
    [
      {
        list: list(1, object("a", 1)),
        events: [event("MODIFIED", object("a", 2)), event("MODIFIED", object("a", 3))],
      },
    ],
    (here, { metadata }) => {
      told.push(metadata.resourceVersion ?? "");
      if (metadata.resourceVersion === "1") here.note(object("a", 3));
    },
  );
  expect(versions(held)).toEqual(["a@3"]);
  expect(told).toEqual(["1", "2"]);
});

test("the late answer to a write does not bring a deleted object back", async () => {
  const held = await follow(
    [{ list: list(1, object("a", 1)), events: [event("DELETED", object("a", 5))] }],
    nothing,
  );
  held.note(object("a", 4));
  expect(versions(held)).toEqual([]);
});
