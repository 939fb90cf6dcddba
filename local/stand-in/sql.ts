/** What is done inside a server: the owner's role and database, as far as PostgreSQL and CNPG let them be. */
import { Client, DatabaseError, escapeIdentifier, escapeLiteral } from "pg";

import type { Extension, Wish } from "./database";

export type Login = {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
};

/** CNPG takes these as owners, calls the Cluster healthy, and nobody can log in. */
export function hasNoLogin(owner: string): boolean {
  return ["postgres", "public", "none"].includes(owner) || owner.startsWith("pg_");
}

/** Sees to it that role and database are there and the password is the wished one. */
export async function provide(admin: Login, wish: Wish): Promise<void> {
  await inside(admin, async client => {
    if (!hasNoLogin(wish.owner)) await provideRole(client, wish);
    const found = await client.query("SELECT FROM pg_database WHERE datname = $1", [wish.database]);
    if (found.rowCount !== 0) return;
    const owned = hasNoLogin(wish.owner) ? "" : ` OWNER ${escapeIdentifier(wish.owner)}`;
    await client.query(`CREATE DATABASE ${escapeIdentifier(wish.database)}${owned}`);
  });
}

/** Gives the role the wished password. */
export async function setPassword(admin: Login, wish: Wish): Promise<void> {
  if (hasNoLogin(wish.owner)) return;
  await inside(admin, client => provideRole(client, wish));
}

/** Throws unless the server lets in. */
export async function logIn(login: Login): Promise<void> {
  await inside(login, client => client.query("SELECT 1"));
}

/** Sees to an extension of the database that is logged in to; gives what PostgreSQL has against it, as CNPG says it. */
export async function provideExtension(
  admin: Login,
  extension: Extension,
): Promise<string | undefined> {
  try {
    await inside(admin, client => changeExtension(client, extension));
    return undefined;
  } catch (fault) {
    if (!(fault instanceof DatabaseError)) throw fault;
    return `ERROR: ${fault.message} (SQLSTATE ${fault.code ?? ""})`;
  }
}

async function changeExtension(
  client: Client,
  { name, version, ensure = "present" }: Extension,
): Promise<void> {
  const found = await client.query<{ extversion: string }>(
    "SELECT extversion FROM pg_extension WHERE extname = $1",
    [name],
  );
  const present = found.rows[0]?.extversion;
  const wanted = version === undefined ? "" : escapeIdentifier(version);
  if (ensure === "absent") {
    await client.query(`DROP EXTENSION IF EXISTS ${escapeIdentifier(name)}`);
  } else if (present === undefined) {
    const asked = wanted === "" ? "" : ` VERSION ${wanted}`;
    await client.query(`CREATE EXTENSION ${escapeIdentifier(name)}${asked}`);
  } else if (version !== undefined && version !== present) {
    await client.query(`ALTER EXTENSION ${escapeIdentifier(name)} UPDATE TO ${wanted}`);
  }
}

async function provideRole(client: Client, { owner, password }: Wish): Promise<void> {
  const found = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [owner]);
  const verb = found.rowCount === 0 ? "CREATE" : "ALTER";
  // Statements of this kind take no parameters.
  await client.query(
    `${verb} ROLE ${escapeIdentifier(owner)} LOGIN PASSWORD ${escapeLiteral(password)}`,
  );
}

async function inside(login: Login, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ ...login, host: "127.0.0.1", connectionTimeoutMillis: 5000 });
  // A server that is stopped ends its connections; what was under way fails by itself.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
