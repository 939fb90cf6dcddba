// What the benchmark found, and how it is told.
import type { ProcessFigures } from "./process-figures";

/** In milliseconds. */
export type Percentiles = { readonly p50: number; readonly p95: number; readonly p99: number };

export type Results = {
  readonly claims: number;
  /** Whose CRD of Cluster the API server had. */
  readonly definitions: string;
  readonly rounds: readonly Round[];
};

export type Round = {
  readonly ceilingSeconds: number;
  readonly module: {
    readonly seconds: number;
    readonly toSecret: Percentiles;
    readonly toReady: Percentiles;
    /** The module's own, per claim, by verb and resource. */
    readonly requests: Readonly<Record<string, number>>;
    readonly watcher: {
      readonly atStart: ProcessFigures;
      readonly atN: ProcessFigures;
      readonly afterDeletion: ProcessFigures;
    };
  };
};

/** The nearest-rank percentiles of at least one value. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** The round whose share of the ceiling is the middle one; of two the lower. */
export function medianRound(rounds: readonly Round[]): Round {
  const sorted = [...rounds].sort((a, b) => shareOf(a) - shareOf(b));
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (!middle) throw new Error("the benchmark had no round");
  return middle;
}

function shareOf({ ceilingSeconds, module }: Round): number {
  return ceilingSeconds / module.seconds;
}

/** The results as a table for people: of the median round, beside the shares of all. */
export function table({ claims, definitions, rounds }: Results): string {
  const round = medianRound(rounds);
  const { seconds, toSecret, toReady, requests, watcher } = round.module;
  const rate = (time: number): string => (claims / time).toFixed(1);
  const { atStart, atN, afterDeletion } = watcher;
  const perClaim = (atN.heap - atStart.heap) / claims / 1000;
  const worked = (atN.workedMs - atStart.workedMs) / claims;
  const total = Object.values(requests).reduce((sum, count) => sum + count, 0);
  const figures = (name: string, { heap, resident, fileDescriptors }: ProcessFigures): string =>
    `watcher ${name}`.padEnd(34) +
    `heap ${(heap / 1e6).toFixed(1)} MB, resident ${(resident / 1e6).toFixed(1)} MB, ${fileDescriptors} file descriptors`;
  const line = (name: string, value: string): string => name.padEnd(34) + value;
  const times = ({ p50, p95, p99 }: Percentiles): string =>
    `p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms`;
  const shares = rounds.map(each => shareOf(each).toFixed(2)).join(", ");
  return [
    line("claims at once", `${claims} (CRD of Cluster: ${definitions})`),
    line("ceiling, a plain client", `${rate(round.ceilingSeconds)} claims/s`),
    line("module", `${rate(seconds)} claims/s`),
    line("share of the ceiling", `${shareOf(round).toFixed(2)}, the median of ${shares}`),
    line("create to connection secret", times(toSecret)),
    line("create to Ready", times(toReady)),
    line("requests of the module per claim", total.toFixed(2)),
    ...Object.entries(requests).map(([key, count]) => line(`  ${key}`, String(count))),
    line("memory per claim", `${perClaim.toFixed(1)} KB of the watcher's heap`),
    line("work per claim", `${worked.toFixed(1)} ms of the watcher's threads`),
    figures("at start", atStart),
    figures(`with ${claims} claims`, atN),
    figures("after deletion", afterDeletion),
  ].join("\n");
}
