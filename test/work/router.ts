/** The changes of a fake server, as the module routes them to claims and classes. */
import { watchedWords } from "../../capabilities/claim/words";
import { concernedBy } from "../../capabilities/work/claims-of";
import { isOf } from "../../capabilities/work/source";
import { ownSources, watchedSources } from "../../capabilities/work/sources";
import { createStore, type Store } from "../../capabilities/work/store";
import { resourceOf, type FakeServer } from "../fake-server";
import { fingerprinted } from "../fingerprint";

export type Routed = {
  readonly store: Store;
  /** Keys of the claims that the changes since the last call concern, each once. */
  readonly claims: () => readonly string[];
  /** Names of the classes that all changes have concerned. */
  readonly classes: () => readonly string[];
};

export function createRouter(server: FakeServer): Routed {
  const claimsOf = new Map(watchedSources(fingerprinted, () => true));
  const sources = [...ownSources(watchedWords), ...claimsOf.keys()];
  const claims = new Set<string>();
  const classes = new Set<string>();
  const store: Store = createStore(sources, {
    onChange: change => {
      const found = concernedBy(change, store, claimsOf);
      for (const key of found.claims) claims.add(key);
      for (const name of found.classes) classes.add(name);
    },
    onListed: () => undefined,
  });
  for (const source of sources) store.listed(source, "0", new Set());
  let at = 0;

  return {
    store,
    claims: () => {
      claims.clear();
      for (const { isDeleted, object } of server.changes.slice(at)) {
        for (const source of sources.filter(({ resource }) => resource === resourceOf(object))) {
          const copy = structuredClone(object);
          if (isDeleted || !isOf(source, object)) store.gone(source, copy);
          else store.seen(source, copy);
        }
      }
      at = server.changes.length;
      return [...claims].sort();
    },
    classes: () => [...classes],
  };
}
