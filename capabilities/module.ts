/** Puts the client, the feeds, the store, the queues and the reconcile together. Importing it does nothing. */
import { randomBytes } from "node:crypto";
import { rivalWords } from "./admission/instance/conflicts";
import { isInstanceClaim, type AnyClaim } from "./claim/claim";
import { watchedWords } from "./claim/words";
import { claimRefOf } from "./claim/labels";
import { claimResources, classResource } from "./claim/names";
import { createClassKube } from "./cluster/class-status";
import type { Client } from "./cluster/client";
import { createEventSender } from "./cluster/events";
import { startFeed, startNameFeed, type Feed, type FeedOptions } from "./cluster/feed";
import { createFingerprint } from "./cluster/fingerprint";
import { createKube } from "./cluster/kube";
import { createHealthTelling } from "./cluster/request-health";
import { withRecovery } from "./cluster/recovery";
import { readSigner } from "./cluster/signing-key";
import {
  namespaceResource,
  refOf,
  secretResource,
  type KubeObject,
  type Ref,
  type Resource,
} from "./kubernetes/objects";
import { createClassTelling } from "./reconcile/class-status";
import type { Kube } from "./reconcile/kube";
import { reconcile } from "./reconcile/reconcile";
import { createAdmissionWorld, type AdmissionWorld } from "./webhook/world";
import { createAllowance } from "./work/allowance";
import {
  allClaims,
  claimsAwaiting,
  claimsWriting,
  concernedBy,
  isKnown,
  keyOfClaim,
  waitingClaims,
  type Concerned,
} from "./work/claims-of";
import { createQueue, type Queue, type QueueOptions } from "./work/queue";
import type { Source } from "./work/source";
import { ownSources, watchedSources } from "./work/sources";
import { createStore, type Change, type Store } from "./work/store";

/** Claims that are worked on side by side: enough to keep the API server busy, few enough to leave it to others. */
const concurrency = 16;

/** By what a claim is found from others that it may get in the way of. */
function admissionWords(claim: AnyClaim): readonly string[] {
  return isInstanceClaim(claim) ? rivalWords(claim) : watchedWords(claim);
}

/** In bytes: 192 bits, which nobody guesses. In base64url it needs no escaping, wherever it is written. */
const passwordLength = 24;

function newPassword(): string {
  return randomBytes(passwordLength).toString("base64url");
}

const definitionResource = {
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
};

/** Where the module says what it does: `claim` is the key of the claim that a line is about. */
export type Logger = { readonly warn: (line: string, claim?: string) => void };

export type Watcher = {
  readonly start: () => void;
  /** Pepr has brought an object: a feed that has not may be waiting to try again. */
  readonly heard: (resource: Resource, object: KubeObject) => void;
};

