/**
 * A STAND-IN for CloudNativePG (CNPG), for a control plane without kubelets: `npx tsx local/stand-in/cnpg.ts --help`.
 * It is not CNPG and shares no code with it: it answers Clusters as CNPG 1.30.0 was recorded to, with one PostgreSQL
 * server per Cluster on 127.0.0.1. What it makes is marked with the annotation `zero-touch-postgres/stand-in`.
 */
import { setTimeout as sleep } from "node:timers/promises";

import type { KubeObject, Secret } from "../../capabilities/kubernetes/objects";
import { connect } from "./api";
import type { Api } from "./api";
import { credentialsName, group, keyOf, operatorVersion } from "./cnpg/cluster";
import type { Cluster } from "./cnpg/cluster";
import { definitions } from "./cnpg/crd";
import { databaseReconciler } from "./cnpg/databases";
import type { DatabaseObject } from "./cnpg/databases";
import { poolerReconciler } from "./cnpg/poolers";
import type { PoolerObject } from "./cnpg/poolers";
import { reconciler } from "./cnpg/reconcile";
import { noDatabase } from "./database";
import type { Database } from "./database";
import { sweep } from "./folder";
import { optionsFrom, usage } from "./options";
import type { Options } from "./options";
import { postgres } from "./postgres";
import { queue } from "./queue";
import { feed } from "./watch";

const retryDelay = 200;
const pathOf = (plural: string): string => `/apis/${group}/v1/${plural}`;
const crdPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const firstLine =
  `This is a stand-in for CloudNativePG ${operatorVersion}, not CloudNativePG itself: for local use only. ` +
  "All data is in a temporary folder and goes when the stand-in ends.";

async function main(): Promise<void> {
  const options = optionsFrom(process.argv.slice(2));
  if (options === "help") {
    say(usage);
    return;
  }
  say(firstLine);
  const ending = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      ending.abort();
    });
  }
  for (const folder of await sweep()) say(`removed ${folder}: its stand-in has been killed`);
  await play(options, ending.signal);
  say("ended: servers stopped, data removed");
  process.exit();
}

/** Answers Clusters until the signal, then cleans up. */
async function play(options: Options, signal: AbortSignal): Promise<void> {
  const api = await connect(options.kubeconfig);
  const { queues, database, feeds, clusters } = await cast(options, api);
  if (options.registersCrd) await registerCrds(api, signal);
  // The signal cuts the watches short: no news.
  const watching = (what: string) => (error: unknown) => {
    if (!signal.aborted) failure(`watching ${what}`)(error);
  };
  const runs = Object.entries(feeds).map(([what, { run }]) => run(signal, watching(what)));
  void clusters.listed.then(() => {
    say(`ready: answering Clusters of ${api.server}, process ${process.pid}`);
  });
  await Promise.all(runs);
  await Promise.all([...queues.map(({ stop }) => stop()), database.close()]);
}

/** Everything that plays a part, wired together: whatever happens ends in a queue as the key of a Cluster or a Database. */
async function cast(options: Options, api: Api) {
  const failed = (key: string, error: unknown): void => {
    failure(key)(error);
  };
  const todo = queue(key => work(key), failed);
  const extending = queue(key => extend(key), failed);
  const pooling = queue(key => pool(key), failed);
  const database = await databaseFor(options, uid => {
    const cluster = clusters.all().find(({ metadata }) => metadata.uid === uid);
    if (!cluster) return;
    say(`${keyOf(cluster)}: its server has ended unasked`);
    todo.add(keyOf(cluster));
  });
  const clusters = feed<Cluster>(api, pathOf("clusters"), cluster => {
    todo.add(keyOf(cluster));
    for (const key of databasesOf(databases.all(), cluster)) extending.add(key);
  });
  const poolers = feed<PoolerObject>(api, pathOf("poolers"), found => {
    pooling.add(keyOf(found));
  });
  const databases = feed<DatabaseObject>(api, pathOf("databases"), found => {
    extending.add(keyOf(found));
  });
  const secrets = feed<Secret>(api, "/api/v1/secrets?labelSelector=cnpg.io/reload", secret => {
    for (const key of clustersOf(clusters.all(), secret)) todo.add(key);
  });
  const { pause, hasPostgres: isWhole } = options;
  const work = reconciler({ database, pause, isWhole }, { api, clusters, secrets, say });
  const extend = databaseReconciler(database, { api, clusters, databases, say });
  const pool = poolerReconciler(database, { api, clusters, poolers, say });
  const queues = [todo, extending, pooling];
  const feeds = { Secrets: secrets, Clusters: clusters, Databases: databases, Poolers: poolers };
  return { queues, database, clusters, feeds };
}

function databaseFor(
  { hasPostgres }: Options,
  onLost: (uid: string) => void,
): Promise<Database> | Database {
  return hasPostgres ? postgres(onLost) : noDatabase();
}

type Definition = (typeof definitions)[number];

/** Registers our CRDs where there are none, and waits until they are served; for the API server too if need be. */
async function registerCrds(api: Api, signal: AbortSignal): Promise<void> {
  for (const definition of definitions) {
    while (!signal.aborted && !(await isServed(api, definition))) await sleep(retryDelay);
  }
}

async function isServed(api: Api, definition: Definition): Promise<boolean> {
  const { name } = definition.metadata;
  try {
    if (await api.list(pathOf(definition.spec.names.plural))) return true;
    const isThere = (await api.read(`${crdPath}/${name}`)) !== undefined;
    if (!isThere && (await api.create(crdPath, definition)))
      say(`registered a CRD of its own: ${name}`);
  } catch (error) {
    failure(`registering ${name}`)(error);
  }
  return false;
}

function databasesOf(
  databases: readonly DatabaseObject[],
  { metadata }: KubeObject,
): readonly string[] {
  return databases
    .filter(found => found.metadata.namespace === metadata.namespace)
    .filter(found => found.spec.cluster.name === metadata.name)
    .map(keyOf);
}

function clustersOf(clusters: readonly Cluster[], { metadata }: KubeObject): readonly string[] {
  return clusters
    .filter(cluster => cluster.metadata.namespace === metadata.namespace)
    .filter(cluster => credentialsName(cluster) === metadata.name)
    .map(keyOf);
}

function failure(what: string): (error: unknown) => void {
  return error => {
    say(`${what}: ${error instanceof Error ? error.message : String(error)} - trying again`);
  };
}

function say(line: string): void {
  console.log(line);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
