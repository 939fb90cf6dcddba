/** Lists and watches against an API server that fails in every way that it may. */
import type { ApiResponse, Client, WatchRequest } from "../capabilities/cluster/client";
import { startFeed, startNameFeed, type Feed } from "../capabilities/cluster/feed";
import { keyOf, refOf, type KubeObject } from "../capabilities/kubernetes/objects";
import { clusterResource } from "../capabilities/operator/cnpg/cluster";
import type { Source } from "../capabilities/work/source";
import { createStore, type Store } from "../capabilities/work/store";

const source: Source = { resource: clusterResource, labelSelector: "a=b", keep: found => found };

function cluster(name: string, version: number): KubeObject {
  const metadata = { name, namespace: "b", uid: name, resourceVersion: String(version) };
  return { apiVersion: "postgresql.cnpg.io/v1", kind: "Cluster", metadata };
}

function page(items: readonly KubeObject[], version: number, next = ""): ApiResponse {
  return {
    code: 200,
    body: { metadata: { resourceVersion: String(version), continue: next }, items },
  };
}

function refusal(code: number): ApiResponse {
  return { code, body: { kind: "Status", code, message: `no: ${code}` } };
}

/** A watch that is under way: what it is to bring, and how it ends. */
type Watching = WatchRequest & {
  readonly end: (answer: ApiResponse) => void;
  readonly breakOff: (fault: Error) => void;
};

type Rig = {
  readonly store: Store;
  readonly asked: string[];
  readonly said: string[];
  /** The next watch that begins. */
  readonly watching: () => Promise<Watching>;
  readonly lists: (ApiResponse | Error)[];
  readonly start: () => Feed;
  readonly names: () => readonly string[];
};

const feeds: Feed[] = [];

afterEach(() => {
  for (const feed of feeds.splice(0)) feed.stop();
  jest.useRealTimers();
});

