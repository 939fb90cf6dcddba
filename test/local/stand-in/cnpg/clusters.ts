/** Clusters for the tests: a good one, and how to change it. */
import type { Cluster, ClusterStatus } from "../../../../local/stand-in/cnpg/cluster";

export const now = "2026-11-21T11:21:00.628Z";

export const good: Cluster = {
  apiVersion: "postgresql.cnpg.io/v1",
  kind: "Cluster",
  metadata: { name: "orders-db", namespace: "demo", uid: "8928fb7e", resourceVersion: "388" },
  spec: {
    instances: 1,
    imageName: "ghcr.io/cloudnative-pg/postgresql:16",
    storage: { size: "2Gi" },
    bootstrap: { initdb: { database: "orders", owner: "orders_user" } },
  },
};

export function withSpec(spec: Cluster["spec"], cluster = good): Cluster {
  return { ...cluster, spec: { ...cluster.spec, ...spec } };
}

export function withName(name: string): Cluster {
  return { ...good, metadata: { ...good.metadata, name } };
}

export function withStatus(status: ClusterStatus, cluster = good): Cluster {
  return { ...cluster, status };
}

export function withAnnotations(annotations: Record<string, string>, cluster = good): Cluster {
  return { ...cluster, metadata: { ...cluster.metadata, annotations } };
}
