/** `wait`: until claims are ready, or gone. */
import { usageFailure } from "../arguments";
import { waitFor, type Waiting } from "../../sdk/cluster/waiting";
import { exitCodes, type Arguments, type Command, type ExitCode, type Terminal } from "../command";
import { accessFor, clusterOptions } from "./cluster-options";

const goals = ["Ready", "delete"] as const satisfies readonly Waiting["goal"][];
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
  const goal = given.value("for") === "delete" ? "delete" : "Ready";
  const refs = given.positionals.map(name => ({ name, namespace: access.namespace }));
  const deadline = performance.now() + patience;
  const tell = (line: string): void => {
    terminal.error(`${line}\n`);
  };
  await Promise.all(
    refs.map(async ref => waitFor(access, ref, { goal, deadline, tell, atFailure: "wait" })),
  );
  return exitCodes.success;
}

function milliseconds(duration: string): number {
  const [, count, unit = "s"] = /^([0-9]+)([smh]?)$/.exec(duration) ?? [];
  if (count === undefined) {
    const problem = `--timeout is ${JSON.stringify(duration)}, but must be a number with s, m or h`;
    throw usageFailure(waitCommand, problem);
  }
  return Number(count) * (units[unit] ?? 1) * 1000;
}
