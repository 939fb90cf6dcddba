/**
 * One run for a claim: gather what its aspects need, plan what is to be written, act, and tell. Running it twice writes nothing the
 * second time. Everything between gathering and acting is pure; a deletion is the same run with other aspects.
 */
import type { AnyClaim } from "../claim/claim";
import type { ClaimRef } from "../claim/labels";
import { finalizer } from "../claim/names";
import { refOf, type Ref } from "../kubernetes/objects";
import { withAdmittedRoles } from "./access/admitted";
import { act } from "./act";
import { isKept, mirroredBy } from "./aspects/connection";
import { databaseOf } from "./aspects/database";
import { leavingAspects } from "./aspects/deletion";
import { broughtBy, sourceRefsOf } from "./connection/credentials";
import { errorOf } from "./fault";
import { gather, noReadings, noteOutcome } from "./gather";
import { kindOf } from "./kinds";
import type { Kube } from "./kube";
import { nextLook, once, type Again } from "./pace";
import { withOwner, type Plan } from "./plan";
import { report } from "./report";
import type { Aspect, Need, Outcome, Run, Seen, Situation, Step } from "./run";
import { failedVerdict } from "./status";
import { doubtOf, factsOf, heldFacts, patienceMs, toldBy } from "./tell";

/** What one write makes possible is done in the same run; so often, since what is still open then is not the run's to settle. */
const mostRounds = 4;

/**
 * Everything that one run does for a claim. Gives when to look again without an event, if at all. Throws what only trying again can mend, after telling the claim.
 */
export async function reconcile(ref: ClaimRef, kube: Kube, now: Date): Promise<Again | undefined> {
  const claim = await kube.claim(ref);
  if (!claim) return undefined;
  if (claim.metadata.deletionTimestamp !== undefined) return release(claim, kube, now);
  const { plan, aspects } = kindOf(claim);
  const planned = await plan(claim, kube).catch(async (fault: unknown) =>
    tellOf(fault, claim, { kube, now }),
  );
  if ("database" in planned) return settle(claim, planned, kube, now);
  const facts = heldFacts(claim, planned, aspects.slice(2));
  await report(claim, facts, kube, now);
  return nextLook({ claim, now }, facts.told);
}

/** Tells a claim why nothing of it could be looked at, and throws that. One that is Ready stays so. */
async function tellOf(
  fault: unknown,
  claim: AnyClaim,
  { kube, now }: { readonly kube: Kube; readonly now: Date },
): Promise<never> {
  const facts = heldFacts(claim, failedVerdict(errorOf(fault)), kindOf(claim).aspects.slice(2));
  if (claim.status?.phase !== "Ready") await report(claim, facts, kube, now);
  throw fault;
}

/** Makes what is there what the claim asks for, and tells the claim. */
async function settle(
  claim: AnyClaim,
  planned: Plan,
  kube: Kube,
  now: Date,
): Promise<Again | undefined> {
  const { aspects } = kindOf(claim);
  const run = await carryOut(
    { claim, aspects, runOf: state => runOf(state, planned, kube, now) },
    kube,
  );
  if (!run) return undefined;
  const told = toldBy(run, aspects);
  const fault = faultIn(run, aspects);
  const patience = fault ? 0 : patienceMs(run, told);
  if (patience > 0) return once(patience);
  await report(run.claim, factsOf(run, told), kube, now);
  if (!fault && isKept(run)) kube.keepMirrored(run.claim, mirroredBy(run), sourcesRead(run));
  if (fault) throw fault;
  return nextLook(run, told);
}

function sourcesRead(run: Run): readonly Ref[] {
  return sourceRefsOf(run, databaseOf(run));
}

/** The plan is for the owner whom the credentials that the claim brings are for. */
function runOf(state: State, planned: Plan, kube: Kube, now: Date): Run {
  const mirrored = kube.mirrored(state.claim);
  const brought = broughtBy({ ...state, plan: planned, mirrored });
  const owned = brought?.owner === undefined ? planned : withOwner(planned, brought.owner);
  return {
    ...situationOf(state, kube, now),
    plan: withAdmittedRoles(owned, state.seen),
    brought,
    mirrored,
    newPassword: kube.newPassword,
    wasThere: kube.wasThere,
    fingerprinted: kube.fingerprinted,
  };
}

