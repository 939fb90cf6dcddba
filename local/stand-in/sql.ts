/** What is done inside a server: the owner's role and database, as far as PostgreSQL and CNPG let them be. */
import { Client, DatabaseError, escapeIdentifier, escapeLiteral } from "pg";

import type { Extension, Role, Wish } from "./database";

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
  return saidBy(() => inside(admin, client => changeExtension(client, extension)));
}

/** Sees to a role as CNPG does: what is left out is taken back. */
export async function provideGroupRole(admin: Login, role: Role): Promise<string | undefined> {
  return saidBy(() => inside(admin, client => changeRole(client, role)));
}

async function changeRole(client: Client, role: Role): Promise<void> {
  const { name, login, password, connectionLimit, inRoles } = role;
  const found = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [name]);
  const verb = found.rowCount === 0 ? "CREATE" : "ALTER";
  const secret = password === undefined ? "NULL" : escapeLiteral(password);
  const can = login ? "LOGIN" : "NOLOGIN";
  await client.query(
    `${verb} ROLE ${escapeIdentifier(name)} ${can} PASSWORD ${secret} CONNECTION LIMIT ${connectionLimit}`,
  );
  for (const group of inRoles) {
    await client.query(`GRANT ${escapeIdentifier(group)} TO ${escapeIdentifier(name)}`);
  }
}

/** Sees to a database of this owner. */
export async function provideDatabase(
  admin: Login,
  database: string,
  owner: string,
): Promise<string | undefined> {
  return saidBy(() =>
    inside(admin, async client => {
      const found = await client.query("SELECT FROM pg_database WHERE datname = $1", [database]);
      const [name, role] = [database, owner].map(escapeIdentifier);
      await client.query(
        found.rowCount === 0
          ? `CREATE DATABASE ${name ?? ""} OWNER ${role ?? ""}`
          : `ALTER DATABASE ${name ?? ""} OWNER TO ${role ?? ""}`,
      );
    }),
  );
}

/** Drops a database or a role, if it is there. */
export async function dropObject(
  admin: Login,
  what: "DATABASE" | "ROLE",
  name: string,
): Promise<string | undefined> {
  return saidBy(() =>
    inside(admin, client => client.query(`DROP ${what} IF EXISTS ${escapeIdentifier(name)}`)),
  );
}

/** What PostgreSQL has against it, as CNPG says it. */
async function saidBy(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
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
