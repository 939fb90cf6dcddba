/** `wait`: until claims are ready, or gone. */
import { setTimeout as pause } from "node:timers/promises";
import type { Claim } from "../../capabilities/claim/claim";
import { type Ref, keyOf } from "../../capabilities/kubernetes/objects";
import { usageFailure } from "../arguments";
import { claimAt, isReady, waitsFor } from "../cluster/claims";
import type { Access } from "../cluster/kubeconfig";
import {
  CommandFailure,
  exitCodes,
  type Arguments,
  type Command,
  type ExitCode,
  type Terminal,
} from "../command";
import { messageOf } from "../fault";
import { accessFor, clusterOptions } from "./cluster-options";

const goals = ["Ready", "delete"] as const;
type Goal = (typeof goals)[number];

/** In ms: often enough for a person, seldom enough for an API server. */
const betweenLooks = 1000;
/** In ms: what an API server needs for an answer, though the time is over. */
const shortestLook = 1000;
const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

export const waitCommand: Command = {
  name: "wait",
  summary: "Waits until claims are ready",
  usage: "NAME... [--for CONDITION] [--timeout DURATION]",
  details: [
    "Tells on standard error what each claim waits for when that changes. Ends with exit code 4 if the time is over",
    "before. A claim that is not there yet is waited for.",
  ],
  options: {
    ...clusterOptions,
    for: { value: "CONDITION", choices: goals, summary: "What to wait for; default: Ready" },
    timeout: { value: "DURATION", summary: "Such as 90s, 5m or 1h (default: 10m)" },
  },
  positionals: { least: 1, most: Infinity },
  words: [],
  examples: [
    {
      what: "Before an application is rolled out",
      line: "zero-touch-postgres wait orders-db -n shop",
    },
    { what: "Until all is gone", line: "zero-touch-postgres wait orders-db -n shop --for delete" },
  ],
  run: wait,
};

async function wait(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const patience = milliseconds(given.value("timeout") ?? "10m");
  const access = await accessFor(given, terminal);
  const goal: Goal = given.value("for") === "delete" ? "delete" : "Ready";
  const refs = given.positionals.map(name => ({ name, namespace: access.namespace }));
  const deadline = performance.now() + patience;
  const tell = (line: string): void => {
    terminal.error(`${line}\n`);
  };
  await Promise.all(refs.map(async ref => waitFor(access, ref, { goal, deadline, tell })));
  return exitCodes.success;
}

type Waiting = {
  readonly goal: Goal;
  readonly deadline: number;
  readonly tell: (line: string) => void;
};

async function waitFor(access: Access, ref: Ref, { goal, deadline, tell }: Waiting): Promise<void> {
  let told = "";
  for (;;) {
    const claim = await claimInTime(access, ref, deadline);
    const isDone = goal === "delete" ? !claim : claim !== undefined && isReady(claim);
    const said = isDone ? (goal === "delete" ? "is gone" : "is ready") : openMessage(claim, goal);
    if (said !== told) tell(`${keyOf(ref)} ${said}`);
    told = said;
    if (isDone) return;
    const left = deadline - performance.now();
    if (left <= 0) throw timeIsOver(ref, `it ${said}`);
    await pause(Math.min(betweenLooks, left));
  }
}

/** One look, which itself ends in time. */
async function claimInTime(access: Access, ref: Ref, deadline: number): Promise<Claim | undefined> {
  const patience = Math.max(deadline - performance.now(), shortestLook);
  try {
    return await claimAt({ ...access, patience }, ref);
  } catch (fault) {
    if (performance.now() < deadline) throw fault;
    throw timeIsOver(ref, messageOf(fault));
  }
}

function timeIsOver(ref: Ref, state: string): CommandFailure {
  return new CommandFailure(exitCodes.timeout, `${keyOf(ref)}: the time is over; ${state}`);
}

function openMessage(claim: Claim | undefined, goal: Goal): string {
  if (!claim) return "is not there yet";
  return goal === "delete" && claim.metadata.deletionTimestamp === undefined
    ? "is there, and nobody has deleted it"
    : `waits for ${waitsFor(claim)}`;
}

function milliseconds(duration: string): number {
  const [, count, unit = "s"] = /^([0-9]+)([smh]?)$/.exec(duration) ?? [];
  if (count === undefined) {
    const problem = `--timeout is ${JSON.stringify(duration)}, but must be a number with s, m or h`;
    throw usageFailure(waitCommand, problem);
  }
  return Number(count) * (units[unit] ?? 1) * 1000;
}
