/** With a real server, which takes about two seconds. */
import { Client } from "pg";

import type { Database, Wish } from "../../../local/stand-in/database";
import { postgres } from "../../../local/stand-in/postgres";

const wish: Wish = { owner: "orders-user", database: 'or"ders', password: "it's \\ one" };
let database: Database;

jest.setTimeout(60_000);

beforeAll(async () => {
  database = await postgres(() => undefined);
});

afterAll(() => database.close());

/** What a statement gives to who logs in as wished. */
async function asked(uid: string, statement: string, { owner, ...rest } = wish): Promise<unknown> {
  const [host, port] = database.server(uid)?.address?.split(":") ?? [];
  const client = new Client({ host, port: Number(port), user: owner, ...rest });
  await client.connect();
  try {
    const { rows } = await client.query<{ answer: unknown }>(statement);
    return rows[0]?.answer;
  } finally {
    await client.end();
  }
}

test("a server lives through start, a new password, a stop and its removal", async () => {
  expect(database.server("a")).toBeUndefined();
  await database.start("a", wish);
  await database.login("a", wish);
  const owner =
    'SELECT pg_get_userbyid(datdba) answer FROM pg_database WHERE datname = $$or"ders$$';
  expect(await asked("a", owner)).toBe("orders-user");
  await asked("a", "CREATE TABLE kept AS SELECT 7 AS answer");

  const changed = { ...wish, password: "another" };
  expect(await database.follow("a", changed)).toBe(true);
  expect(await database.follow("a", changed)).toBe(false);
  await expect(database.login("a", wish)).rejects.toThrow("password authentication failed");

  await database.stop("a");
  expect(database.server("a")).toBeUndefined();
  await expect(database.login("a", wish)).rejects.toThrow("the server has ended");
  await database.start("a", wish);
  expect(await asked("a", "SELECT answer FROM kept")).toBe(7);

  await database.remove("a");
  await database.start("a", wish);
  await expect(asked("a", "SELECT answer FROM kept")).rejects.toThrow("does not exist");
});

test("extensions are installed, updated and dropped, and what PostgreSQL has against it is said", async () => {
  await database.start("b", wish);
  const extend = (name: string, more: object = {}): Promise<string | undefined> =>
    database.extend("b", wish.database, { name, ...more });
  const version = "SELECT max(extversion) answer FROM pg_extension WHERE extname = 'pg_trgm'";

  expect(await extend("pg_trgm", { version: "1.3" })).toBeUndefined();
  expect(await asked("b", version)).toBe("1.3");
  expect(await extend("pg_trgm", { version: "1.6" })).toBeUndefined();
  expect(await asked("b", version)).toBe("1.6");
  expect(await extend("pg_trgm")).toBeUndefined();
  expect(await asked("b", "SELECT similarity('word', 'words')::text answer")).toBe("0.5714286");
  expect(await extend("pg_trgm", { ensure: "absent" })).toBeUndefined();
  expect(await asked("b", version)).toBeNull();
  expect(await extend("timescaledb")).toBe(
    'ERROR: extension "timescaledb" is not available (SQLSTATE 0A000)',
  );
});

test.each(["postgres", "pg_monitor", "public"])("nobody logs in as %s", async owner => {
  const theirs = { ...wish, owner, database: "template1" };
  await database.start(owner, theirs);
  await database.login(owner, theirs);
  const login = asked(owner, "SELECT 1 answer", theirs);
  await expect(login).rejects.toThrow("password authentication failed");
});
