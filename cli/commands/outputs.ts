/** `outputs`: how to connect. Passwords are neither read nor printed unless that is asked for: applications take them from the Secret. */
import { isInstanceClaim, isOwnerBrought, type AnyClaim } from "../../capabilities/claim/claim";
import { databaseAndOwner } from "../../capabilities/claim/database";
import { given as present } from "../../capabilities/kubernetes/given";
import { keyOf, refOf } from "../../capabilities/kubernetes/objects";
import { existingClaim } from "../../sdk/cluster/claims";
import type { Access } from "../../sdk/cluster/access";
import { connectionTo, placeOf } from "../../sdk/connection";
import { columns } from "../table";
import { exitCodes, type Arguments, type Command, type ExitCode, type Terminal } from "../command";
import { claimNameDetail, namedClaim } from "./claim-names";
import { accessFor, clusterOptions } from "./cluster-options";

export const outputsCommand: Command = {
  name: "outputs",
  summary: "Tells how to connect to a claim's database",
  usage: "NAME [-n NAMESPACE] [-o FORMAT] [--show-secrets]",
  details: [
    "Without --show-secrets never the password: -o env is a container's env that takes it from the Secret.",
    claimNameDetail,
  ],
  options: {
    ...clusterOptions,
    output: {
      short: "o",
      value: "FORMAT",
      choices: ["text", "json", "yaml", "env"],
      summary: "text by default",
    },
    "show-secrets": { summary: "Reads the Secret, and prints the password and a URI with it" },
  },
  positionals: { least: 1, most: 1 },
  words: [],
  examples: [
    { what: "Where the database is", line: "zero-touch-postgres outputs orders-db -n shop" },
    {
      what: "For the container of a Deployment",
      line: "zero-touch-postgres outputs orders-db -n shop -o env",
    },
    {
      what: "Everything, for a pipeline that has to hand it on",
      line: "zero-touch-postgres outputs orders-db -n shop -o json --show-secrets",
    },
  ],
  run: outputs,
};

async function outputs(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const access = await accessFor(given, terminal);
  const [name = ""] = given.positionals;
  const ref = namedClaim(outputsCommand, name, access.namespace);
  const claim = await existingClaim(access, ref);
  const known = connectionOf(claim);
  const shown = given.has("show-secrets") ? await secretsOf(access, claim, known, terminal) : {};
  terminal.out(await printed(claim, { ...known, ...shown }, given.value("output") ?? "text"));
  return exitCodes.success;
}

async function printed(claim: AnyClaim, found: Connection, format: string): Promise<string> {
  if (format === "json") return `${JSON.stringify(found, undefined, 2)}\n`;
  if (format === "text") return columns(rowsOf(found));
  const { manifestOf } = await import("../manifest");
  return manifestOf(format === "yaml" ? found : { env: environment(claim, found) });
}

/** Keys of its own, and those by which pipelines of innominatus know a database. */
type Connection = {
  readonly endpoint: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly database_name: string;
  /** Missing where only the Secret knows it, which is not read. */
  readonly username?: string;
  readonly password?: string;
  readonly connection_string?: string;
  readonly secret: string;
  readonly credentials_secret: string;
  readonly secretNamespace: string;
  readonly cluster_name: string;
  readonly namespace: string;
};

function connectionOf(claim: AnyClaim): Connection {
  const { host: endpoint, port, database, secret } = placeOf(claim);
  const { name, namespace } = refOf(claim);
  return {
    ...{ endpoint, host: endpoint, port, database, database_name: database },
    ...present({ username: usernameOf(claim) }),
    ...{ secret: secret.name, credentials_secret: secret.name, secretNamespace: secret.namespace },
    ...{ cluster_name: name, namespace },
  };
}

/** Undefined where only the Secret that the claim brings knows it. */
function usernameOf(claim: AnyClaim): string | undefined {
  if (isInstanceClaim(claim) && isOwnerBrought(claim)) return undefined;
  return databaseAndOwner(claim).owner;
}

/** What only the Secret knows; who asks for it is told that it was read. */
async function secretsOf(
  access: Access,
  claim: AnyClaim,
  { secret: name, secretNamespace: namespace }: Connection,
  terminal: Terminal,
): Promise<Partial<Connection>> {
  const secret = keyOf({ name, namespace });
  terminal.error(`reading Secret ${secret}: what follows has a password in it\n`);
  const { username, password, connectionString } = await connectionTo(access, claim);
  return { username, password, connection_string: connectionString };
}

function rowsOf(found: Connection): readonly string[][] {
  const { endpoint, port, database, password, connection_string: uri, secret } = found;
  const told = {
    ...{ endpoint, port, database, username: found.username ?? "in the Secret" },
    ...present({ password, uri }),
    ...{ secret, secretNamespace: found.secretNamespace },
  };
  return Object.entries(told).map(([key, value]) => [key, String(value)]);
}

/** https://www.postgresql.org/docs/current/libpq-envars.html */
function environment(claim: AnyClaim, found: Connection): readonly unknown[] {
  const fromSecret = (key: string): unknown => ({
    valueFrom: { secretKeyRef: { name: found.secret, key } },
  });
  const variables = {
    ...placeVariables(claim, found, fromSecret),
    PGUSER: fromSecret("username"),
    PGPASSWORD: fromSecret("password"),
  };
  return Object.entries(variables).map(([name, from]) => ({ name, ...(from as object) }));
}

/** Where the database is, by the keys of our Secret; the operator's own may have credentials alone. */
function placeVariables(
  { status }: AnyClaim,
  { endpoint, port, database }: Connection,
  fromSecret: (key: string) => unknown,
): Readonly<Record<"PGHOST" | "PGPORT" | "PGDATABASE", unknown>> {
  if (status?.connectionSecretRef === undefined) {
    return {
      PGHOST: { value: endpoint },
      PGPORT: { value: String(port) },
      PGDATABASE: { value: database },
    };
  }
  return {
    PGHOST: fromSecret("endpoint"),
    PGPORT: fromSecret("port"),
    PGDATABASE: fromSecret("database"),
  };
}
