/** What the reconcile asks of the API server. `capabilities/kube.ts` keeps it with one client, tests with a fake. */
import type { Search } from "../operator/operator";
import type { Claim, ClaimStatus } from "../claim/claim";
import type { PostgresClass } from "../claim/class";
import type { KubeObject, Ref, Resource, Secret } from "../kubernetes/objects";
import type { ClaimEvent } from "./status";

/** The API server's no, as a value: the claim is told, and something else than trying again may be right. */
export type Refusal = {
  readonly code: number;
  readonly message: string;
  /** Plural of the kind that the refusal speaks of, such as `namespaces`. */
  readonly kind?: string | undefined;
  /** Such as `NamespaceTerminating`. */
  readonly causes: readonly string[];
};

export type Written = { readonly object: KubeObject } | { readonly refusal: Refusal };

/**
 * Refusals that say something about the claim (400, 403, 404, 409, 422) are values; any other fault is thrown with its cause,
 * for the queue to try again.
 */
export type Kube = {
  /** The newest state known of an object, asked for where there is doubt; undefined if it is not there. */
  readonly read: (resource: Resource, ref: Ref) => Promise<KubeObject | undefined>;
  /** The same, asked for in any case. */
  readonly readLive: (resource: Resource, ref: Ref) => Promise<KubeObject | undefined>;
  /** The same of an object that there has been word of; what there was no word of is not asked for. */
  readonly remembered: (resource: Resource, ref: Ref) => Promise<KubeObject | undefined>;
  /** Secrets that carry the claim's uid, wherever they are, as far as they are remembered. */
  readonly marked: (claim: Claim) => Promise<readonly KubeObject[]>;
  /** The same, asked for in any case. */
  readonly markedLive: (claim: Claim) => Promise<readonly KubeObject[]>;
  /** What the API server has of this, a bounded number of objects; nothing of it is remembered. */
  readonly search: (search: Search) => Promise<readonly KubeObject[]>;
  readonly classes: () => Promise<readonly PostgresClass[]>;
  /** Makes an object that must not exist yet: 409 if it does. */
  readonly create: (resource: Resource, object: KubeObject) => Promise<Written>;
  /** Server-side apply to `live` and no other object of its name; other managers' fields stay. */
  readonly apply: (resource: Resource, object: KubeObject, live: KubeObject) => Promise<Written>;
  /** Removes this very object; a later one of the same name stays. True once it is gone. */
  readonly remove: (resource: Resource, object: KubeObject) => Promise<boolean>;
  /** Removes this object if it is still as it was read, and what it made goes with it. False if it has changed since. */
  readonly removeUnchanged: (resource: Resource, object: KubeObject) => Promise<boolean>;
  readonly setStatus: (claim: Claim, status: ClaimStatus) => Promise<void>;
  readonly setFinalizers: (claim: Claim, finalizers: readonly string[]) => Promise<void>;
  /** Best effort: an event that cannot be written is only logged. */
  readonly tell: (claim: Claim, event: ClaimEvent) => Promise<void>;
  /** The Secret with digests in place of its values: enough to compare, of no use to a thief. Sealing twice is sealing once. */
  readonly seal: (secret: Secret) => Secret;
  /**
   * What a connection secret of the claim at this place bears if the module wrote it: a signature over both, with a key that
   * the module alone has.
   */
  readonly proofOf: (claim: Claim, place: Ref) => Promise<string>;
  /** What was last remembered of the claim by `settle`. */
  readonly settled: (claim: Ref) => string | undefined;
  /** Remembers that the claim's connection secret is right for this state of things, and forgets the values it was made of. */
  readonly settle: (claim: Ref, sources: readonly Ref[], mark: string) => void;
};
