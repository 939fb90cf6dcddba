/** SQL as an application would send it. */
import { Client } from "pg";

export type Login = {
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
};

/** The first value of the last statement's first row. Throws what PostgreSQL says. */
export async function lastValue(
  { host, port, user, password, database }: Login,
  statements: readonly string[],
): Promise<unknown> {
  const client = new Client({ host, port, user, password, database });
  await client.connect();
  try {
    let value: unknown;
    for (const statement of statements) {
      const { rows } = await client.query<Record<string, unknown>>(statement);
      [value] = Object.values(rows[0] ?? {});
    }
    return value;
  } finally {
    await client.end();
  }
}
