/** Plays Zalando's operator for one `postgresql` at a time: reads what is there, does what comes next, says so in the status. */
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

import type { KubeObject, Secret } from "../../../capabilities/kubernetes/objects";
import type { Api } from "../api";
import type { Database, Wish } from "../database";
import { collectionOf, pathOf } from "../paths";
import type { Feed } from "../watch";
import { endpoints, failure, rolesOf, secretOf, service, statefulSet, subsetsOf } from "./objects";
import { databaseOf, keyOf, marks, secretName, type Postgresql, type Word } from "./postgresql";

export type Play = {
  readonly database: Database;
  /** For how long each word stands at least, in ms. */
  readonly pause: number;
};

export type World = {
  readonly api: Api;
  readonly postgresqls: Feed<Postgresql>;
  readonly secrets: Feed<Secret>;
  readonly say: (line: string) => void;
};

/** What is remembered of a `postgresql`. */
type Life = {
  readonly uid: string;
  /** What belonged to it, to be removed when it has gone: nothing is owned by it. */
  last: Postgresql;
  /** The definition that was last carried out. */
  done: unknown;
  since: number;
};

/** The work for a queue: takes the key of a `postgresql`, tells in how many ms to come back. */
export function reconciler(play: Play, world: World): (key: string) => Promise<number | undefined> {
  const lives = new Map<string, Life>();
  return async key => {
    const found = world.postgresqls.get(key);
    const old = lives.get(key);
    if (old && old.uid !== found?.metadata.uid) {
      lives.delete(key);
      await remove(play, world, old);
      world.say(`${key}: deleted; server, data and all that was made for it are gone`);
    }
    if (!found || found.metadata.deletionTimestamp !== undefined) return undefined;
    const life = lives.get(key) ?? {
      uid: found.metadata.uid,
      last: found,
      done: undefined,
      since: 0,
    };
    lives.set(key, life);
    life.last = found;
    return step(play, world, found, life);
  };
}

/** One act a time, so that a change of mind in between is met before the next. */
async function step(
  { database, pause }: Play,
  world: World,
  found: Postgresql,
  life: Life,
): Promise<number | undefined> {
  const word = found.status?.PostgresClusterStatus;
  if (!word) {
    life.since = Date.now();
    await say(world, found, "Creating");
    return 0;
  }
  const fault = found.metadata.annotations?.[marks.failsSync];
  if (fault !== undefined) return fail(world, found, fault);
  const wish = await wishFor(world, found);
  await makeCompanions(world, found);
  const stood = Date.now() - life.since;
  if (stood < pause) return pause - stood;
  if (isChanged(found, life)) {
    life.since = Date.now();
    life.done = undefined;
    await say(world, found, "Updating");
    return 0;
  }
  if (wish) await serve(database, world, found, wish);
  life.done = found.spec;
  if (await say(world, found, "Running"))
    world.say(lineOf(found, database.server(life.uid)?.address));
  return undefined;
}

/** Another definition is asked for than was carried out. */
function isChanged({ spec, status }: Postgresql, { done }: Life): boolean {
  const isRunning = status?.PostgresClusterStatus === "Running";
  return isRunning && done !== undefined && !isDeepStrictEqual(done, spec);
}

async function fail(world: World, found: Postgresql, fault: string): Promise<undefined> {
  if (!(await say(world, found, "SyncFailed"))) return;
  const event = failure(found, fault, new Date());
  await world.api.create(collectionOf(event), event);
}

/** The server with the password that the Secret has: at a sync the role follows it (recordings, 03-password). */
async function serve(
  database: Database,
  world: World,
  found: Postgresql,
  wish: Wish,
): Promise<void> {
  const { uid } = found.metadata;
  if (!database.server(uid)) {
    await mark(world, found, { isUp: false });
    await database.start(uid, wish);
  } else if (await database.follow(uid, wish)) {
    world.say(`${keyOf(found)}: the password of ${wish.owner} follows its Secret`);
  }
  await database.login(uid, wish);
  const address = database.server(uid)?.address;
  await mark(world, found, { isUp: true, ...(address === undefined ? {} : { address }) });
}

