/** A `postgresql` called `shop-orders-db` and what lies around it, in the shapes of the recordings of Zalando's operator 2.0.1. */
import { builtInClass, type Class } from "../../../capabilities/claim/class";
import { postgresql } from "../../../capabilities/operator/zalando/postgresql";
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import { goodClaim, withSpec } from "../../good-claim";

export const chosen: Class = {
  ...builtInClass,
  name: "team-class",
  backend: "zalando",
  zalando: { teamId: "shop", clusterNamePrefix: "team" },
};

export const name = "shop-orders-db";
const labels = { application: "spilo", "cluster-name": name, team: "shop" };

type Fields = Readonly<Record<string, unknown>>;

export const desired = postgresql(withSpec({ version: "15" }), chosen);
export const replicated = postgresql(withSpec({ version: "15", instances: 2 }), chosen);

/** The object with the operator's word. */
export function database(word?: string, wanted: KubeObject = desired): KubeObject {
  const metadata = {
    ...wanted.metadata,
    uid: "database-uid",
    creationTimestamp: "2026-11-26T10:59:08Z",
  };
  const status = word === undefined ? {} : { status: { PostgresClusterStatus: word } };
  return { ...wanted, metadata, ...status };
}

export function object(
  kind: string,
  apiVersion: string,
  called: string,
  fields: Fields,
): KubeObject {
  const { namespace } = goodClaim.metadata;
  const metadata = {
    name: called,
    namespace,
    uid: `${called}-uid`,
    labels,
    ...(fields["metadata"] ?? {}),
  };
  return { apiVersion, kind, ...fields, metadata };
}

export function statefulSet(ready: number, replicas = ready, fields: Fields = {}): KubeObject {
  return object("StatefulSet", "apps/v1", name, {
    metadata: { generation: 1 },
    spec: { replicas },
    status: { observedGeneration: 1, readyReplicas: ready },
    ...fields,
  });
}

/** Where the Service of the primary leads to. */
export function endpoints(...pods: readonly string[]): KubeObject {
  const addresses = pods.map(pod => ({ ip: "10.244.0.9", targetRef: { kind: "Pod", name: pod } }));
  return object("Endpoints", "v1", name, { subsets: pods.length > 0 ? [{ addresses }] : [] });
}

export function pod(status: Fields): KubeObject {
  return object("Pod", "v1", `${name}-0`, {
    metadata: {
      labels: { ...labels, "statefulset.kubernetes.io/pod-name": `${name}-0` },
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "StatefulSet", name, uid: `${name}-uid`, controller: true },
      ],
    },
    status,
  });
}

export function volume(fields: Fields = { status: { phase: "Pending" } }): KubeObject {
  return object("PersistentVolumeClaim", "v1", `pgdata-${name}-0`, fields);
}

export function event(kind: string, reason: string, message: string, type = "Warning"): KubeObject {
  return object("Event", "v1", `${kind}-${reason}`, {
    involvedObject: { kind },
    ...{ type, reason, message, lastTimestamp: "2026-11-26T11:00:00Z" },
  });
}
