/**
 * The words of a run: what an aspect needs to be read, what it has done, and what it tells. Everything between reading and writing is
 * a function of a `Run`.
 */
import type { Search } from "../operator/operator";
import type { AnyClaim } from "../claim/claim";
import {
  isSameRef,
  keyOf,
  refOf,
  type KubeObject,
  type OwnerReference,
  type Ref,
  type Resource,
  type Secret,
} from "../kubernetes/objects";
import type { Brought } from "./connection/credentials";
import type { Refusal } from "./kube";
import type { Again } from "./pace";
import type { Plan } from "./plan";
import type { ClaimEvent, Verdict } from "./status";

/** Something to be read. Without what is `isExtra` the aspect can be judged all the same. */
export type Need = { readonly isExtra?: boolean } & (
  | {
      readonly what: "object";
      readonly resource: Resource;
      readonly ref: Ref;
      /** Whether the API server is asked whatever the store says. */
      readonly isLive?: boolean;
    }
  | { readonly what: "list"; readonly search: Search; readonly isLive?: boolean }
);

export function object(resource: Resource, ref: Ref): Need {
  return { what: "object", resource, ref };
}

export function live(resource: Resource, ref: Ref): Need {
  return { what: "object", resource, ref, isLive: true };
}

export function list(search: Search): Need {
  return { what: "list", search };
}

export function liveList(search: Search): Need {
  return { what: "list", search, isLive: true };
}

/** The need without which the claim is told what is known otherwise. */
export function extra(need: Need): Need {
  return { ...need, isExtra: true };
}

/** What has been read. */
export type Seen = {
  /** The object; undefined where it is not there, or was not asked for. */
  readonly object: (resource: Resource, ref: Ref) => KubeObject | undefined;
  /** The objects of a list; undefined where it was not asked for. */
  readonly list: (search: Search) => readonly KubeObject[] | undefined;
  /** Whether the need has been read. */
  readonly has: (need: Need) => boolean;
  /** Why it could not be read. */
  readonly fault: (need: Need) => Error | undefined;
};

/** Something to be written; `why` is its line in the log. */
export type Step = {
  /** Name of the aspect that wants it. */ readonly aspect: string;
  readonly why: string;
} & (
  | {
      readonly verb: "create";
      readonly resource: Resource;
      readonly object: KubeObject;
      /** Told where data is about to be replaced. */
      readonly event?: ClaimEvent;
    }
  | {
      readonly verb: "apply";
      readonly resource: Resource;
      readonly object: KubeObject;
      /** The object that is to become so, and no other of its name. */
      readonly found: KubeObject;
    }
  | {
      readonly verb: "remove";
      readonly resource: Resource;
      readonly object: KubeObject;
      /** Whether it is removed only as it was read: what has changed since may matter. */
      readonly isUnchanged?: boolean;
      /** Told where something goes that a user may miss. */
      readonly event?: ClaimEvent;
    }
  | {
      /** Decides whether garbage collection takes the object when its claim has gone. */
      readonly verb: "set owners";
      readonly resource: Resource;
      readonly object: KubeObject;
      readonly owners: readonly OwnerReference[];
    }
  | {
      readonly verb: "set finalizers";
      readonly finalizers: readonly string[];
      /** Told where the claim goes, and something of it stays. */
      readonly event?: ClaimEvent;
    }
);

export type Outcome =
  /** `object` is what the API server has now; undefined where it is gone. */
  | { readonly step: Step; readonly state: "done"; readonly object: KubeObject | undefined }
  /** The API server says no, and why. */
  | { readonly step: Step; readonly state: "refused"; readonly refusal: Refusal }
  /** What is there is not what was read: it has to be read again. */
  | { readonly step: Step; readonly state: "outdated" }
  /** Only trying again can help. */
  | { readonly step: Step; readonly state: "failed"; readonly fault: Error };

/** What an aspect says of the claim. */
export type Told = {
  readonly condition: string;
  /** Whether Ready waits for it. */
  readonly isVital: boolean;
  readonly verdict: Verdict;
  /** When to look again, where the aspect knows better than the pace of its reason. */
  readonly again?: Again;
};

/** One thing that a claim is told about. All of it is pure. */
export type Aspect<S extends Situation = Run> = {
  readonly name: string;
  readonly condition: string;
  readonly isVital: boolean;
  /** The condition of the aspect without which nothing can be said of this one. */
  readonly after?: string;
  /** What has to be read. It is asked again with what was found, until nothing is new. */
  readonly needs: (run: S) => readonly Need[];
  /** What has to be written. It is asked again after each write, with what is there then. */
  readonly steps: (run: S) => readonly Step[];
  /** Undefined where the claim is told nothing of it. */
  readonly tell: (run: S) => Told | undefined;
  /** What the claim is told where something of `needs` could not be read; what was said last where this is left out. */
  readonly doubt?: (fault: Error) => Verdict;
};

/** What is known of a claim, whatever is to become of it. */
export type Situation = {
  /** The claim as it is in the cluster. */
  readonly claim: AnyClaim;
  readonly seen: Seen;
  readonly done: readonly Outcome[];
  readonly now: Date;
  /** What a connection secret of the claim at this place bears if the module wrote it. */
  readonly proofOf: (place: Ref) => string;
};

/** The state of things for which a connection secret was last found right, so that its values need not be held. */
export type Mirrored = Readonly<Record<string, string>>;

/** A run for a claim that stays. */
export type Run = Situation & {
  readonly wasThere: (resource: Resource, ref: Ref) => boolean;
  /** A password that nobody can guess, and another one each time. */
  readonly newPassword: () => string;
  readonly plan: Plan;
  /** What was found of the credentials that the claim brings; undefined where the operator makes them. */
  readonly brought: Brought | undefined;
  /** The Secret with fingerprints in place of its values; of one that has them already it changes nothing. */
  readonly fingerprinted: (secret: Secret) => Secret;
  readonly mirrored: Mirrored | undefined;
};

/** The last outcome of the aspect for this object, if there was one in this run. */
export function outcomeFor({ done }: Situation, resource: Resource, ref: Ref): Outcome | undefined {
  return done.filter(({ step }) => isStepFor(step, resource, ref)).at(-1);
}

function isStepFor(step: Step, resource: Resource, ref: Ref): boolean {
  if (step.verb === "set finalizers") return false;
  return step.resource.plural === resource.plural && isSameRef(refOf(step.object), ref);
}

/** What a step does, in a few words. The same step twice in a run has the same words. */
export function wordsOf(step: Step): string {
  if (step.verb === "set finalizers") return `${step.verb} ${step.finalizers.join(", ")}`;
  return `${step.verb} ${step.resource.kind} ${keyOf(refOf(step.object))}`;
}

/** The steps that this run has not taken yet: what was refused once is not asked for again. */
export function untried({ done }: Situation, steps: readonly Step[]): readonly Step[] {
  const tried = new Set(
    done.filter(outcome => !isWorthRepeating(outcome)).map(({ step }) => wordsOf(step)),
  );
  return steps.filter(step => !tried.has(wordsOf(step)));
}

/** What was read anew may be written after all; what has changed since it was to be removed is left alone. */
function isWorthRepeating({ state, step }: Outcome): boolean {
  return state === "outdated" && step.verb !== "remove";
}
