/**
 * A claim on its way out: its connection secrets are removed, then it is let go, and the database goes with its owner. Secrets are
 * looked for where the status says that one was written and where the claim wants one, since the module may have died in between, and
 * wherever else one bears the claim's mark.
 */
import { connectionRef } from "../../claim/claim";
import { finalizer } from "../../claim/names";
import { keyOf, refOf, secretResource, type Ref, type Secret } from "../../kubernetes/objects";
import { markedBy, owns } from "../connection/ownership";
import {
  live,
  liveList,
  untried,
  type Aspect,
  type Need,
  type Outcome,
  type Situation,
  type Step,
} from "../run";
import type { ClaimEvent, Verdict } from "../status";

const aspect = "deletion";

/** What the claim is told of its deletion is told in both of the conditions that every claim has. */
export const leavingAspects: readonly Aspect<Situation>[] = [
  leaving("DatabaseReady", { needs: () => [], steps: () => [] }),
  leaving("ConnectionSecretReady", { needs: needsOf, steps: stepsOf }),
];

function leaving(
  condition: string,
  work: Pick<Aspect<Situation>, "needs" | "steps">,
): Aspect<Situation> {
  return {
    ...work,
    name: aspect,
    condition,
    isVital: true,
    tell: run => {
      const verdict = verdictOf(run);
      return verdict && { condition, isVital: true, verdict };
    },
    doubt: fault => stays(`the connection secrets could not be looked for: ${fault.message}`),
  };
}

function needsOf(run: Situation): readonly Need[] {
  const { generation } = run.claim.metadata;
  const marked = generation === 1 ? [] : [liveList(markedBy(run.claim))];
  return [...marked, ...placesOf(run).map(place => live(secretResource, place))];
}

function placesOf(run: Situation): readonly Ref[] {
  const { claim, seen } = run;
  const recorded = claim.status?.connectionSecretRef;
  const wanted = connectionRef(claim);
  const marked = (seen.list(markedBy(claim)) ?? []).filter(secret => owns(run, secret)).map(refOf);
  const known = [recorded && { name: recorded.name, namespace: recorded.namespace }, wanted];
  const places = [...known.filter(place => place !== undefined), ...marked];
  return [...new Map(places.map(place => [keyOf(place), place])).values()];
}

/** The connection secrets of the claim that are still there. */
function leftOf(run: Situation): readonly Secret[] {
  return placesOf(run)
    .map(place => run.seen.object(secretResource, place) as Secret | undefined)
    .filter(secret => secret !== undefined)
    .filter(secret => owns(run, secret));
}

function stepsOf(run: Situation): readonly Step[] {
  const left = leftOf(run);
  const removals = left
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(removalOf);
  if (left.length > 0) return untried(run, removals);
  const finalizers = (run.claim.metadata.finalizers ?? []).filter(name => name !== finalizer);
  const why = "lets the claim go: its connection secret is gone";
  return untried(run, [{ aspect, verb: "set finalizers", finalizers, why, ...staying(run) }]);
}

/** What outlives the claim is told: nobody would look for it. */
function staying({ claim }: Situation): { readonly event?: ClaimEvent } {
  const { place, lastSuccess } = claim.status?.backup ?? {};
  if (place === undefined || lastSuccess === undefined) return {};
  const message = `the claim's backups stay: ${place}; a new claim of this name finds them, and nobody else removes them`;
  return { event: { type: "Normal", reason: "BackupsKept", message } };
}

function removalOf(secret: Secret): Step {
  const why = `removes Secret ${keyOf(refOf(secret))}: its claim is being deleted`;
  return { aspect, verb: "remove", resource: secretResource, object: secret, why };
}

function verdictOf(run: Situation): Verdict | undefined {
  const failed = run.done.find(({ state }) => state === "failed" || state === "refused");
  if (failed) return failureVerdict(failed.step, faultOf(failed));
  const [left] = leftOf(run);
  if (!left) return undefined;
  return stays(
    `Secret ${keyOf(refOf(left))} could not be removed yet: it has finalizers of its own, which must be removed first`,
  );
}

function faultOf(outcome: Outcome): string {
  if (outcome.state === "failed") return outcome.fault.message;
  return outcome.state === "refused" ? outcome.refusal.message : "";
}

function failureVerdict(step: Step, why: string): Verdict {
  if (step.verb === "set finalizers") {
    return {
      reason: "Deleting",
      message: `the connection secret is gone, but the claim could not be let go: ${why}`,
    };
  }
  return stays(`Secret ${keyOf(refOf(step.object))} could not be removed yet: ${why}`);
}

function stays(why: string): Verdict {
  return { reason: "Deleting", message: `${why}; the claim stays until it is` };
}
