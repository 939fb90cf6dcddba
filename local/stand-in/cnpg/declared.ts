/**
 * Plays CNPG for what is declared within a Cluster by an object of its own, a database or a role: provides it in the Cluster's server,
 * says so in the status, and drops it where the object goes and says so. Follows recordings 30 to 38.
 */
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import type { Api } from "../api";
import type { Database } from "../database";
import type { Feed } from "../watch";
import { group, keyOf } from "./cluster";
import type { Cluster } from "./cluster";

export type Declared = KubeObject & {
  readonly spec: { readonly cluster: { readonly name: string }; readonly name: string };
  readonly status?: DeclaredStatus;
};

export type DeclaredStatus = {
  readonly applied?: boolean;
  readonly message?: string | null;
  readonly observedGeneration?: number;
};

export type World<T extends Declared> = {
  readonly api: Api;
  readonly clusters: Feed<Cluster>;
  readonly declared: Feed<T>;
  readonly say: (line: string) => void;
};

/** What came of providing: what PostgreSQL has against it, and what else the status tells. */
export type Provided = { readonly fault?: string | undefined; readonly details?: object };

export type Part<T extends Declared> = {
  readonly plural: string;
  readonly finalizer: string;
  readonly provide: (uid: string, found: T) => Promise<Provided>;
  /** Gives what PostgreSQL has against it; undefined where it is dropped, or is to be retained. */
  readonly drop: (uid: string, found: T) => Promise<string | undefined>;
  /** Whether the status tells why it could not be dropped: of a Database it does not. */
  readonly tellsOfDrop: boolean;
};

/** CNPG tries what has failed again after these ms. */
const retryDelay = 30_000;
/** When to look again whether the Cluster's server is up, in ms. */
const lookAgain = 500;
const clusterGone = "cluster resource has been deleted, skipping reconciliation";

/** The work for a queue: takes the key of an object, tells in how many ms to come back. */
export function declaredReconciler<T extends Declared>(
  server: Pick<Database, "server">,
  part: Part<T>,
  world: World<T>,
): (key: string) => Promise<number | undefined> {
  return async key => {
    const found = world.declared.get(key);
    if (!found) return undefined;
    const cluster = world.clusters.get(`${namespaceOf(found)}/${found.spec.cluster.name}`);
    if (!cluster) return orphan(part, world, found);
    const { uid } = cluster.metadata;
    if (found.metadata.deletionTimestamp !== undefined) return letGo(uid, part, world, found);
    if (found.status?.observedGeneration === found.metadata.generation) return undefined;
    if (!server.server(uid)) return lookAgain;
    await setFinalizers(part, world, found, finalizers => [
      ...new Set([...finalizers, part.finalizer]),
    ]);
    return tell(part, world, found, await part.provide(uid, found));
  };
}

async function tell<T extends Declared>(
  part: Part<T>,
  world: World<T>,
  found: T,
  { fault, details = {} }: Provided,
): Promise<number | undefined> {
  const { generation, uid } = found.metadata;
  const status =
    fault === undefined
      ? { applied: true, message: null, observedGeneration: generation, ...details }
      : { applied: false, message: fault, ...details };
  await patch(world, `${pathOf(part, found)}/status`, { metadata: { uid }, status });
  world.say(`${part.plural} ${keyOf(found)}: ${fault ?? "applied"}`);
  return fault === undefined ? undefined : retryDelay;
}

async function letGo<T extends Declared>(
  uid: string,
  part: Part<T>,
  world: World<T>,
  found: T,
): Promise<number | undefined> {
  if (!(found.metadata.finalizers ?? []).includes(part.finalizer)) return undefined;
  const fault = await part.drop(uid, found);
  if (fault === undefined) {
    await setFinalizers(part, world, found, without(part.finalizer));
    return undefined;
  }
  if (part.tellsOfDrop && found.status?.message !== fault) {
    const status = { applied: false, message: fault };
    await patch(world, `${pathOf(part, found)}/status`, { status });
  }
  return retryDelay;
}

/** The Cluster has gone. Releases of CNPG were seen that never look at the object again, whatever Cluster comes after. */
async function orphan<T extends Declared>(
  part: Part<T>,
  world: World<T>,
  found: T,
): Promise<undefined> {
  const { status = {}, metadata } = found;
  if (metadata.deletionTimestamp === undefined) {
    if (status.observedGeneration === undefined || status.message === clusterGone) return;
    await patch(world, `${pathOf(part, found)}/status`, {
      metadata: { uid: metadata.uid },
      status: { applied: false, message: clusterGone },
    });
  }
  await setFinalizers(part, world, found, without(part.finalizer));
}

function without(finalizer: string): (finalizers: readonly string[]) => readonly string[] {
  return finalizers => finalizers.filter(name => name !== finalizer);
}

async function setFinalizers<T extends Declared>(
  part: Part<T>,
  world: World<T>,
  found: T,
  change: (finalizers: readonly string[]) => readonly string[],
): Promise<void> {
  const { finalizers = [], uid } = found.metadata;
  const wanted = change(finalizers);
  if (wanted.length === finalizers.length) return;
  await patch(world, pathOf(part, found), { metadata: { uid, finalizers: wanted } });
}

async function patch<T extends Declared>(
  { api, declared }: World<T>,
  path: string,
  change: object,
): Promise<void> {
  const written = await api.patch(path, change);
  if (written) declared.note(written);
}

function pathOf<T extends Declared>({ plural }: Part<T>, found: T): string {
  return `/apis/${group}/v1/namespaces/${namespaceOf(found)}/${plural}/${found.metadata.name}`;
}

function namespaceOf({ metadata }: KubeObject): string {
  return metadata.namespace ?? "";
}
