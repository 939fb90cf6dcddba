/** What lies around a Cluster `orders-db`, in the shapes of the recordings of CNPG 1.30.0 and of what a kubelet writes. */
import type { Cluster } from "../../../capabilities/operator/cnpg/cluster";
import type { KubeObject, OwnerReference } from "../../../capabilities/kubernetes/objects";

export const clusterUid = "cluster-uid";
export const jobUid = "job-uid";

export const instance = "orders-db-1";
const labels = { "cnpg.io/cluster": "orders-db", "cnpg.io/instanceName": instance };

function owner(kind: "Cluster" | "Job", uid: string): OwnerReference {
  const apiVersion = kind === "Job" ? "batch/v1" : "postgresql.cnpg.io/v1";
  return { apiVersion, kind, name: "any", uid, controller: true };
}

type Fields = Readonly<Record<string, unknown>>;

function object(kind: string, apiVersion: string, name: string, fields: Fields): KubeObject {
  const made = { apiVersion, kind, ...fields };
  return {
    ...made,
    metadata: { name, namespace: "team-a", uid: `${name}-uid`, labels, ...(fields.metadata ?? {}) },
  };
}

export function database(
  status: Fields = { phase: "Setting up primary" },
  spec: Fields = {},
): KubeObject {
  return object("Cluster", "postgresql.cnpg.io/v1", "orders-db", {
    metadata: { uid: clusterUid },
    spec,
    status,
  });
}

export function job(status: Fields = { active: 1 }, spec: Fields = {}): KubeObject {
  return object("Job", "batch/v1", `${instance}-initdb`, {
    metadata: {
      uid: jobUid,
      labels: { ...labels, "cnpg.io/jobRole": "initdb" },
      ownerReferences: [owner("Cluster", clusterUid)],
    },
    spec,
    status,
  });
}

/** The Job of a major upgrade to this version. */
export function upgradeJob(major: number, status: Fields = { active: 1 }): KubeObject {
  const image = `ghcr.io/cloudnative-pg/postgresql:${major}`;
  return object("Job", "batch/v1", `${instance}-major-upgrade`, {
    metadata: {
      uid: jobUid,
      labels: { ...labels, "cnpg.io/jobRole": "major-upgrade" },
      ownerReferences: [owner("Cluster", clusterUid)],
    },
    spec: { template: { spec: { containers: [{ name: "major-upgrade", image }] } } },
    status,
  });
}

/** The pod of the initdb Job. */
export function pod(status: Fields, name = `${instance}-initdb-vl9hz`): KubeObject {
  return object("Pod", "v1", name, {
    metadata: { ownerReferences: [owner("Job", jobUid)] },
    status: { phase: "Pending", ...status },
  });
}

/** The pod of the instance itself. */
export function instancePod(status: Fields): KubeObject {
  return object("Pod", "v1", instance, {
    metadata: { ownerReferences: [owner("Cluster", clusterUid)] },
    status,
  });
}

export function volume(spec: Fields = {}, phase = "Pending"): KubeObject {
  return object("PersistentVolumeClaim", "v1", instance, {
    metadata: {
      uid: "volume-uid",
      ownerReferences: [owner("Cluster", clusterUid)],
      annotations: { "cnpg.io/pvcStatus": "initializing" },
    },
    spec: { storageClassName: "local", ...spec },
    status: { phase },
  });
}

export const boundVolume = volume({ volumeName: "pvc-volume-uid" }, "Bound");

export function event(on: string, reason: string, message: string, second = 0): KubeObject {
  return object("Event", "v1", `${on}.${reason}.${second}`, {
    involvedObject: { kind: on },
    reason,
    message,
    lastTimestamp: `2026-11-21T11:25:${String(second).padStart(2, "0")}Z`,
  });
}

/** The status of a pod one container of which waits. */
export function waiting(reason: string, message?: string): Fields {
  const image = "registry.invalid/postgresql:16";
  const state = { waiting: { reason, ...(message === undefined ? {} : { message }) } };
  return { containerStatuses: [{ name: "initdb", image, state }] };
}

export function unplaced(message: string): Fields {
  const reason = "Unschedulable";
  return { conditions: [{ type: "PodScheduled", status: "False", reason, message }] };
}

/** The initdb Job that CNPG makes of a Cluster. */
export function jobOf({ spec }: Cluster): KubeObject {
  const { imageName: image, resources, affinity } = spec;
  const initdb = { name: "initdb", image, resources };
  return job({ active: 1 }, { template: { spec: { containers: [initdb], ...affinity } } });
}

/** A bound volume claim that asks for one size and has another. */
export function sizedVolume(
  storage: string,
  capacity?: string,
  name = instance,
  role = "PG_DATA",
): KubeObject {
  const found = volume({ volumeName: `pv-of-${name}`, resources: { requests: { storage } } });
  return {
    ...found,
    metadata: {
      ...found.metadata,
      name,
      uid: `${name}-uid`,
      labels: { ...labels, "cnpg.io/pvcRole": role },
    },
    ...{ status: { phase: "Bound", ...(capacity && { capacity: { storage: capacity } }) } },
  };
}
