/** The module's own kube and store over the fake API: what the module asks and writes goes the real way. */
import { watchedWords } from "../capabilities/claim/words";
import { createEventSender } from "../capabilities/cluster/events";
import { createKube } from "../capabilities/cluster/kube";
import { createHealthTelling } from "../capabilities/cluster/request-health";
import type { KubeObject } from "../capabilities/kubernetes/objects";
import type { ClaimRef } from "../capabilities/claim/labels";
import type { Kube } from "../capabilities/reconcile/kube";
import type { Again } from "../capabilities/reconcile/pace";
import { reconcile } from "../capabilities/reconcile/reconcile";
import { isKnown } from "../capabilities/work/claims-of";
import { isOf, type Source } from "../capabilities/work/source";
import { ownSources, watchedSources } from "../capabilities/work/sources";
import { createStore, type Change as NewsOfStore, type Store } from "../capabilities/work/store";
import { createFakeApi, type FakeApi } from "./fake-api";
import { resourceOf, type Change, type FakeServer } from "./fake-server";
import { fingerprinted } from "./fingerprint";
import { proofOf } from "./proof";

export type { Failure, Write } from "./fake-api";

export type FakeKube = Kube &
  Omit<FakeApi, "api"> & {
    readonly store: Store;
    /** Brings the changes up to this one to the store, in their order, as the feeds do; all where nothing is said. */
    readonly deliver: (upTo?: number) => void;
    /** Every change that the store took for news. */
    readonly news: readonly NewsOfStore[];
    /** What was written to the log. */
    readonly logged: readonly string[];
    /** One run for a claim at the server's time; its events are sent when it ends. */
    readonly reconcile: (ref: ClaimRef) => Promise<Again | undefined>;
  };

export type Freshness =
  /** Every read is asked of the API server, which lists nothing. */
  | "live"
  /** Reads are answered from what has been delivered to the store. */
  | "stored";

export function createFakeKube(server: FakeServer, freshness: Freshness = "live"): FakeKube {
  const { api, ...fake } = createFakeApi(server);
  const logged: string[] = [];
  const news: NewsOfStore[] = [];
  const sources = [
    ...ownSources(watchedWords),
    ...watchedSources(fingerprinted, refs => refs.some(ref => isKnown(store, ref))).map(
      ([source]) => source,
    ),
  ];
  const store: Store = createStore(sources, {
    onChange: change => news.push(change),
    onListed: () => undefined,
    clock: () => server.now.getTime(),
  });
  for (const source of sources) {
    if (freshness === "live") store.refused(source);
    else store.listed(source, "0", new Set());
  }
  const events = createEventSender(api, line => logged.push(line));
  let delivered = 0;

  function deliver(upTo = server.changes.length): void {
    for (; delivered < upTo; delivered++) {
      const change = server.changes[delivered];
      if (change) for (const source of sources) bring(source, change, store);
    }
  }

  const kube = createKube({
    api,
    store,
    events,
    tellHealth: createHealthTelling(api, () => server.now.getTime()),
    fingerprinted,
    proofOf: ({ metadata }, place) => proofOf(metadata.uid ?? "", place),
    newPassword: () => "made-by-the-module",
    // Nobody is in the way of anyone for longer than a test.
    clock: () => server.now.getTime(),
    log: (claim, line) => logged.push(`${claim}: ${line}`),
  });
  const made: FakeKube = {
    ...kube,
    ...fake,
    store,
    deliver,
    news,
    logged,
    reconcile: async ref => {
      try {
        // A test may have put something in the way of one of the calls.
        return await reconcile(ref, made, server.now);
      } finally {
        await events.idle();
      }
    },
  };
  return made;
}

function bring(source: Source, { isDeleted, object }: Change, store: Store): void {
  if (resourceOf(object) !== source.resource) return;
  const copy = structuredClone(object);
  // A watch says of an object that stops fitting the selector that it is gone.
  if (isDeleted || !isSelected(source, object)) store.gone(source, copy);
  else store.seen(source, copy);
}

function isSelected(source: Source, object: KubeObject): boolean {
  const [, type] = (source.fieldSelector ?? "type=").split("=");
  return isOf(source, object) && (type === "" || Reflect.get(object, "type") === type);
}
