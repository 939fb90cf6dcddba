/** How long a command waits, and where it says what it waits for. */
import type { Patience } from "../../sdk/cluster/waiting";
import { usageFailure } from "../arguments";
import type { Arguments, Command, Option, Terminal } from "../command";

export const timeoutOption: Readonly<Record<"timeout", Option>> = {
  timeout: { value: "DURATION", summary: "Such as 90s, 5m or 1h (default: 10m)" },
};

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** From now on. Throws where --timeout is no duration. */
export function patienceOf(command: Command, given: Arguments, terminal: Terminal): Patience {
  const duration = given.value("timeout") ?? "10m";
  const [, count, unit = "s"] = /^([0-9]+)([smh]?)$/.exec(duration) ?? [];
  if (count === undefined) {
    const problem = `--timeout is ${JSON.stringify(duration)}, but must be a number with s, m or h`;
    throw usageFailure(command, problem);
  }
  return {
    deadline: performance.now() + Number(count) * (seconds[unit] ?? 1) * 1000,
    tell: line => {
      terminal.error(`${line}\n`);
    },
  };
}
