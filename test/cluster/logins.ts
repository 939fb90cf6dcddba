/** What the Secrets of a story open, on the stand-in's real PostgreSQL. */
import { addressIn } from "./address";
import { databaseOf, untilValues } from "./claims";
import { lastValue } from "./last-value";
import type { Scene } from "./story";

export type Login = {
  readonly user: string;
  readonly password: string;
  readonly database: string;
};

/** What the Secret in the story's namespace opens, once it is there. */
export async function loginOf({ cluster, namespace }: Scene, name: string): Promise<Login> {
  const {
    username = "",
    password = "",
    database = "",
  } = await untilValues(cluster, { name, namespace });
  return { user: username, password, database };
}

/** Where the instance of this name serves. */
export async function addressOf(
  { cluster, namespace }: Scene,
  instance: string,
): Promise<ReturnType<typeof addressIn>> {
  return addressIn(await databaseOf(cluster, { name: instance, namespace }));
}

/** The first value of the last statement, as this login in the instance. Throws what PostgreSQL says. */
export async function askAs(
  scene: Scene,
  instance: string,
  login: Login,
  statements: readonly string[],
): Promise<unknown> {
  return lastValue({ ...(await addressOf(scene, instance)), ...login }, statements);
}
