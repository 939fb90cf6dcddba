/**
 * Lists a kind page by page, watches it from there, and begins anew when the API server has forgotten where: for a store, or to be
 * told of names alone.
 */
import { isRecord } from "../claim/schema";
import {
  apiVersionOf,
  keyOf,
  refOf,
  type KubeObject,
  type Ref,
  type Resource,
} from "../kubernetes/objects";
import type { Source } from "../work/source";
import type { Store } from "../work/store";
import type { Client } from "./client";
import { collectionPath, faultOf, itemsOf, objectOf } from "./paths";

export type Feed = {
  /** Tries at once what it would try again later: the kind, or the API server, may have come back. */
  readonly retry: () => void;
  readonly stop: () => void;
};

export type FeedOptions = {
  readonly client: Client;
  /** From 0 (included) to 1 (excluded), like Math.random. */
  readonly random: () => number;
  readonly warn: (line: string) => void;
};

/** Objects in one answer to a list: a page of large ones is a few MiB. */
const pageSize = 500;
/** A watch ends by itself after so many seconds, and another goes on from there. */
const watchSeconds = 300;
/** After the first failure; it doubles with each further one, ... */
const firstDelayMs = 1000;
/** ... up to this. A kind that is not in the cluster is asked for as seldom; its CRD tells when it comes. */
const longestDelayMs = 300_000;
/** A watch that ends before this has failed, whatever it says. */
const shortestWatchMs = 1000;

const code = {
  badRequest: 400,
  notFound: 404,
  gone: 410,
  tooManyRequests: 429,
  serverError: 500,
} as const;

const json = "application/json";
/** https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
const namesOnly = `${json};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`;
const namesOnlyList = `${json};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`;

/** What is done with what is read. */
type Reader = {
  readonly what: string;
  readonly accept: string;
  readonly pathWith: (query: Readonly<Record<string, string>>) => string;
  /** Gives the version to watch from. */
  readonly list: () => Promise<string>;
  readonly onEvent: (type: unknown, object: KubeObject) => void;
  /** The kind is not in the cluster. */
  readonly onAbsent: () => void;
  /** The API server refuses; to try again will hardly help. */
  readonly onRefused: () => void;
};

/** Feeds a store from one of its sources; gives how to stop. */
export function startFeed(source: Source, store: Store, options: FeedOptions): Feed {
  const { resource } = source;
  const type = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  const pathWith: Reader["pathWith"] = query =>
    pathOfList(resource, { ...selectorsOf(source), ...query });
  return startReading(
    {
      what: resource.plural,
      accept: json,
      pathWith,
      list: async () => listInto(store, source, { pathWith, client: options.client }),
      onEvent: (event, object) => {
        // Items of a list do not say their kind: what is kept is of one form.
        const found = { ...object, ...type };
        if (event === "DELETED") store.gone(source, found);
        else store.seen(source, found);
      },
      onAbsent: () => {
        store.absent(source);
      },
      onRefused: () => {
        store.refused(source);
      },
    },
    options,
  );
}

/** A kind, or the one object of it that a selector such as `metadata.name=x` names. */
export type NameSource = { readonly resource: Resource; readonly fieldSelector?: string };

/**
 * Tells of every object of a kind that comes, changes or goes, by its name alone, and keeps none. `onLost` is called where some
 * may have been missed.
 */
export function startNameFeed(
  { resource, fieldSelector }: NameSource,
  listener: { readonly onName: (ref: Ref) => void; readonly onLost: () => void },
  options: FeedOptions,
): Feed {
  const { onName, onLost } = listener;
  const selector = fieldSelector === undefined ? {} : { fieldSelector };
  const pathWith: Reader["pathWith"] = query => pathOfList(resource, { ...selector, ...query });
  return startReading(
    {
      what: `names of ${resource.plural}`,
      accept: namesOnly,
      pathWith,
      list: async () => {
        const path = pathWith({ limit: "1" });
        const answer = await options.client.api({ method: "GET", path, accept: namesOnlyList });
        const listing = listingOf(demand(answer, `listing names of ${resource.plural}`));
        onLost();
        return listing.version;
      },
      onEvent: (_event, object) => {
        onName(refOf(object));
      },
      onAbsent: () => undefined,
      onRefused: () => undefined,
    },
    options,
  );
}

