/** `status`: everything that a claim says of itself. */
import { keyOf } from "../../capabilities/kubernetes/objects";
import { existingClaim, secretOf, waitsFor } from "../../sdk/cluster/claims";
import type { AnyClaim } from "../../capabilities/claim/claim";
import { columns } from "../table";
import { exitCodes, type Arguments, type Command, type ExitCode, type Terminal } from "../command";
import { claimNameDetail, namedClaim } from "./claim-names";
import { accessFor, clusterOptions } from "./cluster-options";

export const statusCommand: Command = {
  name: "status",
  summary: "Tells how a claim is, and what it waits for",
  usage: "NAME [-n NAMESPACE]",
  details: [claimNameDetail],
  options: clusterOptions,
  positionals: { least: 1, most: 1 },
  words: [],
  examples: [{ what: "One claim", line: "zero-touch-postgres status orders-db -n shop" }],
  run: status,
};

async function status(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const access = await accessFor(given, terminal);
  const [name = ""] = given.positionals;
  const ref = namedClaim(statusCommand, name, access.namespace);
  const claim = await existingClaim(access, ref);
  const secret = secretOf(claim);
  const { phase = "Pending", endpoint = "", conditions = [] } = claim.status ?? {};
  terminal.out(
    columns([
      ["Claim", keyOf(ref)],
      ["Phase", phase],
      ["Waits for", waitsFor(claim) || "nothing"],
      ["Endpoint", endpoint],
      ["Secret", secret ? keyOf(secret) : ""],
    ]),
  );
  if (conditions.length > 0) terminal.out(`\n${columns(conditionRows(claim))}`);
  return exitCodes.success;
}

function conditionRows({ status: { conditions = [] } = {} }: AnyClaim): readonly string[][] {
  const rows = conditions.map(({ type, status: state, reason, lastTransitionTime, message }) => [
    ...[type, state, reason, lastTransitionTime, message],
  ]);
  return [["CONDITION", "STATUS", "REASON", "SINCE", "MESSAGE"], ...rows];
}
