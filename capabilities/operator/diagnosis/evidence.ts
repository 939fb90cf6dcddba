/** What lies around a database that tells how it starts: its pods, volume claims and Jobs, and the events of those that stay silent. */
import type { KubeObject, Resource } from "../../kubernetes/objects";

export const podResource = {
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
} as const satisfies Resource;

export const volumeClaimResource = {
  group: "",
  version: "v1",
  kind: "PersistentVolumeClaim",
  plural: "persistentvolumeclaims",
} as const satisfies Resource;

export const jobResource = {
  group: "batch",
  version: "v1",
  kind: "Job",
  plural: "jobs",
} as const satisfies Resource;

export const statefulSetResource = {
  group: "apps",
  version: "v1",
  kind: "StatefulSet",
  plural: "statefulsets",
} as const satisfies Resource;

type ContainerState = {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: {
    readonly reason?: string;
    readonly exitCode?: number;
    readonly message?: string;
  };
  readonly running?: object;
};

export type ContainerStatus = {
  readonly name: string;
  readonly image?: string;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
};

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
export type Pod = KubeObject & {
  readonly spec?: { readonly imagePullSecrets?: readonly { readonly name?: string }[] };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
};

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/ */
export type VolumeClaim = KubeObject & {
  readonly spec?: {
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly dataSource?: unknown;
    readonly dataSourceRef?: unknown;
    readonly resources?: { readonly requests?: { readonly storage?: string } };
  };
  readonly status?: { readonly phase?: string; readonly capacity?: { readonly storage?: string } };
};

type JobContainer = {
  readonly name: string;
  readonly image?: string;
  readonly resources?: unknown;
};

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/ */
export type Job = KubeObject & {
  readonly spec?: {
    readonly template?: {
      readonly spec?: {
        readonly containers?: readonly JobContainer[];
        readonly nodeSelector?: unknown;
        readonly tolerations?: unknown;
      };
    };
  };
  readonly status?: {
    readonly succeeded?: number;
    readonly active?: number;
    /** Of its pods. */
    readonly ready?: number;
    readonly startTime?: string;
    readonly completionTime?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
      readonly lastTransitionTime?: string;
    }[];
  };
};

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
export type KubeEvent = KubeObject & {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly involvedObject?: { readonly kind?: string; readonly uid?: string };
};

export function newestFirst(events: readonly KubeEvent[]): readonly KubeEvent[] {
  const age = ({ lastTimestamp, eventTime, metadata }: KubeEvent): string =>
    lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? "";
  return [...events].sort((a, b) => age(b).localeCompare(age(a)));
}

export type Evidence = {
  readonly pods: readonly Pod[];
  readonly volumes: readonly VolumeClaim[];
  readonly jobs: readonly Job[];
  /** What else makes pods. */
  readonly sets: readonly KubeObject[];
  readonly events: readonly KubeEvent[];
  /** The label of a pod that names the instance which it runs. */
  readonly instanceLabel: string;
};

/** What was found, by kind. A label says little: only what the database's object or one of its Jobs controls is of this database. */
export function evidenceAround(
  database: KubeObject,
  found: readonly KubeObject[],
  instanceLabel: string,
): Evidence {
  const owned = (kind: string, uids: readonly (string | undefined)[]): readonly KubeObject[] =>
    found.filter(
      object =>
        object.kind === kind &&
        (object.metadata.ownerReferences ?? []).some(
          owner => owner.controller === true && uids.includes(owner.uid),
        ),
    );
  const { uid } = database.metadata;
  const jobs = owned(jobResource.kind, [uid]);
  return {
    jobs,
    sets: [],
    volumes: owned(volumeClaimResource.kind, [uid]),
    pods: owned(podResource.kind, [uid, ...jobs.map(({ metadata }) => metadata.uid)]),
    instanceLabel,
    events: eventsAmong(found),
  };
}

export function eventsAmong(found: readonly KubeObject[]): readonly KubeEvent[] {
  return found.filter(({ kind, apiVersion }) => kind === "Event" && apiVersion === "v1");
}

/** A claim without a volume, that a pod may be waiting for. */
export function isPending({ spec, status }: VolumeClaim): boolean {
  return spec?.volumeName === undefined && status?.phase !== "Bound";
}

export function isDone({ status }: Job): boolean {
  return (status?.succeeded ?? 0) > 0;
}

/** Placed on a node, and none of its containers has begun or says why not. */
export function isPreparing({ status }: Pod): boolean {
  const containers = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
  ];
  const silent = ["ContainerCreating", "PodInitializing"];
  return (
    status?.phase === "Pending" &&
    containers.length > 0 &&
    containers.every(({ state }) => silent.includes(state?.waiting?.reason ?? ""))
  );
}
