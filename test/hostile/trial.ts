/** Round after round of hostile requests, several side by side, and what they do to the process that answers them. */
import * as fc from "fast-check";
import { processFigures } from "../../local/bench/process-figures";
import type { Pod } from "../../local/module";
import { hostileRequest, type HostileRequest } from "./requests";
import { faultsOf } from "./verdict";
import type { Webhook } from "./webhook";

export type Trial = {
  readonly requests: number;
  /** Answers by sort of request and code. */
  readonly answers: Readonly<Record<string, number>>;
  /** In ms, in growing order. */
  readonly times: readonly number[];
  /** In use after garbage collection, in bytes, after each round. */
  readonly heaps: readonly number[];
};

export type TrialOptions = {
  readonly requests: number;
  readonly seed: number;
  /** Where the pod notes its memory: see `heapEnvironment`. */
  readonly folder: string;
  readonly onRound: (sent: number, heap: number) => void;
};

/** At most; between 1 and so many are under way at once. */
const sideBySide = 16;
const callsOfRound = 60;

const calls = fc.array(hostileRequest, { minLength: 1, maxLength: sideBySide, size: "max" });

/** Throws with the seed and the smallest requests that do it when one is not answered as it should be. */
export async function runTrial(webhook: Webhook, pod: Pod, options: TrialOptions): Promise<Trial> {
  const answers: Record<string, number> = {};
  const times: number[] = [];
  const heaps: number[] = [];

  async function send(request: HostileRequest): Promise<void> {
    const answer = await webhook.send(request).catch((fault: unknown) => {
      throw new Error(`${String(fault)}\n${shown(request)}`, { cause: fault });
    });
    const faults = faultsOf(request, answer);
    if (faults.length > 0) throw new Error(`${faults.join("; ")}\n${shown(request)}`);
    const key = `${request.sort} ${answer.code}${verdictIn(answer.text)}`;
    answers[key] = (answers[key] ?? 0) + 1;
    times.push(answer.milliseconds);
  }

  const property = fc.asyncProperty(calls, async requests => {
    await Promise.all(requests.map(send));
  });
  for (let round = 0; times.length < options.requests; round += 1) {
    const seed = options.seed + round;
    const run = await fc.check(property, { seed, numRuns: callsOfRound });
    if (run.failed) throw new Error(`seed ${seed}: ${causeOf(run)}`);
    const { heap } = await processFigures(pod.pid ?? 0, options.folder);
    heaps.push(heap);
    options.onRound(times.length, heap);
  }
  return { requests: times.length, answers, times: times.sort((a, b) => a - b), heaps };
}

/** What the smallest requests that fail are answered; they are too long to be printed as values. */
function causeOf({ errorInstance }: { readonly errorInstance: unknown }): string {
  return errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
}

function verdictIn(text: string): string {
  if (text.includes('"allowed":true')) return " allowed";
  return text.includes('"allowed":false') ? " refused" : "";
}

/** Enough to see what it was; the seed brings all of it. */
function shown({ method, endpoint, contentType, body }: HostileRequest): string {
  const most = 2000;
  return `${method} /${endpoint} ${contentType ?? ""}\n${body.toString("utf8").slice(0, most)}`;
}
