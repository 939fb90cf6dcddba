// Plays the Deployment controller: as many pods of each role as are wanted, and others in their place when the build changes.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ControlPlane } from "../control-plane/servers";
import { lastLines } from "../processes";
import { answers, until } from "../waiting";
import type { Manifests, Role } from "./manifests";
import { type RunningPod, startPod } from "./pod";
import type { Service } from "./service";

/** What `pepr build` made of a project. */
export interface Build {
  /** The folder that was built. */
  readonly project: string;
  readonly manifests: Manifests;
}

/** What the module runs on, and its pods. */
export interface Parts {
  readonly controlPlane: ControlPlane;
  readonly env: Readonly<Record<string, string>>;
  readonly suffix: string;
  readonly service: Service;
  readonly pods: RunningPod[];
  /** What new pods are made from. */
  build: Build;
  /** Given to no pod yet. */
  nextName: Record<Role, number>;
}

/** In seconds: a pod that does not come up is killed after 30 s and started again. */
const startPatience = 120;

/** Ends the last pods of a role or starts more. */
export async function resize(parts: Parts, role: Role, replicas: number): Promise<void> {
  const { pods } = parts;
  const present = pods.filter(pod => pod.role === role);
  const surplus = present.slice(replicas);
  for (const pod of surplus) pods.splice(pods.indexOf(pod), 1);
  await Promise.all(surplus.map(pod => pod.stop()));
  const missing = Math.max(0, replicas - present.length);
  const started = Array.from({ length: missing }, (_, index) =>
    newPod(parts, role, present.length + index),
  );
  const results = await Promise.allSettled(started);
  pods.push(...results.flatMap(result => (result.status === "fulfilled" ? result.value : [])));
  const failed = results.find(result => result.status === "rejected");
  if (failed) throw failed.reason;
}

/**
 * Replaces the pods of a role as its Deployment's strategy says. Pepr 1.1.4: admission has the default, one more and then one less
 * (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment), the watcher `Recreate`.
 */
export async function replacePods(parts: Parts, role: Role): Promise<void> {
  const { pods } = parts;
  const old = pods.filter(pod => pod.role === role);
  for (const pod of old) {
    const leave = (): void => void pods.splice(pods.indexOf(pod), 1);
    if (role === "watcher") {
      leave();
      await pod.stop();
    }
    pods.push(await newPod(parts, role, parts.nextName[role]));
    await allReady(parts);
    if (role === "admission") {
      leave();
      await pod.retire();
    }
  }
}

function newPod(parts: Parts, role: Role, index: number): Promise<RunningPod> {
  const { controlPlane, env, suffix } = parts;
  const { manifests, project } = parts.build;
  const deployment = manifests.deployments[role];
  if (deployment === undefined) throw new Error(`the module has no Deployment for ${role}`);
  parts.nextName[role] = Math.max(parts.nextName[role], index + 1);
  const name = `${deployment.metadata.name}-${index}${suffix}`;
  const folder = join(controlPlane.folder, "pods", name);
  mkdirSync(folder, { recursive: true });
  const log = join(controlPlane.folder, `${name}.log`);
  return startPod({ name, role, deployment, controlPlane, project, folder, log, env });
}

/** Waits until all pods are ready, and the Service leads to one. */
export async function allReady({ pods, service }: Parts): Promise<void> {
  const waiting = (): RunningPod[] => pods.filter(pod => !pod.ready);
  await until(() => waiting().length === 0, {
    what: "waiting for the module's pods",
    seconds: startPatience,
    details: () =>
      waiting()
        .map(pod => `${pod.name}:\n${lastLines(pod.log)}`)
        .join("\n"),
  });
  if (admissionPorts(pods).length === 0) return;
  await until(() => answers(service.port, "/healthz"), { what: "asking admission", seconds: 10 });
}

/** Where the Service leads. */
export function admissionPorts(pods: readonly RunningPod[]): number[] {
  return pods.filter(pod => pod.role === "admission" && pod.ready).flatMap(pod => pod.port ?? []);
}
