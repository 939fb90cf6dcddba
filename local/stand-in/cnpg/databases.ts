/**
 * Plays CNPG for Databases: installs and drops the extensions in the Cluster's server, says so in the status. As its sources have
 * it, there are no recordings: https://github.com/cloudnative-pg/cloudnative-pg/blob/v1.30.0/internal/management/controller/database_controller.go
 * Of a Database only the extensions are played: the database itself is there already.
 */
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import type { Api } from "../api";
import type { Database, Extension } from "../database";
import type { Feed } from "../watch";
import { group, keyOf } from "./cluster";
import type { Cluster } from "./cluster";

export type DatabaseObject = KubeObject & {
  readonly spec: {
    readonly cluster: { readonly name: string };
    readonly name: string;
    readonly extensions?: readonly Extension[];
  };
  readonly status?: DatabaseStatus;
};

type ExtensionStatus = {
  readonly name: string;
  readonly applied: boolean;
  readonly message?: string;
};

export type DatabaseStatus = {
  readonly applied?: boolean;
  readonly message?: string;
  readonly observedGeneration?: number;
  readonly extensions?: readonly ExtensionStatus[];
};

type World = {
  readonly api: Api;
  readonly clusters: Feed<Cluster>;
  readonly databases: Feed<DatabaseObject>;
  readonly say: (line: string) => void;
};

const finalizer = "cnpg.io/deleteDatabase";
/** CNPG tries what has failed again after these ms. */
const retryDelay = 30_000;
/** When to look again whether the Cluster's server is up, in ms. */
const lookAgain = 500;
const clusterGone = "cluster resource has been deleted, skipping reconciliation";

/** The work for a queue: takes the key of a Database, tells in how many ms to come back. */
export function databaseReconciler(
  server: Pick<Database, "server" | "extend">,
  world: World,
): (key: string) => Promise<number | undefined> {
  return async key => {
    const found = world.databases.get(key);
    if (!found) return undefined;
    const cluster = world.clusters.get(`${namespaceOf(found)}/${found.spec.cluster.name}`);
    if (found.metadata.deletionTimestamp !== undefined) return letGo(world, found);
    if (!cluster) return orphan(world, found);
    if (found.status?.observedGeneration === found.metadata.generation) return undefined;
    if (!server.server(cluster.metadata.uid)) return lookAgain;
    await hold(world, found);
    const results = await Promise.all(
      (found.spec.extensions ?? []).map(async extension => ({
        name: extension.name,
        message: await server.extend(cluster.metadata.uid, found.spec.name, extension),
      })),
    );
    return tell(world, found, results);
  };
}

async function tell(
  world: World,
  found: DatabaseObject,
  results: readonly { readonly name: string; readonly message: string | undefined }[],
): Promise<number | undefined> {
  const { generation } = found.metadata;
  const extensions = results.map(({ name, message }) => ({
    name,
    applied: message === undefined,
    ...(message === undefined ? {} : { message }),
  }));
  const isApplied = extensions.every(({ applied }) => applied);
  await patch(world, `${pathOf(found)}/status`, {
    metadata: { uid: found.metadata.uid },
    status: isApplied
      ? { applied: true, message: null, observedGeneration: generation, extensions }
      : { applied: false, message: "database object reconciliation failed", extensions },
  });
  const names = extensions.map(({ name, applied }) => (applied ? name : `${name} (failed)`));
  world.say(`${keyOf(found)}: extensions ${names.join(", ")}`);
  return isApplied ? undefined : retryDelay;
}

/** The reclaim policy is always to retain: nothing is dropped. */
async function letGo(world: World, found: DatabaseObject): Promise<undefined> {
  await setFinalizers(world, found, name => name !== finalizer);
}

async function hold(world: World, found: DatabaseObject): Promise<void> {
  const { finalizers = [] } = found.metadata;
  if (finalizers.includes(finalizer)) return;
  const metadata = { uid: found.metadata.uid, finalizers: [...finalizers, finalizer] };
  await patch(world, pathOf(found), { metadata });
}

/** The Cluster has gone. Releases of CNPG were seen that never look at the Database again, whatever Cluster comes after. */
async function orphan(world: World, found: DatabaseObject): Promise<undefined> {
  const { status = {}, metadata } = found;
  if (status.observedGeneration === undefined || status.message === clusterGone) return;
  await patch(world, `${pathOf(found)}/status`, {
    metadata: { uid: metadata.uid },
    status: { applied: false, message: clusterGone },
  });
  await setFinalizers(world, found, name => name !== finalizer);
}

async function setFinalizers(
  world: World,
  { metadata, ...rest }: DatabaseObject,
  isKept: (name: string) => boolean,
): Promise<void> {
  const { finalizers = [], uid } = metadata;
  const kept = finalizers.filter(isKept);
  if (kept.length === finalizers.length) return;
  await patch(world, pathOf({ metadata, ...rest }), { metadata: { uid, finalizers: kept } });
}

async function patch({ api, databases }: World, path: string, change: object): Promise<void> {
  const written = await api.patch(path, change);
  if (written) databases.note(written);
}

function pathOf(found: DatabaseObject): string {
  return `/apis/${group}/v1/namespaces/${namespaceOf(found)}/databases/${found.metadata.name}`;
}

function namespaceOf({ metadata }: KubeObject): string {
  return metadata.namespace ?? "";
}
