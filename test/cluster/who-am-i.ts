/** Asks a server who it takes its client for. */
import { Client } from "pg";

/** The user and the database of a login. Throws what the server has against it. */
export async function whoAmI(login: ConstructorParameters<typeof Client>[0]): Promise<unknown> {
  const client = new Client(login);
  await client.connect();
  try {
    const { rows } = await client.query(
      "select current_user as user, current_database() as database",
    );
    return rows[0];
  } finally {
    await client.end();
  }
}