/** Reads for as long as it is not stopped. What fails is tried again with growing pauses, and reported once for each cause. */
function startReading(reader: Reader, { client, random, warn }: FeedOptions): Feed {
  const stopping = new AbortController();
  const { signal } = stopping;
  let wake: () => void = () => undefined;
  let failures = 0;
  let lastSaid = "";
  /** Everything up to this version has been handed on; undefined where all has to be listed. */
  let version: string | undefined;

  async function read(): Promise<void> {
    while (!signal.aborted) {
      const begun = performance.now();
      try {
        version ??= await reader.list();
        await watchFrom(version);
        if (performance.now() - begun < shortestWatchMs) throw new Error("the watch ended at once");
      } catch (fault) {
        if (isForgotten(fault)) version = undefined;
        await recover(fault);
      }
    }
  }

  /** Hands on what changes after a version until the watch ends. */
  async function watchFrom(from: string): Promise<void> {
    const query = {
      watch: "true",
      allowWatchBookmarks: "true",
      timeoutSeconds: String(watchSeconds),
      resourceVersion: from,
    };
    const answer = await client.watch({
      path: reader.pathWith(query),
      accept: reader.accept,
      signal,
      onEvent: event => {
        const { type, object } = isRecord(event) ? event : {};
        if (type === "ERROR") throw errorIn(object, reader.what);
        failures = 0;
        const found = type === "BOOKMARK" ? object : handOn(type, object);
        version = versionIn(found) ?? version;
      },
    });
    demand(answer, `watching ${reader.what}`);
  }

  function handOn(type: unknown, object: unknown): KubeObject {
    const found = objectOf(object, 0, `watching ${reader.what}`);
    reader.onEvent(type, found);
    return found;
  }

  async function recover(fault: unknown): Promise<void> {
    if (signal.aborted) return;
    failures += 1;
    if (isAbsent(fault)) reader.onAbsent();
    else if (isRefusal(fault)) reader.onRefused();
    say(fault);
    const full = Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1));
    await pause(full * (1 - random() / 2));
  }

  /** Nobody needs to hear of a kind that is not in the cluster, nor of a watch that begins anew. */
  function say(fault: unknown): void {
    if (isForgotten(fault)) return;
    const line = `watching ${reader.what}: ${fault instanceof Error ? fault.message : String(fault)}`;
    if (line !== lastSaid) warn(line);
    lastSaid = line;
  }

  async function pause(ms: number): Promise<void> {
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    wake = () => undefined;
  }

  void read();
  return {
    retry: () => {
      failures = 0;
      wake();
    },
    stop: () => {
      stopping.abort();
      wake();
    },
  };
}

function selectorsOf({ labelSelector, fieldSelector }: Source): Readonly<Record<string, string>> {
  return {
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
}

function pathOfList(resource: Resource, query: Readonly<Record<string, string>>): string {
  return `${collectionPath(resource)}?${new URLSearchParams(query).toString()}`;
}

/** Brings every object of the source, and gives the version of the list. */
async function listInto(
  store: Store,
  source: Source,
  { pathWith, client }: Pick<Reader, "pathWith"> & Pick<FeedOptions, "client">,
): Promise<string> {
  const what = `listing ${source.resource.plural}`;
  const keys = new Set<string>();
  let query: Readonly<Record<string, string>> = { limit: String(pageSize) };
  for (;;) {
    const page = demand(await client.api({ method: "GET", path: pathWith(query) }), what);
    for (const object of itemsOf(page, 0, what, source.resource)) {
      keys.add(keyOf(refOf(object)));
      store.seen(source, object);
    }
    const { version, next } = listingOf(page);
    if (next === "") {
      store.listed(source, version, keys);
      return version;
    }
    query = { ...query, continue: next };
  }
}

function listingOf(body: unknown): { readonly version: string; readonly next: string } {
  const metadata = isRecord(body) && isRecord(body.metadata) ? body.metadata : {};
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return { version: text(metadata.resourceVersion), next: text(metadata.continue) };
}

function versionIn(object: unknown): string | undefined {
  const { version } = listingOf(object);
  return version === "" ? undefined : version;
}

/** The body of a successful answer; anything else is thrown with its code. */
function demand(answer: { readonly code: number; readonly body: unknown }, what: string): unknown {
  if (answer.code >= 300) throw answerFault(what, answer.code, answer.body);
  return answer.body;
}

function answerFault(what: string, answered: number, body: unknown): Error {
  return Object.assign(faultOf(what, answered, body), { code: answered });
}

function errorIn(status: unknown, what: string): Error {
  const found = isRecord(status) ? status.code : undefined;
  return answerFault(
    `watching ${what}`,
    typeof found === "number" ? found : code.serverError,
    status,
  );
}

function codeOf(fault: unknown): number {
  const found: unknown = fault instanceof Error ? Reflect.get(fault, "code") : undefined;
  return typeof found === "number" ? found : 0;
}

/** The version to go on from is forgotten: https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses */
function isForgotten(fault: unknown): boolean {
  return codeOf(fault) === code.gone || isAbsent(fault);
}

function isAbsent(fault: unknown): boolean {
  return codeOf(fault) === code.notFound;
}

function isRefusal(fault: unknown): boolean {
  const found = codeOf(fault);
  const isOurs = found >= code.badRequest && found < code.serverError;
  return isOurs && found !== code.gone && found !== code.tooManyRequests;
}
