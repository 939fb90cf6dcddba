/** What is there of one kind, kept up to date: listed, watched, and listed again when the watch ends or the CRD comes and goes. */
import { setTimeout as sleep } from "node:timers/promises";

import type { KubeObject } from "../../capabilities/kubernetes/objects";
import type { Api, List, WatchEvent } from "./api";

export type Feed<T extends KubeObject> = {
  readonly get: (key: string) => T | undefined;
  readonly all: () => readonly T[];
  /** Takes in the answer to a write of our own, so that nobody has to wait for its event. */
  readonly note: (object: KubeObject) => void;
  /** Follows the API server until told to stop; of failures in a row the first is told. */
  readonly run: (signal: AbortSignal, onFailure: (error: unknown) => void) => Promise<void>;
  /** Fulfilled once the first list is in. */
  readonly listed: Promise<void>;
};

const retryDelay = 300;
/** Where the kind is unknown all its objects are gone, whatever their version. */
const noList: List = { metadata: { resourceVersion: "Infinity" }, items: [] };

/**
 * The objects under `path`, which may end in a query. `T` is what the caller reads of them; `onChange` hears of what
 * came, changed or went by somebody else's doing.
 */
export function feed<T extends KubeObject>(
  api: Api,
  path: string,
  onChange: (object: KubeObject) => void,
): Feed<T> {
  const known = new Map<string, KubeObject>();
  /** Versions that are our own doing; each is forgotten when the watch tells of it. */
  const ours = new Set<number>();
  let seen = 0;
  let isListed = (): void => undefined;
  const listed = new Promise<void>(resolve => (isListed = resolve));

  function put(object: KubeObject): boolean {
    const old = known.get(keyOf(object));
    if (old && versionOf(old) >= versionOf(object)) return false;
    known.set(keyOf(object), object);
    return true;
  }

  function note(object: KubeObject): void {
    // Not newer than what the watch has told: it is known already, or has been deleted since.
    if (versionOf(object) <= seen) return;
    ours.add(versionOf(object));
    put(object);
  }

  function replace({ items, metadata }: List): void {
    const present = new Set(items.map(keyOf));
    seen = Number(metadata.resourceVersion);
    ours.clear();
    const gone = [...known.values()].filter(
      object => !present.has(keyOf(object)) && versionOf(object) <= seen,
    );
    for (const object of gone) known.delete(keyOf(object));
    for (const object of [...gone, ...items.filter(put)]) onChange(object);
  }

  function take({ type, object }: WatchEvent): void {
    seen = Math.max(seen, versionOf(object));
    if (type !== "DELETED") {
      const isNews = !ours.delete(versionOf(object));
      // A newer write of our own may be there already: what came before it is news all the same.
      put(object);
      if (isNews) onChange(object);
      return;
    }
    const old = known.get(keyOf(object));
    if (!old || versionOf(old) > versionOf(object)) return;
    known.delete(keyOf(object));
    onChange(object);
  }

  async function follow(signal: AbortSignal): Promise<void> {
    const list = await api.list(path);
    replace(list ?? noList);
    isListed();
    if (!list) return;
    const watch = `watch=true&timeoutSeconds=300&resourceVersion=${list.metadata.resourceVersion}`;
    const events = api.watch(`${path}${path.includes("?") ? "&" : "?"}${watch}`, signal);
    for await (const event of events) {
      // Most often 410: the version is too old. The next list has a new one.
      if (event.type === "ERROR") return;
      take(event);
    }
  }

  async function run(signal: AbortSignal, onFailure: (error: unknown) => void): Promise<void> {
    let isTold = false;
    while (!signal.aborted) {
      const error = await follow(signal).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error !== undefined && !isTold) onFailure(error);
      isTold = error !== undefined;
      await sleep(retryDelay, undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    get: key => known.get(key) as T | undefined,
    all: () => [...known.values()] as T[],
    note,
    run,
    listed,
  };
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

function versionOf({ metadata }: KubeObject): number {
  return Number(metadata.resourceVersion ?? 0);
}
