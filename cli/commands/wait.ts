/** `wait`: until claims are ready, or gone. */
import { waitFor, type Waiting } from "../../sdk/cluster/waiting";
import { exitCodes, type Arguments, type Command, type ExitCode, type Terminal } from "../command";
import { claimNameDetail, namedClaim } from "./claim-names";
import { accessFor, clusterOptions } from "./cluster-options";
import { patienceOf, timeoutOption } from "./patience";

const goals = ["Ready", "delete"] as const satisfies readonly Waiting["goal"][];

export const waitCommand: Command = {
  name: "wait",
  summary: "Waits until claims are ready",
  usage: "NAME... [--for CONDITION] [--timeout DURATION]",
  details: [
    "Tells on standard error what each claim waits for when that changes. Ends with exit code 4 if the time is over",
    "before. A claim that is not there yet is waited for.",
    claimNameDetail,
  ],
  options: {
    ...clusterOptions,
    for: { value: "CONDITION", choices: goals, summary: "What to wait for; default: Ready" },
    ...timeoutOption,
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
  const { deadline, tell } = patienceOf(waitCommand, given, terminal);
  const access = await accessFor(given, terminal);
  const goal = given.value("for") === "delete" ? "delete" : "Ready";
  const refs = given.positionals.map(name => namedClaim(waitCommand, name, access.namespace));
  await Promise.all(
    refs.map(async ref => waitFor(access, ref, { goal, deadline, tell, atFailure: "wait" })),
  );
  return exitCodes.success;
}
