/** The claims that a command line names. */
import type { ClaimRef } from "../../capabilities/claim/labels";
import { claimNamed } from "../../sdk/cluster/claims";
import { usageFailure } from "../arguments";
import type { Command } from "../command";

/** For the usage of commands that take any claim. */
export const claimNameDetail =
  "A PostgresDatabase is pgdb/NAME, as with kubectl; NAME alone is a PostgresInstance.";

/** The claim of a name such as `orders-db` or `pgdb/orders`. Throws where it is none. */
export function namedClaim(command: Command, text: string, namespace: string): ClaimRef {
  const found = claimNamed(text, namespace);
  if (found) return found;
  const must = "write NAME or pgi/NAME for a PostgresInstance, pgdb/NAME for a PostgresDatabase";
  throw usageFailure(command, `${JSON.stringify(text)} names no claim: ${must}`);
}
