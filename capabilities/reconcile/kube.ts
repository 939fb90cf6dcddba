/** What the reconcile asks of the cluster. `cluster/kube.ts` keeps it with one client and one store. */
import type { AnyClaim, ClaimStatus } from "../claim/claim";
import type { PostgresClass } from "../claim/class";
import type { DatabaseClaim } from "../claim/database";
import type { ClaimRef } from "../claim/labels";
import type { KubeObject, Ref, Resource, Secret } from "../kubernetes/objects";
import type { Mirrored, Need, Step } from "./run";
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

/** What came of a write. `outdated`: what is there is not what was read. `object` is undefined where it is gone. */
export type Written =
  | { readonly state: "done"; readonly object: KubeObject | undefined }
  | { readonly state: "refused"; readonly refusal: Refusal }
  | { readonly state: "outdated" };

/** What is found of a need: an object that may not be there, or a list. */
export type Found = KubeObject | readonly KubeObject[] | undefined;

/**
 * Refusals that say something about the claim (400, 403, 404, 409, 422) are values; any other fault is thrown with its cause,
 * for the queue to try again.
 */
export type Kube = {
  /** The claim as it is now; undefined if it is gone. */
  readonly claim: (ref: ClaimRef) => Promise<AnyClaim | undefined>;
  readonly classes: () => Promise<readonly PostgresClass[]>;
  /** The known claims for databases in the instance. */
  readonly tenantsOf: (instance: Ref) => readonly DatabaseClaim[];
  /** Of at least 128 bits, of letters and digits alone; another one each time. */
  readonly newPassword: () => string;
  /** Whether an object of this name has gone a moment ago: what belonged to it may still be there. */
  readonly wasThere: (resource: Resource, ref: Ref) => boolean;
  /** From the store where it can tell; asked of the API server where it cannot, or where the need is live. */
  readonly read: (need: Need) => Promise<Found>;
  readonly write: (claim: AnyClaim, step: Step) => Promise<Written>;
  readonly setStatus: (claim: AnyClaim, status: ClaimStatus) => Promise<void>;
  /** Best effort, and off the way: an event that cannot be written is only logged. */
  readonly tell: (claim: AnyClaim, event: ClaimEvent) => void;
  /** Tells the request that made the claim, if one did. Rejects where only trying again can help. */
  readonly tellHealth: (claim: AnyClaim, status: ClaimStatus) => Promise<void>;
  /** What a connection secret of the claim at this place bears if the module wrote it: signed with a key that it alone has. */
  readonly proofOf: (claim: KubeObject, place: Ref) => string;
  /** The Secret with fingerprints in place of its values: enough to compare, of no use to a thief. Doing it twice is doing it once. */
  readonly fingerprinted: (secret: Secret) => Secret;
  /** The state of things for which the claim's connection secret was last found right. */
  readonly mirrored: (claim: AnyClaim) => Mirrored | undefined;
  /** Remembers that, and forgets the values of these Secrets. */
  readonly keepMirrored: (
    claim: AnyClaim,
    mirrored: Mirrored | undefined,
    sources: readonly Ref[],
  ) => void;
  /** A line in the log, for what is destructive. */
  readonly log: (claim: AnyClaim, line: string) => void;
};
