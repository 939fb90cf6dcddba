/** `backups`: what there is of a claim's backups. */
import type { AnyClaim } from "../../capabilities/claim/claim";
import { existingClaim } from "../../sdk/cluster/claims";
import { exitCodes, type Arguments, type Command, type ExitCode, type Terminal } from "../command";
import { columns } from "../table";
import { claimNameDetail, namedClaim } from "./claim-names";
import { accessFor, clusterOptions } from "./cluster-options";

export const backupsCommand: Command = {
  name: "backups",
  summary: "Lists the backups of a claim's database",
  usage: "NAME [-n NAMESPACE] [-o FORMAT]",
  details: [
    "As they were after the last backup. Names are the times at which they were begun, in UTC.",
    claimNameDetail,
  ],
  options: {
    ...clusterOptions,
    output: { short: "o", value: "FORMAT", choices: ["text", "json"], summary: "text by default" },
  },
  positionals: { least: 1, most: 1 },
  words: [],
  examples: [
    { what: "What can be put back", line: "zero-touch-postgres backups orders-db -n shop" },
  ],
  run: backups,
};

async function backups(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const access = await accessFor(given, terminal);
  const [name = ""] = given.positionals;
  const ref = namedClaim(backupsCommand, name, access.namespace);
  const claim = await existingClaim(access, ref);
  const found = claim.status?.backup ?? {};
  const isJson = given.value("output") === "json";
  terminal.out(isJson ? `${JSON.stringify(found, undefined, 2)}\n` : textOf(claim));
  return exitCodes.success;
}

function textOf({ status }: AnyClaim): string {
  const { backup } = status ?? {};
  if (!backup) return "no backups: the claim's class offers none\n";
  const { place = "", schedule = "none are made", next = "-", lastSuccess, lastFailure } = backup;
  return columns([
    ["Place", place],
    ["Schedule", schedule],
    ["Next", next],
    ["Last", lastSuccess ? `${lastSuccess.time} ${lastSuccess.name ?? ""}` : "none yet"],
    ...(lastFailure ? [["Failed", `${lastFailure.time} ${lastFailure.message}`]] : []),
    ...(backup.available ?? []).map((name, index) => [index === 0 ? "Available" : "", name]),
  ]);
}
