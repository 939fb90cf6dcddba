/**
 * A STAND-IN for CloudNativePG (CNPG), for a control plane without kubelets: `npx tsx local/stand-in/cnpg.ts --help`.
 * It is not CNPG and shares no code with it: it answers Clusters as CNPG 1.30.0 was recorded to, with one PostgreSQL
 * server per Cluster on 127.0.0.1. What it makes is marked with the annotation `zero-touch-postgres/stand-in`.
 */
import { setTimeout as sleep } from "node:timers/promises";

import type { KubeObject, Secret } from "../../capabilities/claim/kubernetes";
import { connect } from "./api";
import type { Api } from "./api";
import { credentialsName, group, keyOf, operatorVersion } from "./cnpg/cluster";
import type { Cluster } from "./cnpg/cluster";
import { crd, crdName } from "./cnpg/crd";
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
const clustersPath = `/apis/${group}/v1/clusters`;
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
  const { todo, database, clusters, secrets } = await cast(options, api);
  if (options.registersCrd) await registerCrd(api, signal);
  // The signal cuts the watches short: no news.
  const watching = (what: string) => (error: unknown) => {
    if (!signal.aborted) failure(`watching ${what}`)(error);
  };
  const runs = [
    secrets.run(signal, watching("Secrets")),
    clusters.run(signal, watching("Clusters")),
  ];
  void clusters.listed.then(() => {
    say(`ready: answering Clusters of ${api.server}, process ${process.pid}`);
  });
  await Promise.all(runs);
  await Promise.all([todo.stop(), database.close()]);
}

/** Everything that plays a part, wired together: whatever happens ends in the queue as the key of a Cluster. */
async function cast(options: Options, api: Api) {
  const todo = queue(
    key => work(key),
    (key, error) => {
      failure(key)(error);
    },
  );
  const database = await databaseFor(options, uid => {
    const cluster = clusters.all().find(({ metadata }) => metadata.uid === uid);
    if (!cluster) return;
    say(`${keyOf(cluster)}: its server has ended unasked`);
    todo.add(keyOf(cluster));
  });
  const clusters = feed<Cluster>(api, clustersPath, cluster => {
    todo.add(keyOf(cluster));
  });
  const secrets = feed<Secret>(api, "/api/v1/secrets?labelSelector=cnpg.io/reload", secret => {
    for (const key of clustersOf(clusters.all(), secret)) todo.add(key);
  });
  const { pause, hasPostgres: isWhole } = options;
  const work = reconciler({ database, pause, isWhole }, { api, clusters, secrets, say });
  return { todo, database, clusters, secrets };
}

function databaseFor(
  { hasPostgres }: Options,
  onLost: (uid: string) => void,
): Promise<Database> | Database {
  return hasPostgres ? postgres(onLost) : noDatabase();
}

/** Registers our CRD unless there is one, and waits until it is served; for the API server too if need be. */
async function registerCrd(api: Api, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await isServed(api))) await sleep(retryDelay);
}

async function isServed(api: Api): Promise<boolean> {
  try {
    if (await api.list(clustersPath)) return true;
    const isThere = (await api.read(`${crdPath}/${crdName}`)) !== undefined;
    if (!isThere && (await api.create(crdPath, crd)))
      say(`registered a CRD of its own: ${crdName}`);
  } catch (error) {
    failure(`registering ${crdName}`)(error);
  }
  return false;
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
