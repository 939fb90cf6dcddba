/** Plays CNPG for one Cluster at a time: reads what is there, does what comes next, says so in the status. */
import { randomInt } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

import type { KubeObject, Secret } from "../../../capabilities/kubernetes/objects";
import type { Api } from "../api";
import type { Database, Identity, Wish } from "../database";
import { collectionOf, pathOf } from "../paths";
import type { Feed } from "../watch";
import { additions } from "./additions";
import {
  admissionLines,
  credentialsName,
  databaseOf,
  givenSecret,
  keyOf,
  ownerOf,
} from "./cluster";
import type { Cluster, ClusterStatus } from "./cluster";
import { definitionFault } from "./definition";
import {
  appSecret,
  companions,
  credentials,
  identityIn,
  isFollowed,
  renewedServer,
  serverNames,
} from "./objects";
import { isHeldUp } from "./start";
import { turn } from "./turn";
import type { Act } from "./turn";
import { settleUpgrade } from "./upgrade";

/** How much of CNPG is played. */
export type Play = {
  readonly database: Database;
  /** For how long each phase stands at least, in ms. */
  readonly pause: number;
  /** Whether CNPG's defaults, the marks and all but the `-app` secret are written too. */
  readonly isWhole: boolean;
};

export type World = {
  readonly api: Api;
  readonly clusters: Feed<Cluster>;
  readonly secrets: Feed<Secret>;
  readonly say: (line: string) => void;
};

/** What is remembered of a Cluster; all else is in the Cluster, its secret and its server. */
type Life = {
  readonly uid: string;
  hasCompanions: boolean;
  /** Its first start cannot succeed, or could not until now. */
  isHeldUp: boolean;
  /** A major upgrade has failed, and its Job is there. */
  hasFailedUpgrade: boolean;
  /** For which the server's certificate was last found to be. */
  names: string;
  /** Lines of pg_hba.conf by which the server was last told to let in. */
  admits: string;
  statusSince: number;
};

/** When to look again for what no watch tells: an unlabelled secret, a former Cluster's objects that still go. */
const lookAgain = 500;

/** The work for a queue: takes the key of a Cluster, tells in how many ms to come back. */
export function reconciler(play: Play, world: World): (key: string) => Promise<number | undefined> {
  const lives = new Map<string, Life>();
  return async key => {
    const cluster = world.clusters.get(key);
    const old = lives.get(key);
    if (old && old.uid !== cluster?.metadata.uid) {
      lives.delete(key);
      await play.database.remove(old.uid);
      world.say(`${key}: deleted; server and data are gone`);
    }
    if (!cluster || cluster.metadata.deletionTimestamp !== undefined) return undefined;
    const { uid } = cluster.metadata;
    const life = lives.get(key) ?? newLife(uid);
    lives.set(key, life);
    return step(play, world, cluster, life);
  };
}

function newLife(uid: string): Life {
  const unknown = { hasCompanions: false, isHeldUp: false, hasFailedUpgrade: false };
  return { uid, ...unknown, names: "", admits: "", statusSince: 0 };
}

async function step(
  play: Play,
  world: World,
  found: Cluster,
  life: Life,
): Promise<number | undefined> {
  const fault = definitionFault(found);
  const cluster = fault === undefined ? await complete(play, world, found, life) : found;
  const secret = fault === undefined ? await credentialsSecret(world, cluster) : undefined;
  const wish = await startWish(play, world, { cluster, secret, life });
  await followAdmission(play, cluster, life);
  if (wish && secret) await followPassword(play, world, { cluster, secret, wish });
  const { act, status, again } = turn({
    cluster,
    fault,
    hasCredentials: wish !== undefined,
    isUp: play.database.server(life.uid) !== undefined,
    stood: Date.now() - life.statusSince,
    pause: play.pause,
    now: new Date().toISOString(),
  });
  if (act) await perform(act, play.database, life.uid, wish);
  if (await writeStatus(world, cluster, status)) {
    life.statusSince = Date.now();
    tell(play, world, cluster, status);
  }
  const hasFailed = await settleUpgrade(world.api, { ...cluster, status }, life.hasFailedUpgrade);
  life.hasFailedUpgrade = hasFailed;
  return again ?? (wish || fault !== undefined ? undefined : lookAgain);
}

/** What to start the server with; undefined while the first start is held up. */
async function startWish(
  { database, isWhole }: Play,
  { api }: World,
  { cluster, secret, life }: { cluster: Cluster; secret: Secret | undefined; life: Life },
): Promise<Wish | undefined> {
  // Without one there is nothing to start with; where the definition is refused none is looked for.
  if (!secret) return undefined;
  const isToCome = isWhole && database.server(life.uid) === undefined;
  // Those of a former Cluster of this name still go: its server would be known by another authority.
  if (isToCome && !life.hasCompanions) return undefined;
  life.isHeldUp = isToCome && (await isHeldUp(api, cluster, life.isHeldUp));
  if (life.isHeldUp) return undefined;
  const wish = wishOf(cluster, secret);
  return wish && isToCome ? { ...wish, identity: await identityOf(api, cluster) } : wish;
}

/** What the server shows of itself, from the secret that CNPG makes for it. */
async function identityOf(api: Api, cluster: Cluster): Promise<Identity | undefined> {
  const server = await api.read(secretPath(cluster, "server"));
  return server && identityIn(server);
}

/** Writes what belongs into and beside the Cluster; gives the Cluster as it is then. */
async function complete(play: Play, world: World, cluster: Cluster, life: Life): Promise<Cluster> {
  if (!play.isWhole) return cluster;
  const patch = additions(cluster, play.database.server(life.uid)?.address);
  const patched = patch && (await world.api.patch(pathOf(cluster), patch));
  if (patched) world.clusters.note(patched);
  if (!life.hasCompanions) {
    const made = await Promise.all(
      companions(cluster, new Date()).map(one => isThere(world, cluster, one)),
    );
    life.hasCompanions = made.every(Boolean);
  }
  if (life.hasCompanions) await followNames(play, world, cluster, life);
  return patched ? (patched as Cluster) : cluster;
}