type Standing = { readonly isUp: boolean; readonly address?: string };

/** Says in the StatefulSet and the endpoints of the primary whether the instances are there. */
async function mark({ api }: World, found: Postgresql, { isUp, address }: Standing): Promise<void> {
  const { numberOfInstances: replicas } = found.spec;
  const set = await api.patch(pathOf(statefulSet(found)), { spec: { replicas } });
  const readyReplicas = isUp ? replicas : 0;
  const status = { replicas, readyReplicas, observedGeneration: set?.metadata.generation ?? 0 };
  await api.patch(`${pathOf(statefulSet(found))}/status`, { status });
  await api.patch(endpointsPath(found), { subsets: subsetsOf(found, isUp) });
  if (address === undefined) return;
  await api.patch(pathOf(found), { metadata: { annotations: { [marks.address]: address } } });
}

/** The password of the owner; where its Secret is missing, it is made. */
async function wishFor(world: World, found: Postgresql): Promise<Wish | undefined> {
  const asked = databaseOf(found);
  for (const role of rolesOf(found)) await credentials(world, found, role);
  const secret = asked && (await credentials(world, found, asked.owner));
  const password = Buffer.from(secret?.data?.["password"] ?? "", "base64").toString();
  return asked && password !== "" ? { ...asked, password } : undefined;
}

/** The operator takes whatever Secret has the name, and makes it where it is missing. */
async function credentials(
  { api, secrets }: World,
  found: Postgresql,
  role: string,
): Promise<Secret | undefined> {
  const known = secrets.get(`${found.metadata.namespace}/${secretName(found, role)}`);
  if (known) return known;
  const wanted = secretOf(found, role, randomBytes(32).toString("hex"));
  const made = await api.create(collectionOf(wanted), wanted);
  if (made) secrets.note(made);
  return made ?? (await api.read(pathOf(wanted)));
}

async function makeCompanions({ api }: World, found: Postgresql): Promise<void> {
  await api.create(collectionOf(service(found)), service(found));
  await api.create(endpointsCollection(found), endpoints(found));
  await api.create(collectionOf(statefulSet(found)), statefulSet(found));
}

async function remove({ database }: Play, { api }: World, { uid, last }: Life): Promise<void> {
  await api.remove(pathOf(statefulSet(last)));
  await api.remove(pathOf(service(last)));
  await api.remove(endpointsPath(last));
  for (const role of rolesOf(last)) await api.remove(pathOf(secretOf(last, role, "")));
  await database.remove(uid);
}

/** Whether there was anything to write. */
async function say({ api, postgresqls }: World, found: Postgresql, word: Word): Promise<boolean> {
  if (found.status?.PostgresClusterStatus === word) return false;
  const written = await api.patch(`${pathOf(found)}/status`, [
    // Not into the status of an object that has taken this one's name.
    { op: "test", path: "/metadata/uid", value: found.metadata.uid },
    { op: "add", path: "/status", value: { PostgresClusterStatus: word } },
  ]);
  if (written) postgresqls.note(written);
  return written !== undefined;
}

function lineOf(found: Postgresql, address = "no server"): string {
  const { database = "", owner = "" } = databaseOf(found) ?? {};
  return `${keyOf(found)}: Running - ${address}, database ${database}, user ${owner}, password in Secret ${secretName(found, owner)}`;
}

/** Endpoints are called so in one and in many. */
function endpointsCollection({ metadata: { namespace } }: KubeObject): string {
  return `/api/v1/namespaces/${namespace ?? ""}/endpoints`;
}

function endpointsPath(found: Postgresql): string {
  return `${endpointsCollection(found)}/${found.metadata.name}`;
}
