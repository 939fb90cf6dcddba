/** `outputs`: how to connect. Passwords are neither read nor printed: applications take them from the Secret. */
import {
  databaseName,
  databaseOwner,
  isOwnerBrought,
  type Claim,
} from "../../capabilities/claim/claim";
import { claimAt, notThere, secretOf, waitsFor } from "../cluster/claims";
import { columns } from "../cluster/table";
import {
  CommandFailure,
  exitCodes,
  type Arguments,
  type Command,
  type ExitCode,
  type Terminal,
} from "../command";
import { accessFor, clusterOptions } from "./cluster-options";

export const outputsCommand: Command = {
  name: "outputs",
  summary: "Tells how to connect to a claim's database",
  usage: "NAME [-n NAMESPACE] [-o FORMAT]",
  details: ["Never the password: -o env is a container's env that takes it from the Secret."],
  options: {
    ...clusterOptions,
    output: {
      short: "o",
      value: "FORMAT",
      choices: ["text", "json", "env"],
      summary: "text by default",
    },
  },
  positionals: { least: 1, most: 1 },
  words: [],
  examples: [
    { what: "Where the database is", line: "zero-touch-postgres outputs orders-db -n shop" },
    {
      what: "For the container of a Deployment",
      line: "zero-touch-postgres outputs orders-db -n shop -o env",
    },
  ],
  run: outputs,
};

async function outputs(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const access = await accessFor(given, terminal);
  const [name = ""] = given.positionals;
  const ref = { name, namespace: access.namespace };
  const claim = await claimAt(access, ref);
  if (!claim) throw notThere(ref);
  const found = connectionOf(claim);
  const format = given.value("output") ?? "text";
  if (format === "json") terminal.out(`${JSON.stringify(found, undefined, 2)}\n`);
  else if (format === "env") {
    const { manifestOf } = await import("../manifest");
    terminal.out(manifestOf({ env: environment(claim, found) }));
  } else terminal.out(columns(rowsOf(found)));
  return exitCodes.success;
}

type Connection = {
  readonly endpoint: string;
  readonly port: number;
  readonly database: string;
  /** Missing where only the Secret knows it, which is not read. */
  readonly username?: string;
  readonly secret: string;
  readonly secretNamespace: string;
};

function connectionOf(claim: Claim): Connection {
  const endpoint = claim.status?.endpoint;
  const secret = secretOf(claim);
  if (endpoint === undefined || !secret) {
    const message = `claim ${claim.metadata.name} has nothing to connect to yet; it waits for ${waitsFor(claim)}`;
    throw new CommandFailure(exitCodes.refused, message);
  }
  return {
    endpoint,
    port: 5432,
    database: databaseName(claim),
    ...(isOwnerBrought(claim) ? {} : { username: databaseOwner(claim) }),
    secret: secret.name,
    secretNamespace: secret.namespace,
  };
}

function rowsOf(found: Connection): readonly string[][] {
  const told = { ...found, username: found.username ?? "in the Secret" };
  return Object.entries(told).map(([key, value]) => [key, String(value)]);
}

/** https://www.postgresql.org/docs/current/libpq-envars.html */
function environment(claim: Claim, found: Connection): readonly unknown[] {
  const fromSecret = (key: string): unknown => ({
    valueFrom: { secretKeyRef: { name: found.secret, key } },
  });
  const variables = {
    ...placeOf(claim, found, fromSecret),
    PGUSER: fromSecret("username"),
    PGPASSWORD: fromSecret("password"),
  };
  return Object.entries(variables).map(([name, from]) => ({ name, ...(from as object) }));
}

/** Where the database is, by the keys of our Secret or the operator's; one that was brought has credentials alone. */
function placeOf(
  { status }: Claim,
  { endpoint, port, database }: Connection,
  fromSecret: (key: string) => unknown,
): Readonly<Record<"PGHOST" | "PGPORT" | "PGDATABASE", unknown>> {
  const isOurs = status?.connectionSecretRef !== undefined;
  if (!isOurs && !status?.binding) {
    return {
      PGHOST: { value: endpoint },
      PGPORT: { value: String(port) },
      PGDATABASE: { value: database },
    };
  }
  return {
    PGHOST: fromSecret(isOurs ? "endpoint" : "host"),
    PGPORT: fromSecret("port"),
    PGDATABASE: fromSecret(isOurs ? "database" : "dbname"),
  };
}
