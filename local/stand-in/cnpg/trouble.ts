/**
 * Plays what CNPG, kubelet and scheduler leave behind where a Cluster cannot start: its volume claim, its Job, a pod and events, as
 * recorded (20 to 22). The Job and the claim stay as they were made, whatever becomes of the Cluster. Pure.
 */
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import { apiVersion, imageOf, marks, operatorVersion } from "./cluster";
import type { Cluster } from "./cluster";

/** There are no nodes, registries and StorageClasses here, so some names stand for what is not there. */
export const impossible = {
  /** A registry of this domain can never be: https://www.rfc-editor.org/rfc/rfc2606 */
  registry: ".invalid/",
  /** As the value of a node selector. */
  node: "nowhere",
  storageClass: "missing",
} as const;

type Json = Readonly<Record<string, unknown>>;

export type Job = KubeObject & {
  readonly spec?: { readonly template?: { readonly spec?: Template } };
};
type Template = {
  readonly containers?: readonly { readonly image?: string }[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
};
export type VolumeClaim = KubeObject & { readonly spec?: { readonly storageClassName?: string } };

export type Trouble = "image" | "placement" | "storageClass";

/** What is wrong with the Cluster as it is defined now. */
export function troubleOf({ spec }: Cluster): Trouble | undefined {
  if (spec.storage?.storageClass === impossible.storageClass) return "storageClass";
  if (isNowhere(spec.affinity?.nodeSelector)) return "placement";
  return imageOf({ spec } as Cluster).includes(impossible.registry) ? "image" : undefined;
}

/** What is wrong with the start that was begun: its Job and its volume claim are what counts. */
export function troubleOfStart(job: Job, volume: VolumeClaim): Trouble | undefined {
  const { containers = [], nodeSelector } = job.spec?.template?.spec ?? {};
  if (volume.spec?.storageClassName === impossible.storageClass) return "storageClass";
  if (isNowhere(nodeSelector)) return "placement";
  const isUnpullable = containers.some(({ image = "" }) => image.includes(impossible.registry));
  return isUnpullable ? "image" : undefined;
}

function isNowhere(nodeSelector: Readonly<Record<string, string>> = {}): boolean {
  return Object.values(nodeSelector).includes(impossible.node);
}

/** The claim of the first instance. */
export function volumeClaim(cluster: Cluster): KubeObject {
  const { size, storageClass } = cluster.spec.storage ?? {};
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      ...metadata(cluster, ""),
      annotations: {
        ...annotations,
        "cnpg.io/nodeSerial": "1",
        "cnpg.io/pvcStatus": "initializing",
      },
    },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: size } },
      storageClassName: storageClass ?? "stand-in",
    },
  } as KubeObject;
}

/** The job controller leaves these Jobs alone: what it and the kubelet would do is played. */
export const jobManager = "zero-touch-postgres/stand-in";

/** The Job that makes the first instance's data. */
export function initdbJob(cluster: Cluster): KubeObject {
  const { resources = {}, affinity = {} } = cluster.spec;
  const { nodeSelector, tolerations } = affinity;
  const made = metadata(cluster, "-initdb");
  const labels = { ...made.labels, "cnpg.io/jobRole": "initdb" };
  const initdb = { name: "initdb", image: imageOf(cluster), resources };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { ...made, labels },
    spec: {
      managedBy: jobManager,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: "Never",
          containers: [initdb],
          ...(nodeSelector && { nodeSelector }),
          ...(tolerations && { tolerations }),
        },
      },
    },
  } as KubeObject;
}

/** The pod that the job controller makes of it. */
export function podOf(job: Job): KubeObject {
  const { name, namespace, uid, labels } = job.metadata;
  const owner = { apiVersion: "batch/v1", kind: "Job", name, uid, controller: true };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${name}-${uid?.slice(0, 5) ?? ""}`,
      namespace,
      labels,
      ownerReferences: [owner],
    },
    ...{ spec: job.spec?.template?.spec },
  } as KubeObject;
}

const noNode =
  "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
const unbound =
  "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found";

/** What the scheduler and the kubelet say in the pod's status. */
export function podStatus(trouble: Trouble, job: Job): Json {
  const { image = "" } = job.spec?.template?.spec?.containers?.[0] ?? {};
  if (trouble !== "image") {
    const message = trouble === "placement" ? noNode : unbound;
    const unplaced = { type: "PodScheduled", status: "False", reason: "Unschedulable", message };
    return { phase: "Pending", conditions: [unplaced] };
  }
  const [host = ""] = image.split("/");
  const message = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": failed to do request: dial tcp: lookup ${host}: no such host`;
  const state = { waiting: { reason: "ErrImagePull", message } };
  const waiting = { name: "initdb", image, imageID: "", ready: false, restartCount: 0, state };
  const placed = { type: "PodScheduled", status: "True" };
  return { phase: "Pending", conditions: [placed], containerStatuses: [waiting] };
}

/** What the volume controller says of the claim. */
export function volumeEvent(volume: VolumeClaim, now: string): KubeObject {
  const message = `storageclass.storage.k8s.io "${volume.spec?.storageClassName ?? ""}" not found`;
  return warning(volume, {
    reason: "ProvisioningFailed",
    message,
    by: "persistentvolume-controller",
    now,
  });
}

/** What the job controller says of a Job whose pods the API server does not take. */
export function refusalEvent(job: Job, refusal: string, now: string): KubeObject {
  const message = `Error creating: ${refusal}`;
  return warning(job, { reason: "FailedCreate", message, by: "job-controller", now });
}

type Said = {
  readonly reason: string;
  readonly message: string;
  readonly by: string;
  readonly now: string;
};

function warning(on: KubeObject, { reason, message, by, now }: Said): KubeObject {
  const { apiVersion, kind, metadata } = on;
  const { name, namespace, uid } = metadata;
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.${uid ?? ""}`, namespace: namespace ?? "" },
    ...{
      involvedObject: { apiVersion, kind, name, namespace, uid },
      type: "Warning",
      reason,
      message,
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      source: { component: by },
    },
  };
}

const annotations = { [marks.standIn]: "true", "cnpg.io/operatorVersion": operatorVersion };

/** Of what CNPG makes beside a Cluster for its first instance. */
export function metadata({ metadata: { name, namespace, uid } }: Cluster, suffix: string) {
  const instance = `${name}-1`;
  return {
    name: `${instance}${suffix}`,
    namespace,
    labels: { "cnpg.io/cluster": name, "cnpg.io/instanceName": instance },
    annotations,
    ownerReferences: [{ apiVersion, kind: "Cluster", name, uid, controller: true }],
  };
}

/** A time as the API server writes it, to the second. */
export function secondOf(now: Date): string {
  return `${now.toISOString().slice(0, "2026-01-01T00:00:00".length)}Z`;
}
