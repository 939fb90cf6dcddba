/** Pods of backups, and what a kubelet says of them. Pure. */
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import { secondOf } from "../../../capabilities/kubernetes/time";

export type Container = {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
  }[];
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly subPath?: string;
  }[];
};

export type Volume = {
  readonly name: string;
  readonly nfs?: { readonly server: string; readonly path: string };
  readonly persistentVolumeClaim?: { readonly claimName: string };
};

export type BackupPod = KubeObject & {
  readonly spec: {
    readonly containers: readonly [Container];
    readonly volumes: readonly Volume[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly startTime?: string;
    readonly containerStatuses?: readonly object[];
  };
};

/** How a container ended, with its last words. */
export type End = { readonly exitCode: number; readonly message: string };

type Json = Readonly<Record<string, unknown>>;

export function runningStatus(pod: BackupPod, now: Date): Json {
  const startedAt = secondOf(now);
  return {
    phase: "Running",
    startTime: startedAt,
    conditions: [{ type: "Ready", status: "True", lastTransitionTime: startedAt }],
    containerStatuses: [containerStatus(pod, { running: { startedAt } }, true)],
  };
}

export function endedStatus(pod: BackupPod, { exitCode, message }: End, now: Date): Json {
  const isGood = exitCode === 0;
  const finishedAt = secondOf(now);
  const terminated = {
    exitCode,
    message,
    reason: isGood ? "Completed" : "Error",
    startedAt: finishedAt,
    finishedAt,
  };
  return {
    phase: isGood ? "Succeeded" : "Failed",
    conditions: [{ type: "Ready", status: "False", lastTransitionTime: finishedAt }],
    containerStatuses: [containerStatus(pod, { terminated }, false)],
  };
}

function containerStatus({ spec }: BackupPod, state: Json, ready: boolean): Json {
  const [{ name, image }] = spec.containers;
  return { name, image, imageID: "", ready, restartCount: 0, state };
}
