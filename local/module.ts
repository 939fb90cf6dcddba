// Runs the module as `pepr build` generated it on a control plane: its manifests, its bundle, its service account and RBAC.
// What a cluster's nodes would do is played: kubelet (module/pod.ts) and kube-proxy (module/service.ts).
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ControlPlane } from "./control-plane/servers";
import { type Manifests, manifestsFile, readManifests, type Role } from "./module/manifests";
import { type Pod, type RunningPod, startPod } from "./module/pod";
import { type Service, startService } from "./module/service";
import { lastLines, type Report, run } from "./processes";
import { answers, until } from "./waiting";

export type { Pod, Role };

/** What may be chosen. */
export interface ModuleOptions {
  /** The folder of the module that was built; this checkout if nothing is said. */
  readonly project?: string;
  /** Pods of each role; as generated if nothing is said. */
  readonly replicas?: Readonly<Partial<Record<Role, number>>>;
  /** Replaces or adds to the environment that was generated. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The running module. */
export interface RunningModule {
  /** Those that are meant to run; each tells its state of the moment. */
  readonly pods: readonly Pod[];
  /** SIGKILL for the processes of a pod; it comes back by itself. */
  kill(podName: string): Promise<void>;
  /** Ends the last pods of a role or starts more, and waits until all are ready. */
  scale(role: Role, replicas: number): Promise<void>;
  /** Ends all pods; the objects stay, so that admission is down and not gone. */
  stop(): Promise<void>;
}

interface Parts {
  readonly controlPlane: ControlPlane;
  readonly project: string;
  readonly env: Readonly<Record<string, string>>;
  readonly manifests: Manifests;
  readonly service: Service;
  readonly pods: RunningPod[];
}

const roles: readonly Role[] = ["admission", "watcher"];
const checkout = join(__dirname, "..");

/** Runs `pepr build`, unless nothing has changed since it last did. */
export async function buildModule(report: Report, project = checkout): Promise<void> {
  const built = manifestsFile(project);
  if (changed(built) > newest(project)) return;
  report("building the module (pepr build)");
  const cli = join(project, "node_modules", "pepr", "dist", "cli.js");
  const outcome = await run(process.execPath, [cli, "build"], { cwd: project });
  if (outcome.code !== 0 || changed(built) < newest(project)) {
    throw new Error(`pepr build failed\n${outcome.stdout}${outcome.stderr}`);
  }
}

/** Applies the generated manifests, starts the pods and waits until admission and watcher are ready. */
export async function startModule(
  controlPlane: ControlPlane,
  { project = checkout, replicas = {}, env = {} }: ModuleOptions = {},
): Promise<RunningModule> {
  const pods: RunningPod[] = [];
  const service = await startService(() => admissionPorts(pods));
  const manifests = readManifests(project, service.port);
  const parts: Parts = { controlPlane, project, env, manifests, service, pods };
  try {
    await apply(parts);
    const wanted = (role: Role): number =>
      replicas[role] ?? manifests.deployments[role]?.spec.replicas ?? 0;
    for (const role of roles) await resize(parts, role, wanted(role));
    await allReady(parts);
  } catch (error) {
    await stop(parts);
    throw error;
  }
  return offer(parts);
}

function offer(parts: Parts): RunningModule {
  const { pods } = parts;
  return {
    pods,
    kill: async name => {
      const pod = pods.find(candidate => candidate.name === name);
      if (pod === undefined) throw new Error(`there is no pod ${name}`);
      await pod.kill();
    },
    scale: async (role, replicas) => {
      await resize(parts, role, replicas);
      await allReady(parts);
    },
    stop: () => stop(parts),
  };
}

async function stop({ pods, service }: Parts): Promise<void> {
  await Promise.all(pods.splice(0).map(pod => pod.stop()));
  await service.stop();
}

async function apply({ controlPlane, manifests }: Parts): Promise<void> {
  const list = { apiVersion: "v1", kind: "List", items: manifests.objects };
  // On the server, since the module's Secret is too large for the annotation of a client's apply.
  const args = ["apply", "--server-side", "--force-conflicts", "-f", "-"];
  const outcome = await controlPlane.kubectl(args, JSON.stringify(list));
  if (outcome.code !== 0) throw new Error(`applying the module's manifests: ${outcome.stderr}`);
}

async function resize(parts: Parts, role: Role, replicas: number): Promise<void> {
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

function newPod(parts: Parts, role: Role, index: number): Promise<RunningPod> {
  const { controlPlane, manifests, project, env } = parts;
  const deployment = manifests.deployments[role];
  if (deployment === undefined) throw new Error(`the module has no Deployment for ${role}`);
  const name = `${deployment.metadata.name}-${index}`;
  const folder = join(controlPlane.folder, "pods", name);
  mkdirSync(folder, { recursive: true });
  const log = join(controlPlane.folder, `${name}.log`);
  return startPod({ name, role, deployment, controlPlane, project, folder, log, env });
}

async function allReady({ pods, service }: Parts): Promise<void> {
  const waiting = (): RunningPod[] => pods.filter(pod => !pod.ready);
  await until(() => waiting().length === 0, {
    what: "waiting for the module's pods",
    seconds: 60,
    details: () =>
      waiting()
        .map(pod => `${pod.name}:\n${lastLines(pod.log)}`)
        .join("\n"),
  });
  if (admissionPorts(pods).length === 0) return;
  await until(() => answers(service.port, "/healthz"), { what: "asking admission", seconds: 10 });
}

function admissionPorts(pods: readonly RunningPod[]): number[] {
  return pods.filter(pod => pod.role === "admission" && pod.ready).flatMap(pod => pod.port ?? []);
}

/** When the newest of all that `pepr build` reads was changed; folders too, since a file may have been removed. */
function newest(project: string): number {
  const capabilities = readdirSync(join(project, "capabilities"), { recursive: true });
  const files = ["pepr.ts", "package.json", "package-lock.json", "tsconfig.json", "capabilities"];
  const read = [...files, ...capabilities.map(file => join("capabilities", file.toString()))];
  return Math.max(...read.map(file => changed(join(project, file))));
}

function changed(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