/** What makes databases of claims. */
export function createWatcher(client: Client, logger: Logger): Watcher {
  const feeds: { readonly resource: Resource; readonly feed: Feed }[] = [];
  const api = withRecovery(client.api, () => {
    for (const { feed: one } of feeds) one.retry();
    for (const queue of [claimQueue, classQueue]) queue.retry();
  });
  const options = feedOptions({ ...client, api }, logger);
  const fingerprinted = createFingerprint();
  const claimsOf = new Map(
    watchedSources(fingerprinted, refs => refs.some(ref => isKnown(store, ref))),
  );
  const own = ownSources(watchedWords);
  const others = [...claimsOf.keys()];
  const store: Store = createStore([...own, ...others], {
    ...{ onChange, onListed },
    clock: () => performance.now(),
  });
  let proofOf: Kube["proofOf"] | undefined;
  const kube = createKube({
    api,
    store,
    events: createEventSender(api, logger.warn),
    tellHealth: createHealthTelling(api, () => performance.now()),
    fingerprinted,
    newPassword,
    proofOf: (claim, place) => {
      if (!proofOf) throw new Error("the signing key has not been read yet");
      return proofOf(claim, place);
    },
    clock: () => performance.now(),
    log: (claim, line) => {
      logger.warn(line, claim);
    },
  });
  const claimQueue = queueOf(logger, concurrency, async key =>
    reconcile(claimRefOf(key), kube, new Date()),
  );
  const tellClass = createClassTelling(createClassKube(api, store), () => performance.now());
  const classQueue = queueOf(logger, 1, tellClass);

  function start(): void {
    feed(own);
    feedNames(secretResource, ref => claimsAwaiting(ref, store));
    feedNames(namespaceResource, ref => claimsWriting(ref, store));
    feedNames(definitionResource, ({ name }) => noteDefinition(name));
  }

  function feed(sources: readonly Source[]): void {
    for (const source of sources) {
      feeds.push({ resource: source.resource, feed: startFeed(source, store, options) });
    }
  }

  /** Tells of names in which claims may be interested that wait for what is not in the store. */
  function feedNames(resource: Resource, claimsFor: (ref: Ref) => readonly string[]): void {
    const listener = {
      onName: (ref: Ref) => {
        add({ claims: claimsFor(ref) });
      },
      onLost: () => {
        add({ claims: waitingClaims(store) });
      },
    };
    feeds.push({ resource, feed: startNameFeed({ resource }, listener, options) });
  }

  /** Claims come first: of Secrets only those of known claims keep their values. */
  function onListed(source: Source): void {
    if (own.includes(source) && store.isComplete(own)) feed(others);
    if (store.isComplete()) begin();
  }

  /** Everything has been listed: what is not in the store is not there. */
  function begin(): void {
    void readSigner(api, logger.warn).then(signer => {
      proofOf = signer;
      const classes = store.all(classResource).map(({ metadata }) => metadata.name);
      add({ claims: allClaims(store).map(keyOfClaim), classes });
    });
  }

  function onChange(change: Change): void {
    const { before, after, source } = change;
    const isClaim = claimResources.includes(source.resource);
    if (isClaim && before && !after) kube.keepMirrored(before as AnyClaim, undefined, []);
    add(concernedBy(change, store, claimsOf));
  }

  /** Until everything has been listed nothing is done: a claim could seem to lack what has not been listed yet. */
  function add({ claims = [], classes = [] }: Partial<Concerned>): void {
    if (!proofOf) return;
    for (const key of claims) claimQueue.add(key);
    for (const name of classes) classQueue.add(name);
  }

  /** A kind has come, or is served now: neither its feed nor a claim that wants one of it need wait any longer. */
  function noteDefinition(name: string): readonly string[] {
    const found = feeds.filter(({ resource: { plural, group } }) => `${plural}.${group}` === name);
    for (const { feed: one } of found) one.retry();
    return found.length > 0 ? waitingClaims(store) : [];
  }

  return {
    start,
    heard: (resource, object) => {
      const known = store.find(resource, refOf(object))?.metadata.resourceVersion;
      if (known === object.metadata.resourceVersion) return;
      for (const { resource: fed, feed: one } of feeds) if (fed === resource) one.retry();
    },
  };
}

/** What admission judges by; given once every class and claim has been listed. */
export async function startAdmission(client: Client, logger: Logger): Promise<AdmissionWorld> {
  const sources = ownSources(admissionWords);
  return new Promise(resolve => {
    const store: Store = createStore(sources, {
      onChange: () => undefined,
      onListed: () => {
        if (store.isComplete()) resolve(createAdmissionWorld(client.api, store));
      },
    });
    for (const source of sources) startFeed(source, store, feedOptions(client, logger));
  });
}

function feedOptions(client: Client, { warn }: Logger): FeedOptions {
  return { client, random: Math.random, warn };
}

/** A queue whose failures are logged under what its keys are of. */
function queueOf(logger: Logger, atOnce: number, run: QueueOptions["run"]): Queue {
  return createQueue({
    concurrency: atOnce,
    random: Math.random,
    allowance: createAllowance(() => performance.now()),
    startTimer: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return () => {
        clearTimeout(timer);
      };
    },
    run,
    onFailure: (key, fault, delay) => {
      const seconds = Math.round(delay / 1000);
      logger.warn(`${causes(fault)}; tried again in ${seconds} s`, key);
    },
  });
}

/** The messages of a fault and all that caused it, and nothing else of them. */
export function causes(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  const { message, cause } = fault;
  return cause === undefined ? message : `${message}: ${causes(cause)}`;
}
