// Runs the module as `pepr build` generated it on a control plane: its manifests, its bundle, its service account and RBAC.
// What a cluster's nodes would do is played: kubelet (module/pod.ts) and kube-proxy (module/service.ts).
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ControlPlane } from "./control-plane/servers";
import { type Manifest, manifestsFile, readManifests, type Role } from "./module/manifests";
import type { Pod, RunningPod } from "./module/pod";
import { admissionPorts, allReady, type Parts, replacePods, resize } from "./module/pods";
import { startService } from "./module/service";
import { type Report, run } from "./processes";

export type { Pod, Role };

/** What may be chosen. */
export interface ModuleOptions {
  /** The folder of the module that was built; this checkout if nothing is said. */
  readonly project?: string;
  /** Pods of each role; as generated if nothing is said. */
  readonly replicas?: Readonly<Partial<Record<Role, number>>>;
  /** Ends the names of the pods, where those of two builds are to be there at once. */
  readonly suffix?: string;
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
  /** Replaces the pods of a role by others of the same build, as `kubectl rollout restart` does. */
  restart(role: Role): Promise<void>;
  /** Puts another build in the place of this one, as `pepr deploy` does in the folder of that project. */
  redeploy(project: string): Promise<void>;
  /** Ends all pods; the objects stay, so that admission is down and not gone. */
  stop(): Promise<void>;
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
  { project = checkout, replicas = {}, suffix = "", env = {} }: ModuleOptions = {},
): Promise<RunningModule> {
  const pods: RunningPod[] = [];
  const service = await startService(() => admissionPorts(pods));
  const manifests = readManifests(project, service.port);
  const build = { project, manifests };
  const nextName = { admission: 0, watcher: 0 };
  const parts: Parts = { controlPlane, env, suffix, service, pods, build, nextName };
  try {
    await apply(controlPlane, manifests.objects);
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
    restart: role => replacePods(parts, role),
    redeploy: project => redeploy(parts, project),
    stop: () => stop(parts),
  };
}

/** Pepr 1.1.4 applies the webhooks first and the certificate that they ask for last; then Kubernetes replaces the pods. */
async function redeploy(parts: Parts, project: string): Promise<void> {
  const { controlPlane, service } = parts;
  const manifests = readManifests(project, service.port);
  const { objects } = manifests;
  const last = [...manifests.certificates, ...manifests.webhookConfigurations];
  await apply(controlPlane, manifests.webhookConfigurations);
  await apply(
    controlPlane,
    objects.filter(object => !last.includes(object)),
  );
  await apply(controlPlane, manifests.certificates);
  parts.build = { project, manifests };
  for (const role of roles) await replacePods(parts, role);
}

async function stop({ pods, service }: Parts): Promise<void> {
  await Promise.all(pods.splice(0).map(pod => pod.stop()));
  await service.stop();
}

async function apply(controlPlane: ControlPlane, items: readonly Manifest[]): Promise<void> {
  const list = { apiVersion: "v1", kind: "List", items };
  // On the server, since the module's Secret is too large for the annotation of a client's apply.
  const args = ["apply", "--server-side", "--force-conflicts", "-f", "-"];
  const outcome = await controlPlane.kubectl(args, JSON.stringify(list));
  if (outcome.code !== 0) throw new Error(`applying the module's manifests: ${outcome.stderr}`);
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
