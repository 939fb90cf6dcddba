/**
 * What is there, as far as lists and watches tell: for each source the newest state of every object, and whether the source has been
 * listed. A source that has been listed answers for itself: an object that it does not have is not there.
 */
import { keyOf, refOf, type KubeObject, type Ref, type Resource } from "../kubernetes/objects";
import { withoutValues } from "../kubernetes/projection";
import { isSame } from "../kubernetes/sameness";
import { createEchoes, type Echoes } from "./echoes";
import { createSharing } from "./sharing";
import { isOf, type Source } from "./source";
import { createWordIndex, type WordIndex } from "./word-index";

/** `listing` until the first list has come; `refused` where the API server does not let the module list, so that it has to ask. */
export type ListingState = "listing" | "listed" | "refused";

/** An object has come, has changed or has gone. */
export type Change = {
  readonly source: Source;
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
};

/** What came of a write. */
export type Answer = { readonly state: string; readonly object?: KubeObject | undefined };

/** What is written of which object: its status, or all but that. */
export type WrittenPart = {
  readonly resource: Resource;
  readonly ref: Ref;
  readonly part: "status" | "definition";
};

export type Store = {
  /** The feed has brought a state of an object. */
  readonly seen: (source: Source, object: KubeObject) => void;
  /** The feed says that the object has gone. */
  readonly gone: (source: Source, object: KubeObject) => void;
  /** The feed has listed the source as it was at this version: what it did not bring is not there. */
  readonly listed: (source: Source, version: string, keys: ReadonlySet<string>) => void;
  /** The kind is not in the cluster. */
  readonly absent: (source: Source) => void;
  /** The API server refuses to list the source. */
  readonly refused: (source: Source) => void;
  /**
   * The module writes an object: `send` does so and gives the answer, with the object where the API server took the write. The feed
   * may not have brought it yet, and what it brings of it is no news, unless others have changed more than the part that is written.
   */
  readonly write: <T extends Answer>(written: WrittenPart, send: () => Promise<T>) => Promise<T>;
  /** Forgets the values of a Secret, which are not needed any more. */
  readonly forgetValues: (resource: Resource, ref: Ref) => void;
  readonly find: (resource: Resource, ref: Ref) => KubeObject | undefined;
  readonly all: (resource: Resource) => readonly KubeObject[];
  /** The objects that the source's `index` has under this word. */
  readonly indexed: (resource: Resource, word: string) => readonly KubeObject[];
  /** Whether an object of this name has gone a moment ago (`rememberedMs`), so that what belonged to it may still be there. */
  readonly wasThere: (resource: Resource, ref: Ref) => boolean;
  /** Whether all sources of the kind have been listed, so that `find` says for certain what is there of them. */
  readonly isListed: (resource: Resource) => boolean;
  /** Whether none of these sources, or of all, is being listed for the first time any more. */
  readonly isComplete: (sources?: readonly Source[]) => boolean;
};

type Shelf = {
  readonly source: Source;
  readonly objects: Map<string, KubeObject>;
  readonly index: WordIndex;
  readonly echoes: Echoes<Change>;
  state: ListingState;
  /** Everything up to this version has been brought. */
  version: bigint;
};

export type StoreListener = {
  /** Is told of every change that is news: of all that was not the module's own doing. */
  readonly onChange: (change: Change) => void;
  /** Is told once of every source that is not being listed for the first time any more. */
  readonly onListed: (source: Source) => void;
  /** Ms that only grow; without it nothing that has gone is remembered. */
  readonly clock?: () => number;
};

/** For so long what has gone is remembered, in ms: a pod has 30 s to end by default, and CNPG gives it longer. */
const rememberedMs = 180_000;
/** Of more that have gone the first are forgotten. */
const mostRemembered = 10_000;

