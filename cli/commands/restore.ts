/** `restore`: puts a backup back. It says what will happen, and does it only when that is confirmed. */
import type { AnyClaim } from "../../capabilities/claim/claim";
import { databaseAndOwner } from "../../capabilities/claim/database";
import { keyOf, refOf } from "../../capabilities/kubernetes/objects";
import { putBack } from "../../sdk/cluster/backups";
import { existingClaim } from "../../sdk/cluster/claims";
import { usageFailure } from "../arguments";
import { exitCodes, type Arguments, type Command, type ExitCode, type Terminal } from "../command";
import { claimNameDetail, namedClaim } from "./claim-names";
import { accessFor, clusterOptions } from "./cluster-options";
import { patienceOf, timeoutOption } from "./patience";

export const restoreCommand: Command = {
  name: "restore",
  summary: "Puts a claim's database back as it was in a backup",
  usage: "NAME --from BACKUP [-n NAMESPACE] [--yes] [--timeout DURATION]",
  details: [
    "Without --yes it says what would happen, and does nothing. It sets spec.restore: where Git has the claim,",
    "write it there.",
    claimNameDetail,
  ],
  options: {
    ...clusterOptions,
    ...timeoutOption,
    from: { value: "BACKUP", summary: "Its name, as `backups` lists it, or latest" },
    yes: { summary: "Does it" },
  },
  positionals: { least: 1, most: 1 },
  words: [],
  examples: [
    {
      what: "What would happen",
      line: "zero-touch-postgres restore orders-db -n shop --from 20261130T023000Z",
    },
    {
      what: "Do it",
      line: "zero-touch-postgres restore orders-db -n shop --from 20261130T023000Z --yes",
    },
  ],
  run: restore,
};

async function restore(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const from = given.value("from");
  if (from === undefined) throw usageFailure(restoreCommand, "--from BACKUP is missing");
  const patience = patienceOf(restoreCommand, given, terminal);
  const access = await accessFor(given, terminal);
  const [name = ""] = given.positionals;
  const ref = namedClaim(restoreCommand, name, access.namespace);
  const claim = await existingClaim(access, ref);
  if (!given.has("yes")) {
    terminal.out(intention(claim, from));
    return exitCodes.success;
  }
  const { status } = await putBack(access, ref, from, patience);
  const { restored = from, safety = "" } = status?.restore ?? {};
  terminal.out(`put back ${restored}; what was there before is in backup ${safety}\n`);
  return exitCodes.success;
}

function intention(claim: AnyClaim, from: string): string {
  const { database, owner } = databaseAndOwner(claim);
  return [
    `claim ${keyOf(refOf(claim))}: everything that role ${owner} owns in database ${database} would become as it was in backup ${from}.`,
    "What is there now would be backed up first. Those who are connected wait, or are cut off from what they hold, while it runs.",
    "Nothing has been done: repeat the command with --yes.",
    "",
  ].join("\n");
}
