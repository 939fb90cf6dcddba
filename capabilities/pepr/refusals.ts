/**
 * How the webhook says no: while mutating already, and with all faults in one message. Pepr 1.1.4: a mutation cannot refuse. Goes when it
 * can.
 */
import type { Violation } from "../claim/violation";

/** What Pepr sends back to the API server; `status` is missing in its type for mutations, but taken. */
export type Answer = {
  readonly uid: string;
  allowed: boolean;
  status?: { code: number; message: string };
};

export type Refusals = {
  /** Notes that the request of this uid is to be refused. */
  readonly keep: (uid: string, message: string) => void;
  /** Pepr's hook on answers: puts the refusal into that of its request. */
  readonly refuse: (answer: Answer) => void;
};

/** Unprocessable: the API server's own code for what breaks a rule. */
export const refusedCode = 422;

/** Pepr 1.1.4 has no way to refuse from a mutation; its hook on answers, by the request's uid, is one. */
export function createRefusals(): Refusals {
  const refusals = new Map<string, string>();
  return {
    keep: (uid, message) => {
      refusals.set(uid, message);
    },
    refuse: answer => {
      const message = refusals.get(answer.uid);
      if (message === undefined) return;
      refusals.delete(answer.uid);
      Object.assign(answer, { allowed: false, status: { code: refusedCode, message } });
    },
  };
}

/** More faults in one answer than anyone mends at once; a hostile request has as many as it has bytes. */
const mostFaults = 50;

/** One line for a single fault, a list for several. */
export function refusalOf(title: string, violations: readonly Violation[]): string {
  const told = violations.slice(0, mostFaults).map(({ field, problem }) => `${field} ${problem}`);
  const untold = violations.length - told.length;
  const lines = untold === 0 ? told : [...told, `and ${untold} more`];
  return lines.length === 1
    ? `${title} is refused: ${lines.join("")}`
    : `${title} is refused:${lines.map(line => `\n  - ${line}`).join("")}`;
}

/** What is answered when it cannot be found out whether to refuse (fail closed). */
export function undecided(title: string, fault: unknown): string {
  const why = fault instanceof Error ? fault.message : String(fault);
  return `${title} cannot be judged now: ${why}; try again`;
}
