/**
 * Plays CNPG for Poolers: a Service, and the status of a Deployment that is there. NO PGBOUNCER RUNS: nothing listens behind the
 * Service, as nothing does behind those of Clusters. As CNPG's sources and its CRD have it, there are no recordings.
 */
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import type { Api } from "../api";
import type { Database } from "../database";
import type { Feed } from "../watch";
import { apiVersion, group, keyOf, marks } from "./cluster";
import type { Cluster } from "./cluster";

export type PoolerObject = KubeObject & {
  readonly spec: { readonly cluster: { readonly name: string }; readonly instances?: number };
  readonly status?: { readonly phase?: string; readonly instances?: number };
};

type World = {
  readonly api: Api;
  readonly clusters: Feed<Cluster>;
  readonly poolers: Feed<PoolerObject>;
  readonly say: (line: string) => void;
};

/** When to look again whether the Cluster's server is up, in ms. */
const lookAgain = 500;

/** The work for a queue: takes the key of a Pooler, tells in how many ms to come back. */
export function poolerReconciler(
  database: Pick<Database, "server">,
  world: World,
): (key: string) => Promise<number | undefined> {
  return async key => {
    const found = world.poolers.get(key);
    if (!found || found.metadata.deletionTimestamp !== undefined) return undefined;
    const { metadata, spec } = found;
    const cluster = world.clusters.get(`${metadata.namespace ?? ""}/${spec.cluster.name}`);
    if (!cluster || !database.server(cluster.metadata.uid)) return lookAgain;
    if (!isTold(found)) await tell(world, found);
    return undefined;
  };
}

function isTold({ spec, status = {} }: PoolerObject): boolean {
  return status.phase === "active" && status.instances === (spec.instances ?? 1);
}

async function tell({ api, poolers, say }: World, found: PoolerObject): Promise<void> {
  const { namespace = "", name, uid } = found.metadata;
  const { instances = 1 } = found.spec;
  await api.create(`/api/v1/namespaces/${namespace}/services`, service(found));
  const written = await api.patch(
    `/apis/${group}/v1/namespaces/${namespace}/poolers/${name}/status`,
    { metadata: { uid }, status: { phase: "active", instances } },
  );
  if (written) poolers.note(written);
  say(`${keyOf(found)}: called active with ${instances} instances, but no PgBouncer runs`);
}

function service({ metadata: { name, namespace, uid = "" } }: PoolerObject): KubeObject {
  const owner = { apiVersion, kind: "Pooler", name, uid, controller: true };
  const labels = { "cnpg.io/poolerName": name };
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations: { [marks.standIn]: "true" },
      ownerReferences: [owner],
    },
    ...{
      spec: { type: "ClusterIP", selector: labels, ports: [{ name: "pgbouncer", port: 5432 }] },
    },
  };
}