function situationOf(state: State, kube: Kube, now: Date): Situation {
  return { ...state, now, proofOf: place => kube.proofOf(state.claim, place) };
}

/** Lets a deleted claim go, once nothing of it is left that garbage collection would not take. */
async function release(claim: AnyClaim, kube: Kube, now: Date): Promise<Again | undefined> {
  const { finalizers = [] } = claim.metadata;
  if (!finalizers.includes(finalizer)) return undefined;
  const aspects = leavingAspects(await kindOf(claim).remains(claim, kube));
  const run = await carryOut(
    { claim, aspects, runOf: state => situationOf(state, kube, now) },
    kube,
  );
  if (!run) return undefined;
  const told = toldBy(run, aspects);
  const fault = faultIn(run, aspects);
  if (told.length > 0) {
    await report(run.claim, { told, written: run.claim.status?.connectionSecretRef }, kube, now);
  }
  if (fault) throw fault;
  return told.length > 0 ? nextLook(run, told) : undefined;
}

/** What a run has come to. */
type State = Pick<Situation, "claim" | "seen" | "done">;

type Work<S extends Situation> = {
  readonly claim: AnyClaim;
  readonly aspects: readonly Aspect<S>[];
  readonly runOf: (state: State) => S;
};

/** Gathers and acts until nothing is left to be written. Undefined if the claim has gone meanwhile. */
async function carryOut<S extends Situation>(work: Work<S>, kube: Kube): Promise<S | undefined> {
  const { aspects, runOf: at } = work;
  const readings = noReadings();
  let state: State = { claim: work.claim, seen: await look(), done: [] };
  for (let round = 0; round < mostRounds; round++) {
    const run = at(state);
    const sound = aspects.filter(aspect => doubtOf(run, aspect, aspects) === undefined);
    const steps = sound.flatMap(aspect => aspect.steps(run));
    if (steps.length === 0) return run;
    const outcomes = await act(state.claim, firstOf(steps), kube);
    if (outcomes.some(isOfGoneClaim)) return undefined;
    for (const outcome of outcomes) noteOutcome(readings, outcome);
    const done = [...state.done, ...outcomes];
    state = { claim: await freshened(state.claim, kube), seen: await look(done), done };
  }
  return at(state);

  async function look(done: readonly Outcome[] = []): Promise<Seen> {
    const needsOf = (seen: Seen): readonly Need[] => {
      const run = at({ claim: work.claim, seen, done });
      return aspects.flatMap(aspect => aspect.needs(run));
    };
    return gather(readings, needsOf, kube);
  }
}

/** A claim is held before anything is made for it: it may have gone unnoticed. */
function firstOf(steps: readonly Step[]): readonly Step[] {
  const holding = steps.filter(({ verb }) => verb === "set finalizers");
  // Several aspects may want it.
  return holding.length > 0 ? holding.slice(0, 1) : steps;
}

function isOfGoneClaim({ step, state }: Outcome): boolean {
  return step.verb === "set finalizers" && state === "refused";
}

/** The claim after a write. What it asks for stays as it was for this run: a change of that is an event of its own. */
async function freshened(claim: AnyClaim, kube: Kube): Promise<AnyClaim> {
  const { kind, metadata } = claim;
  const fresh = await kube.claim({ kind, ...refOf(claim) });
  const { uid, generation } = fresh?.metadata ?? {};
  return fresh && uid === metadata.uid && generation === metadata.generation ? fresh : claim;
}

/** What only trying again can mend. */
function faultIn<S extends Situation>(run: S, aspects: readonly Aspect<S>[]): Error | undefined {
  const failed = run.done.find(({ state }) => state === "failed");
  if (failed?.state === "failed") return failed.fault;
  const needs = aspects.flatMap(aspect => aspect.needs(run));
  return needs.map(run.seen.fault).find(fault => fault !== undefined);
}
