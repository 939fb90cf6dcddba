// A real control plane on this machine's loopback: etcd, kube-apiserver and kube-controller-manager in a temporary folder.
// No scheduler, no kubelet, no Deployments: what pods there are, module.ts and the stand-ins play.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Child,
  lastLines,
  type Outcome,
  removeFolder,
  type Report,
  run,
  startChild,
  temporaryFolder,
} from "../processes";
import { answers, until } from "../waiting";
import { type Binaries, controlPlaneBinaries } from "./binaries";
import {
  commandLine,
  etcdSocket,
  kubeconfig,
  type Layout,
  layOut,
  type ServerName,
  serverNames,
} from "./command-lines";
import { freePort } from "./ports";

/** What may be chosen. */
export interface ControlPlaneOptions {
  /** An audit policy (YAML); without one nothing is audited. */
  readonly auditPolicy?: string;
  /** Takes the progress of a first build, and the last words of a server that ends by itself. */
  readonly report?: Report;
}

/** A running control plane. */
export interface ControlPlane {
  readonly url: string;
  /** In PEM. */
  readonly certificateAuthority: string;
  /** Path of an admin's kubeconfig. */
  readonly kubeconfig: string;
  /** Path of the audit log, where an audit policy was given. */
  readonly auditLog: string | undefined;
  /** Where it keeps everything; goes with it. Logs are there as `<server>.log`. */
  readonly folder: string;
  /** Runs kubectl as admin. */
  kubectl(args: readonly string[], input?: string): Promise<Outcome>;
  /** SIGKILL, as a fault. */
  kill(server: ServerName): Promise<void>;
  /** Starts a killed server again on the same port and data, and waits until it serves. */
  start(server: ServerName): Promise<void>;
  /** Ends all servers and removes the folder. */
  stop(): Promise<void>;
}

interface Servers {
  readonly binaries: Binaries;
  readonly layout: Layout;
  readonly report: Report;
  /** Those that are meant to run; one that ended by itself may still be here. */
  readonly running: Map<ServerName, Child>;
}

/** Starts all servers and waits until a namespace gets its service account. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const report = options.report ?? (() => undefined);
  const binaries = await controlPlaneBinaries(report);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startServers(binaries, report, options.auditPolicy);
    } catch (error) {
      // Another process was quicker to take a port that had been free.
      if (attempt === 3 || !String(error).includes("address already in use")) throw error;
    }
  }
}

async function startServers(
  binaries: Binaries,
  report: Report,
  auditPolicy: string | undefined,
): Promise<ControlPlane> {
  const folder = temporaryFolder("zero-touch-postgres");
  const layout = layOut(folder, await freePort(), auditPolicy);
  const servers: Servers = { binaries, layout, report, running: new Map() };
  try {
    for (const server of serverNames) await start(server, servers);
    return offer(servers);
  } catch (error) {
    await stop(servers);
    throw error;
  }
}

function offer(servers: Servers): ControlPlane {
  const { folder, port, auditLog } = servers.layout;
  return {
    url: `https://127.0.0.1:${port}`,
    certificateAuthority: certificateAuthority(folder),
    kubeconfig: join(folder, "kubeconfig"),
    auditLog,
    folder,
    kubectl: (args, input) => kubectl(servers, args, input),
    kill: server => kill(server, servers),
    start: server => start(server, servers),
    stop: () => stop(servers),
  };
}

async function start(server: ServerName, servers: Servers): Promise<void> {
  if (servers.running.get(server)?.running()) throw new Error(`${server} is running`);
  const child = launch(server, servers);
  await until(() => serves(server, servers), {
    what: `starting ${server}`,
    seconds: 60,
    hopeless: () => (child.running() ? undefined : `it ended\n${lastLines(child.log)}`),
    details: () => lastLines(child.log),
  });
  void child.ended.then(how => {
    // Not when it was killed on purpose.
    if (servers.running.get(server) !== child) return;
    servers.report(`${server} ended by itself: ${how}\n${lastLines(child.log)}`);
  });
}

function launch(server: ServerName, { binaries, layout, running }: Servers): Child {
  const { folder } = layout;
  if (server === "etcd") rmSync(etcdSocket(folder), { force: true });
  const child = startChild(binaries[server], commandLine(server, layout), {
    log: join(folder, `${server}.log`),
    // Without the caller's environment, whose proxies the API server would use to call webhooks.
    env: { HOME: folder },
  });
  running.set(server, child);
  return child;
}

async function kill(server: ServerName, { running }: Servers): Promise<void> {
  const child = running.get(server);
  running.delete(server);
  await child?.kill();
}

async function stop(servers: Servers): Promise<void> {
  await Promise.all(serverNames.map(server => kill(server, servers)));
  removeFolder(servers.layout.folder);
}

async function serves(server: ServerName, servers: Servers): Promise<boolean> {
  const { layout, running } = servers;
  if (server === "kube-controller-manager") return collectsGarbage(servers);
  // With an API server, etcd serves when that one says so.
  const alone = !running.get("kube-apiserver")?.running();
  if (server === "etcd" && alone) return existsSync(etcdSocket(layout.folder));
  if (!existsSync(certificate(layout.folder))) return false;
  const ca = certificateAuthority(layout.folder);
  if (!(await answers(layout.port, "/readyz", ca))) return false;
  writeFileSync(join(layout.folder, "kubeconfig"), kubeconfig(layout, ca), { mode: 0o600 });
  return true;
}

/** Whether the controllers do their work: service accounts are made, and an object without its owner goes. */
async function collectsGarbage(servers: Servers): Promise<boolean> {
  const account = await kubectl(servers, ["get", "serviceaccount", "default", "-n", "default"]);
  if (account.code !== 0) return false;
  const gone = { apiVersion: "v1", kind: "ConfigMap", name: "gone", uid: "gone" };
  const orphan = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { generateName: "garbage-", namespace: "default", ownerReferences: [gone] },
  };
  const create = ["create", "-f", "-", "-o", "name"];
  const created = await kubectl(servers, create, JSON.stringify(orphan));
  if (created.code !== 0) return false;
  const wait = ["wait", "--for=delete", created.stdout.trim(), "-n", "default", "--timeout=10s"];
  return (await kubectl(servers, wait)).code === 0;
}

function kubectl(servers: Servers, args: readonly string[], input?: string): Promise<Outcome> {
  const config = join(servers.layout.folder, "kubeconfig");
  return run(servers.binaries.kubectl, ["--kubeconfig", config, ...args], {
    env: { ...process.env, HOME: servers.layout.folder },
    ...(input === undefined ? {} : { input }),
  });
}

/** The API server makes itself a certificate, and the file has that of its authority too. */
function certificate(folder: string): string {
  return join(folder, "certificates", "apiserver.crt");
}

function certificateAuthority(folder: string): string {
  return readFileSync(certificate(folder), "utf8");
}
