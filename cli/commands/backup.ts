/** `backup`: makes one now. */
import { makeBackup } from "../../sdk/cluster/backups";
import { exitCodes, type Arguments, type Command, type ExitCode, type Terminal } from "../command";
import { claimNameDetail, namedClaim } from "./claim-names";
import { accessFor, clusterOptions } from "./cluster-options";
import { patienceOf, timeoutOption } from "./patience";

export const backupCommand: Command = {
  name: "backup",
  summary: "Makes a backup of a claim's database now",
  usage: "NAME [-n NAMESPACE] [--timeout DURATION]",
  details: [
    "Prints the backup's name when it is done. The right to create Jobs is needed.",
    claimNameDetail,
  ],
  options: { ...clusterOptions, ...timeoutOption },
  positionals: { least: 1, most: 1 },
  words: [],
  examples: [{ what: "Before an upgrade", line: "zero-touch-postgres backup orders-db -n shop" }],
  run: backup,
};

async function backup(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const patience = patienceOf(backupCommand, given, terminal);
  const access = await accessFor(given, terminal);
  const [name = ""] = given.positionals;
  const { status } = await makeBackup(
    access,
    namedClaim(backupCommand, name, access.namespace),
    patience,
  );
  terminal.out(`${status?.backup?.lastSuccess?.name ?? ""}\n`);
  return exitCodes.success;
}
