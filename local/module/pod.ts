// Plays kubelet for one pod of the module: its process, which probes and restarts see through its life.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Child, startChild } from "../processes";
import { answers } from "../waiting";
import type { Role } from "./manifests";
import { mountVolumes, type VolumeOptions } from "./volumes";

/** A pod of the module; all but its name, role and log changes with time. */
export interface Pod {
  readonly name: string;
  readonly role: Role;
  /** The file that it logs to, through all its restarts. */
  readonly log: string;
  /** The process that runs the module, once it listens. */
  readonly pid: number | undefined;
  /** Where it listens on loopback; another port after each restart. */
  readonly port: number | undefined;
  /** Where it tells its metrics, under the module's own certificate. */
  readonly metrics: string | undefined;
  readonly ready: boolean;
  readonly restarts: number;
}

/** A pod, and what may be done to it. */
export interface RunningPod extends Pod {
  /** SIGKILL for its processes, as if its memory had run out; it is started again. */
  kill(): Promise<void>;
  /** As when it is deleted: no new connections come, those that are there go on, and after the time of grace it is stopped. */
  retire(): Promise<void>;
  /** Ends it for good and removes its files but the log. */
  stop(): Promise<void>;
}

/** What a pod is made from. */
export interface PodOptions extends VolumeOptions {
  readonly name: string;
  readonly role: Role;
  readonly log: string;
  /** Replaces or adds to what the Deployment says. */
  readonly env: Readonly<Record<string, string>>;
}

interface State {
  child: Child | undefined;
  ready: boolean;
  isRetired: boolean;
  restarts: number;
}

/** Starts a pod as its Deployment says. */
export async function startPod(options: PodOptions): Promise<RunningPod> {
  const { renewal } = await mountVolumes(options);
  const state: State = { child: undefined, ready: false, isRetired: false, restarts: 0 };
  const stopping = new AbortController();
  const running = keepRunning(options, state, stopping.signal);
  // All at once by SIGKILL is how Pepr's pods always end: their first process, Pepr's controller.js, ignores SIGTERM, as
  // any process does that is the first of its container and does not ask for it, and does not pass it on.
  const kill = async (): Promise<void> => state.child?.kill();
  const stop = async (): Promise<void> => {
    clearInterval(renewal);
    stopping.abort();
    await kill();
    await running;
    rmSync(options.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  const retire = async (): Promise<void> => {
    state.isRetired = true;
    await sleep(options.deployment.spec.template.spec.terminationGracePeriodSeconds * 1000);
    await stop();
  };
  return Object.assign(view(options, state), { kill, retire, stop });
}

function view({ name, role, log, folder }: PodOptions, state: State): Pod {
  const listening = (): Listening | undefined => state.child && whereItListens(folder);
  return {
    name,
    role,
    log,
    get pid() {
      return listening()?.pid;
    },
    get port() {
      return listening()?.port;
    },
    get metrics() {
      const port = listening()?.port;
      return port === undefined ? undefined : `https://127.0.0.1:${port}/metrics`;
    },
    get ready() {
      return state.ready && !state.isRetired;
    },
    get restarts() {
      return state.restarts;
    },
  };
}

/** Starts the container again whenever it ends: after 1 s, then twice as long each time, 30 s at most. */
async function keepRunning(
  options: PodOptions,
  state: State,
  stopping: AbortSignal,
): Promise<void> {
  const over = (): boolean => stopping.aborted;
  for (let backOff = 1000; !over(); backOff = Math.min(backOff * 2, 30_000)) {
    const started = Date.now();
    rmSync(join(options.folder, "listening"), { force: true });
    state.child = startContainer(options);
    await watchHealth(state.child, options.folder, state);
    state.child = undefined;
    state.ready = false;
    if (over()) return;
    state.restarts += 1;
    // One that ran for a while starts over with the shortest pause.
    if (Date.now() - started > 60_000) backOff = 1000;
    await sleep(backOff, undefined, { signal: stopping }).catch(() => undefined);
  }
}

function startContainer({ name, deployment, controlPlane, folder, log, env }: PodOptions): Child {
  const container = deployment.spec.template.spec.containers[0];
  if (container === undefined) throw new Error(`${deployment.metadata.name} has no container`);
  const args = container.args.map(arg => (arg.startsWith("/app/") ? join(folder, arg) : arg));
  const { hostname, port } = new URL(controlPlane.url);
  return startChild(process.execPath, ["--require", join(__dirname, "pod.cjs"), ...args], {
    cwd: join(folder, "app"),
    env: {
      PATH: process.env["PATH"],
      // Without a kubeconfig, so that the configuration is the in-cluster one.
      HOME: folder,
      HOSTNAME: name,
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      POD_FOLDER: folder,
      ...Object.fromEntries(container.env.map(variable => [variable.name, variable.value])),
      ...env,
    },
    log,
  });
}

/** In ms, of Pepr's probes, and as long as they wait before the first. */
const probePeriod = 10_000;
const mostFailures = 3;

/**
 * Probes until the container ends: often until it is ready, so that nobody has to wait; as kubelet does for whether it lives, which
 * kills it after three failures, also before it was ever ready.
 */
async function watchHealth(child: Child, folder: string, state: State): Promise<void> {
  const end = new AbortController();
  void child.ended.then(() => {
    end.abort();
  });
  const started = Date.now();
  for (let failures = 0; child.running(); ) {
    const healthy = await isHealthy(folder);
    state.ready ||= healthy;
    const isDue = state.ready || Date.now() - started >= probePeriod * (failures + 1);
    failures = healthy ? 0 : failures + Number(isDue);
    if (failures === mostFailures) await child.kill();
    const pause = state.ready ? probePeriod : 100;
    await sleep(pause, undefined, { signal: end.signal }).catch(() => undefined);
  }
}

async function isHealthy(folder: string): Promise<boolean> {
  const listening = whereItListens(folder);
  return listening !== undefined && (await answers(listening.port, "/healthz"));
}

interface Listening {
  readonly pid: number;
  readonly port: number;
}

/** What pod.cjs has noted, once the module listens. */
function whereItListens(folder: string): Listening | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "listening"), "utf8")) as Listening;
  } catch {
    return undefined;
  }
}