export function createStore(
  sources: readonly Source[],
  { onChange, onListed, clock }: StoreListener,
): Store {
  const shelves = new Map<Source, Shelf>(
    sources.map(source => [
      source,
      {
        source,
        objects: new Map(),
        index: createWordIndex(),
        echoes: createEchoes(onChange),
        state: "listing",
        version: 0n,
      },
    ]),
  );
  const share = createSharing();
  /** When what was there has gone. */
  const lately = new Map<string, number>();
  const byKind = new Map<string, Shelf[]>();
  for (const shelf of shelves.values()) {
    const kind = kindOf(shelf.source.resource);
    byKind.set(kind, [...(byKind.get(kind) ?? []), shelf]);
  }

  function shelfOf(source: Source): Shelf {
    const shelf = shelves.get(source);
    if (!shelf) throw new Error(`${source.resource.plural} are not of this store`);
    return shelf;
  }

  function shelvesOf(resource: Resource): readonly Shelf[] {
    return byKind.get(kindOf(resource)) ?? [];
  }

  /** What has been written, wherever it belongs and its feed has not gone past it: it may have changed, or gone, since. */
  function note({ resource, part }: WrittenPart, written: KubeObject): void {
    for (const shelf of shelvesOf(resource)) {
      const isNews = isOf(shelf.source, written) && versionOf(written) > shelf.version;
      const change = isNews ? put(shelf, written) : undefined;
      if (change && !isOfPart(change, part)) onChange(change);
    }
  }

  /** Gives what has changed; undefined where this state, or a newer one, is there already. */
  function put(shelf: Shelf, object: KubeObject): Change | undefined {
    const key = keyOf(refOf(object));
    const before = shelf.objects.get(key);
    if (before && versionOf(before) >= versionOf(object)) return undefined;
    const { source, index } = shelf;
    const after = share(source.keep(object));
    take(shelf, key, before);
    shelf.objects.set(key, after);
    for (const word of source.index?.(after) ?? []) index.add(word, key);
    return { source, before, after };
  }

  function drop(shelf: Shelf, key: string): void {
    const before = shelf.objects.get(key);
    if (!before) return;
    take(shelf, key, before);
    shelf.objects.delete(key);
    remember(wordOf(shelf.source.resource, key));
    onChange({ source: shelf.source, before, after: undefined });
  }

  function remember(word: string): void {
    if (!clock) return;
    // The newest is the last.
    lately.delete(word);
    lately.set(word, clock());
    const [oldest] = lately.keys();
    if (lately.size > mostRemembered && oldest !== undefined) lately.delete(oldest);
  }

  function wasThere(resource: Resource, ref: Ref): boolean {
    const at = lately.get(wordOf(resource, keyOf(ref)));
    return clock !== undefined && at !== undefined && clock() - at < rememberedMs;
  }

  function take({ source, index }: Shelf, key: string, before: KubeObject | undefined): void {
    for (const word of before ? (source.index?.(before) ?? []) : []) index.remove(word, key);
  }

  function settle(shelf: Shelf, state: ListingState): void {
    const wasListing = shelf.state === "listing";
    shelf.state = state;
    if (wasListing) onListed(shelf.source);
  }

  function isComplete(some: readonly Source[] = sources): boolean {
    return some.every(source => shelfOf(source).state !== "listing");
  }

  return {
    seen: (source, object) => {
      const shelf = shelfOf(source);
      const key = keyOf(refOf(object));
      const known = shelf.objects.get(key);
      const version = versionOf(object);
      const isKnown = known !== undefined && versionOf(known) === version;
      // A write of the module may have brought a newer state than one that is news.
      const change = put(shelf, object) ?? { source, before: known, after: known };
      if (version > shelf.version) shelf.version = version;
      shelf.echoes.bring(key, String(version), isKnown ? undefined : change);
    },
    gone: (source, object) => {
      const shelf = shelfOf(source);
      const key = keyOf(refOf(object));
      const found = shelf.objects.get(key);
      // A write may have brought the next object of this name already.
      if (found && versionOf(found) <= versionOf(object)) drop(shelf, key);
      shelf.version = versionOf(object);
    },
    listed: (source, version, keys) => {
      const shelf = shelfOf(source);
      const at = BigInt(version);
      for (const [key, object] of [...shelf.objects]) {
        // What a write has made since is not in the list.
        if (!keys.has(key) && versionOf(object) <= at) drop(shelf, key);
      }
      shelf.version = at;
      settle(shelf, "listed");
    },
    absent: source => {
      const shelf = shelfOf(source);
      for (const key of [...shelf.objects.keys()]) drop(shelf, key);
      settle(shelf, "listed");
    },
    refused: source => {
      const shelf = shelfOf(source);
      if (shelf.state === "listing") settle(shelf, "refused");
    },
    write: async (written, send) => {
      const { resource, ref, part } = written;
      const ends = shelvesOf(resource).map(({ echoes }) => echoes.begin(keyOf(ref)));
      let version: string | undefined;
      try {
        const answer = await send();
        if (answer.object) {
          note(written, answer.object);
          version = String(versionOf(answer.object));
        }
        return answer;
      } finally {
        for (const end of ends) end(version, change => isOfPart(change, part));
      }
    },
    forgetValues: (resource, ref) => {
      const key = keyOf(ref);
      for (const { objects } of shelvesOf(resource)) {
        const found = objects.get(key);
        if (found) objects.set(key, withoutValues(found));
      }
    },
    find: (resource, ref) => {
      const key = keyOf(ref);
      for (const { objects } of shelvesOf(resource)) {
        const found = objects.get(key);
        if (found) return found;
      }
      return undefined;
    },
    all: resource => shelvesOf(resource).flatMap(({ objects }) => [...objects.values()]),
    indexed: (resource, word) =>
      shelvesOf(resource).flatMap(({ index, objects }) =>
        index.keysOf(word).flatMap(key => objects.get(key) ?? []),
      ),
    isListed: resource => {
      const found = shelvesOf(resource);
      return found.length > 0 && found.every(({ state }) => state === "listed");
    },
    isComplete,
    wasThere,
  };
}

function wordOf(resource: Resource, key: string): string {
  return `${kindOf(resource)} ${key}`;
}

function kindOf({ group, plural }: Resource): string {
  return `${plural}.${group}`;
}

/**
 * Resource versions are numbers that grow, and may be compared within a kind:
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
function versionOf({ metadata }: KubeObject): bigint {
  return BigInt(metadata.resourceVersion ?? "0");
}

/** Whether nothing but this part of an object has changed, or it has just been made. */
function isOfPart({ before, after }: Change, part: WrittenPart["part"]): boolean {
  return !before || isSame(without(before, part), without(after, part));
}

/** The object without this part, and without what every write changes. */
function without(object: KubeObject | undefined, part: WrittenPart["part"]): unknown {
  if (!object) return undefined;
  const { metadata, ...rest } = object;
  const status: unknown = Reflect.get(rest, "status");
  const { deletionTimestamp } = metadata;
  if (part === "definition") return { status, deletionTimestamp };
  const bookkeeping = { resourceVersion: undefined, managedFields: undefined };
  return { ...rest, status: undefined, metadata: { ...metadata, ...bookkeeping } };
}
