/** Waits until a claim is ready, or gone. */
import { setTimeout as pause } from "node:timers/promises";
import type { AnyClaim } from "../../capabilities/claim/claim";
import type { ClaimRef } from "../../capabilities/claim/labels";
import { keyOf } from "../../capabilities/kubernetes/objects";
import { FailedError, TimeoutError } from "../errors";
import { messageOf } from "../fault";
import type { Access } from "./access";
import { claimAt, isReady, isStalled, toldBy, waitsFor } from "./claims";

export type Patience = {
  /** By `performance.now()`, in ms. */
  readonly deadline: number;
  /** Told what the claim waits for, when that changes. */
  readonly tell: (line: string) => void;
};

export type Waiting = Patience & {
  readonly goal: "Ready" | "delete";
  /** Whether a claim that says that somebody has to act is waited for all the same. */
  readonly atFailure: "wait" | "throw";
};

/** In ms, between two looks: they grow, since what takes long is not soon over. */
const pauses = { first: 250, growth: 1.5, longest: 5000 };
/** In ms: what an API server needs for an answer, though the time is over. */
export const shortestLook = 1000;

/** What a look at a claim has shown. */
export type Sight = {
  /** What the claim does, in words that follow its name. */
  readonly said: string;
  readonly state: "done" | "open" | "failed";
};

/** The claim once it is ready; undefined once it is gone. Throws TimeoutError, FailedError, and what the API server says. */
export async function waitFor(
  access: Access,
  ref: ClaimRef,
  { goal, atFailure, ...patience }: Waiting,
): Promise<AnyClaim | undefined> {
  return waitUntil(access, ref, patience, claim => {
    if (isReached(goal, claim)) return { said: doneMessages[goal], state: "done" };
    const isFailed = claim !== undefined && atFailure === "throw" && isStalled(claim);
    return { said: openMessage(claim, goal), state: isFailed ? "failed" : "open" };
  });
}

/** Looks at the claim again and again until what is seen is done. Throws TimeoutError, FailedError, and what the API server says. */
export async function waitUntil(
  access: Access,
  ref: ClaimRef,
  { deadline, tell }: Patience,
  lookAt: (claim: AnyClaim | undefined) => Sight,
): Promise<AnyClaim | undefined> {
  let told = "";
  for (let between = pauses.first; ; between = Math.min(between * pauses.growth, pauses.longest)) {
    const claim = await claimInTime(access, ref, deadline);
    const { said, state } = lookAt(claim);
    if (said !== told) tell(`${keyOf(ref)} ${said}`);
    told = said;
    if (state === "done") return claim;
    if (state === "failed") {
      throw new FailedError(`${keyOf(ref)} ${said}`, claim && toldBy(claim));
    }
    const left = deadline - performance.now();
    if (left <= 0) throw timeIsOver(ref, `it ${said}`, claim);
    await rest(Math.min(between, left), access);
  }
}

/** In ms. Throws the signal's own reason, as requests do. */
async function rest(time: number, { signal }: Access): Promise<void> {
  await pause(time, undefined, signal && { signal }).catch((fault: unknown) => {
    signal?.throwIfAborted();
    throw fault;
  });
}

const doneMessages = { Ready: "is ready", delete: "is gone" } as const;

function isReached(goal: Waiting["goal"], claim: AnyClaim | undefined): boolean {
  return goal === "delete" ? !claim : claim !== undefined && isReady(claim);
}

/** One look, which itself ends in time. */
async function claimInTime(
  access: Access,
  ref: ClaimRef,
  deadline: number,
): Promise<AnyClaim | undefined> {
  const patience = Math.max(deadline - performance.now(), shortestLook);
  try {
    return await claimAt({ ...access, patience }, ref);
  } catch (fault) {
    access.signal?.throwIfAborted();
    if (performance.now() < deadline) throw fault;
    throw timeIsOver(ref, messageOf(fault), undefined);
  }
}

function timeIsOver(ref: ClaimRef, state: string, claim: AnyClaim | undefined): TimeoutError {
  return new TimeoutError(`${keyOf(ref)}: the time is over; ${state}`, claim && toldBy(claim));
}

function openMessage(claim: AnyClaim | undefined, goal: Waiting["goal"]): string {
  if (!claim) return "is not there yet";
  return goal === "delete" && claim.metadata.deletionTimestamp === undefined
    ? "is there, and nobody has deleted it"
    : `waits for ${waitsFor(claim)}`;
}