/** CNPG signs the server's certificate anew when its names change, and the server takes it up. */
async function followNames(
  { database }: Play,
  { api, say }: World,
  cluster: Cluster,
  life: Life,
): Promise<void> {
  const names = serverNames(cluster).join(" ");
  if (life.names === names) return;
  const [authority, server] = await Promise.all([
    api.read(secretPath(cluster, "ca")),
    api.read(secretPath(cluster, "server")),
  ]);
  if (!authority || !server) return;
  const renewed = renewedServer(cluster, { authority, server }, new Date());
  if (renewed) {
    const stringData = { "tls.crt": renewed.certificate, "tls.key": renewed.key };
    await api.patch(secretPath(cluster, "server"), { stringData });
    await database.identify(life.uid, renewed);
    say(`${keyOf(cluster)}: the server's certificate is renewed for ${names}`);
  }
  life.names = names;
}

async function isThere(world: World, cluster: Cluster, wanted: KubeObject): Promise<boolean> {
  if (await world.api.create(collectionOf(wanted), wanted)) return true;
  const there = await world.api.read(pathOf(wanted));
  return there !== undefined && belongsTo(there, cluster);
}

/** The secret with the owner's password; CNPG's own is made where it is missing. */
async function credentialsSecret(world: World, cluster: Cluster): Promise<Secret | undefined> {
  const { namespace } = cluster.metadata;
  const name = credentialsName(cluster);
  const known = world.secrets.get(`${namespace}/${name}`);
  const wanted = appSecret(cluster, password());
  // Whoever made it: what is given may be an ExternalSecret's.
  if (givenSecret(cluster) !== undefined) {
    return known ?? (await world.api.read(`${collectionOf(wanted)}/${name}`));
  }
  if (known && belongsTo(known, cluster)) return known;
  const made = await world.api.create(collectionOf(wanted), wanted);
  if (made) world.secrets.note(made);
  if (made) return made;
  const there = await world.api.read(pathOf(wanted));
  return there && belongsTo(there, cluster) ? there : undefined;
}

/** CNPG has the server read its lines again, without a restart. */
async function followAdmission({ database }: Play, cluster: Cluster, life: Life): Promise<void> {
  const lines = admissionLines(cluster);
  if (life.admits === lines.join("\n") || !database.server(life.uid)) return;
  await database.admit(life.uid, lines);
  life.admits = lines.join("\n");
}

async function followPassword(
  { database }: Play,
  { say }: World,
  { cluster, secret, wish }: { cluster: Cluster; secret: Secret; wish: Wish },
): Promise<void> {
  if (givenSecret(cluster) !== undefined && !isFollowed(secret)) return;
  const followed = await database.follow(cluster.metadata.uid, wish);
  if (followed) say(`${keyOf(cluster)}: the password of ${wish.owner} follows its Secret`);
}

async function perform(
  act: Act,
  database: Database,
  uid: string,
  wish: Wish | undefined,
): Promise<void> {
  if (act === "stop") await database.stop(uid);
  if (act === "start" && wish) await database.start(uid, wish);
  if (act === "login" && wish) await database.login(uid, wish);
}

/** Whether there was anything to write. */
async function writeStatus(
  { api, clusters }: World,
  cluster: Cluster,
  status: ClusterStatus,
): Promise<boolean> {
  if (isDeepStrictEqual(cluster.status ?? {}, JSON.parse(JSON.stringify(status)))) return false;
  const written = await api.patch(`${pathOf(cluster)}/status`, [
    // Not into the status of a Cluster that has taken this one's name.
    { op: "test", path: "/metadata/uid", value: cluster.metadata.uid },
    { op: "add", path: "/status", value: status },
  ]);
  if (written) clusters.note(written);
  return written !== undefined;
}

function tell(play: Play, { say }: World, cluster: Cluster, status: ClusterStatus): void {
  const key = keyOf(cluster);
  const { phase = "", phaseReason, readyInstances } = status;
  if (phase !== "Cluster in healthy state") {
    if (phase !== cluster.status?.phase) say([`${key}: ${phase}`, phaseReason].join(" - "));
    return;
  }
  const address = play.database.server(cluster.metadata.uid)?.address ?? "no server";
  const access = `database ${databaseOf(cluster)}, user ${ownerOf(cluster)}, password in Secret ${credentialsName(cluster)}`;
  if (readyInstances === undefined) say(`${key}: still called healthy, but its server is stopped`);
  else say(`${key}: ${phase} - ${address}, ${access}`);
}

function wishOf(cluster: Cluster, secret: Secret | undefined): Wish | undefined {
  const found = credentials(cluster, secret);
  if (!found) return undefined;
  return { owner: found.username, database: databaseOf(cluster), password: found.password };
}

/** Of a Secret that CNPG makes beside the Cluster. */
function secretPath({ metadata: { name, namespace } }: Cluster, suffix: "ca" | "server"): string {
  return `/api/v1/namespaces/${namespace}/secrets/${name}-${suffix}`;
}

/** Not a former Cluster's of the same name, whose garbage is still being collected. */
function belongsTo({ metadata }: KubeObject, cluster: Cluster): boolean {
  const controller = metadata.ownerReferences?.find(owner => owner.controller === true);
  return controller === undefined || controller.uid === cluster.metadata.uid;
}

/** As CNPG makes them: 64 letters and digits. */
function password(): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from({ length: 64 }, () => letters[randomInt(letters.length)]).join("");
}