function rig(): Rig {
  jest.useFakeTimers({ advanceTimers: true });
  const asked: string[] = [];
  const said: string[] = [];
  const lists: (ApiResponse | Error)[] = [];
  const begun: Watching[] = [];
  const waiting: ((watch: Watching) => void)[] = [];
  const store = createStore([source], { onChange: () => undefined, onListed: () => undefined });
  const client: Client = {
    api: async ({ path }) => {
      asked.push(path);
      const answer = lists.shift() ?? page([], 1);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    watch: async request =>
      new Promise((resolve, reject) => {
        asked.push(request.path);
        const watch = { ...request, end: resolve, breakOff: reject };
        const next = waiting.shift();
        if (next) next(watch);
        else begun.push(watch);
      }),
  };
  const options = { client, random: () => 0, warn: (line: string): unknown => said.push(line) };
  return {
    store,
    asked,
    said,
    lists,
    watching: async () => {
      const found = begun.shift();
      return found ?? new Promise(resolve => waiting.push(resolve));
    },
    start: () => {
      const feed = startFeed(source, store, options);
      feeds.push(feed);
      return feed;
    },
    names: () => store.all(clusterResource).map(({ metadata }) => metadata.name),
  };
}

const ended: ApiResponse = { code: 200, body: undefined };
const collection = "/apis/postgresql.cnpg.io/v1/clusters";

test("a source is listed page by page, then watched from the version of the list", async () => {
  const { start, lists, watching, asked, names, store } = rig();
  lists.push(page([cluster("one", 5)], 10, "more"), page([cluster("two", 6)], 10));
  start();
  await watching();
  expect(names()).toEqual(["one", "two"]);
  expect(store.isListed(clusterResource)).toBe(true);
  expect(asked).toEqual([
    `${collection}?labelSelector=a%3Db&limit=500`,
    `${collection}?labelSelector=a%3Db&limit=500&continue=more`,
    `${collection}?labelSelector=a%3Db&watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=10`,
  ]);
});

test("what the watch brings is noted, and the next watch goes on from there, a bookmark included", async () => {
  const { start, watching, asked, names } = rig();
  start();
  const first = await watching();
  first.onEvent({ type: "ADDED", object: cluster("one", 11) });
  first.onEvent({ type: "ADDED", object: cluster("two", 12) });
  first.onEvent({ type: "DELETED", object: cluster("one", 13) });
  first.onEvent({ type: "BOOKMARK", object: { metadata: { resourceVersion: "20" } } });
  expect(names()).toEqual(["two"]);
  jest.advanceTimersByTime(5000);
  first.end(ended);
  await watching();
  expect(asked.at(-1)).toContain("resourceVersion=20");
  expect(asked.filter(path => path.includes("limit"))).toHaveLength(1);
});

test("a watch that breaks off is begun again from where it was", async () => {
  const { start, watching, asked, names, said } = rig();
  start();
  const first = await watching();
  first.onEvent({ type: "ADDED", object: cluster("one", 11) });
  first.breakOff(new Error("the connection was reset"));
  const next = watching();
  await jest.advanceTimersByTimeAsync(1000);
  await next;
  expect(asked.at(-1)).toContain("resourceVersion=11");
  expect(names()).toEqual(["one"]);
  expect(said).toEqual(["watching clusters: the connection was reset"]);
});

test.each([
  [
    "the answer",
    (watch: Watching): unknown => {
      watch.end(refusal(410));
      return undefined;
    },
  ],
  [
    "an event",
    (watch: Watching): unknown => {
      try {
        watch.onEvent({ type: "ERROR", object: { code: 410, message: "too old" } });
      } catch (fault) {
        watch.breakOff(fault as Error);
      }
      return undefined;
    },
  ],
])(
  "where the API server has forgotten the version, as %s says, all is listed anew",
  async (_title, forget) => {
    const { start, lists, watching, names, said } = rig();
    lists.push(page([cluster("one", 5)], 10), page([cluster("two", 15)], 20));
    start();
    forget(await watching());
    const next = watching();
    await jest.advanceTimersByTimeAsync(1000);
    await next;
    expect(names()).toEqual(["two"]);
    expect(said).toEqual([]);
  },
);

test("a first list that is too much for the API server is asked for again after growing pauses, and nothing is taken for gone", async () => {
  const { start, lists, watching, asked, store, said } = rig();
  lists.push(refusal(429), refusal(429), new Error("no route"), page([cluster("one", 5)], 10));
  start();
  const next = watching();
  await jest.advanceTimersByTimeAsync(999);
  expect([asked.length, store.isComplete()]).toEqual([1, false]);
  await jest.advanceTimersByTimeAsync(1 + 2000 + 4000);
  await next;
  expect(store.isListed(clusterResource)).toBe(true);
  expect(asked.filter(path => path.includes("limit"))).toHaveLength(4);
  expect(said.map(line => line.slice(0, 40))).toHaveLength(2);
});

test("a kind that is not in the cluster has no objects; its feed is woken when its CRD comes", async () => {
  const { start, lists, watching, store, said } = rig();
  lists.push(refusal(404), refusal(404));
  const feed = start();
  await jest.advanceTimersByTimeAsync(0);
  expect([store.isListed(clusterResource), store.all(clusterResource)]).toEqual([true, []]);
  lists.splice(0, lists.length, page([cluster("one", 5)], 10));
  const next = watching();
  feed.retry();
  await next;
  expect(store.find(clusterResource, refOf(cluster("one", 5)))).toBeDefined();
  expect(said).toEqual([]);
});

test("a list that is forbidden holds nobody up, and is tried again", async () => {
  const { start, lists, watching, store, said } = rig();
  lists.push(refusal(403));
  start();
  const next = watching();
  await jest.advanceTimersByTimeAsync(0);
  expect([store.isComplete(), store.isListed(clusterResource)]).toEqual([true, false]);
  await jest.advanceTimersByTimeAsync(1000);
  await next;
  expect(store.isListed(clusterResource)).toBe(true);
  expect(said[0]).toContain("403");
});

test("a watch that ends at once is not begun again at once", async () => {
  const { start, watching, asked } = rig();
  start();
  (await watching()).end(ended);
  await jest.advanceTimersByTimeAsync(999);
  const before = asked.length;
  const next = watching();
  await jest.advanceTimersByTimeAsync(1);
  await next;
  expect(asked).toHaveLength(before + 1);
});

test("names are told without objects, and where some may have been missed that is told too", async () => {
  const { lists, asked } = rig();
  void lists;
  const told: string[] = [];
  let lost = 0;
  const begun: WatchRequest[] = [];
  const client: Client = {
    api: async ({ path, accept = "" }) => {
      asked.push(`${path} ${accept}`);
      return Promise.resolve(page([], 7));
    },
    watch: async request => {
      begun.push(request);
      return new Promise(() => undefined);
    },
  };
  const feed = startNameFeed(
    { resource: clusterResource },
    { onName: ref => told.push(keyOf(ref)), onLost: () => (lost += 1) },
    { client, random: () => 0, warn: () => undefined },
  );
  feeds.push(feed);
  await jest.advanceTimersByTimeAsync(0);
  expect(asked[0]).toContain("limit=1 application/json;as=PartialObjectMetadataList");
  expect(begun[0]?.accept).toContain("as=PartialObjectMetadata;");
  expect(begun[0]?.path).toContain("resourceVersion=7");
  for (const type of ["ADDED", "MODIFIED", "DELETED"]) {
    begun[0]?.onEvent({ type, object: cluster("one", 8) });
  }
  expect([told, lost]).toEqual([["b/one", "b/one", "b/one"], 1]);
});
