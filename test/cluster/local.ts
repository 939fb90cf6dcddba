/** A cluster on this machine for the tests: a control plane, the module as built, and the stand-in for CNPG. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { controlPlaneBinaries } from "../../local/control-plane/binaries";
import { startControlPlane, type ControlPlane } from "../../local/control-plane/servers";
import {
  buildModule,
  startModule,
  type ModuleOptions,
  type RunningModule,
} from "../../local/module";
import { startKubelet, startOperator, type Operator, type StandInName } from "../../local/operator";
import type { Child } from "../../local/processes";
import { until } from "../../local/waiting";
import { definitions } from "../../local/stand-in/cnpg/crd";
import type { Definition } from "../../local/stand-in/play";
import { definitions as zalandoDefinitions } from "../../local/stand-in/zalando/crd";
import type { Condition } from "../../capabilities/kubernetes/objects";
import { connect, type Access, type TestCluster } from "./cluster";
import { startProxy } from "./proxy";

export type LocalCluster = TestCluster & {
  readonly controlPlane: ControlPlane;
  /** Starts the module of this checkout, built if need be; in as many pods as its manifests ask for, if nothing is said. */
  readonly startModule: (options?: ModuleOptions) => Promise<RunningModule>;
  /** Answers Clusters from then on, as soon as their CRD is there; with more options of its command line. */
  readonly startStandIn: (...options: readonly string[]) => Promise<Operator>;
  /** Answers the objects of Zalando's operator likewise. */
  readonly startZalando: () => Promise<Operator>;
  /** Runs the pods of backups from then on. */
  readonly startKubelet: () => Promise<Operator>;
  /** Garbage collection looks for kinds that are new only every 30 s; from then on it knows those that are there. */
  readonly renewGarbageCollection: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const checkout = join(__dirname, "..", "..");
const sharedDefinitions = join(checkout, "..", "shared", "crds");

/** All that the module does, and nothing of what anyone else does. */
const auditPolicy = JSON.stringify({
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    { level: "Metadata", users: ["system:serviceaccount:pepr-system:pepr-zero-touch-postgres"] },
    { level: "None" },
  ],
});

/** Starts a control plane without anything on it. */
export async function startLocalCluster(): Promise<LocalCluster> {
  const controlPlane = await startControlPlane({ auditPolicy, report });
  const { access, proxy } = await accessTo(controlPlane);
  const cluster = connect(access);
  let module: RunningModule | undefined;
  const started: Operator[] = [];

  const start: LocalCluster["startModule"] = async options => {
    await buildModule(report);
    return (module = await startModule(controlPlane, options));
  };

  async function startNamed(name: StandInName, ...options: readonly string[]): Promise<Operator> {
    const all = ["--speed", "fast", "--no-crd", ...options];
    const standIn = await startOperator(name, controlPlane, all, report);
    started.push(standIn);
    return standIn;
  }

  async function renewGarbageCollection(): Promise<void> {
    await controlPlane.kill("kube-controller-manager");
    await controlPlane.start("kube-controller-manager");
  }

  async function stop(): Promise<void> {
    await cluster.close();
    await proxy.kill();
    await Promise.all([...started.map(async standIn => standIn.stop()), module?.stop()]);
    await controlPlane.stop();
  }

  return {
    ...cluster,
    controlPlane,
    startModule: start,
    startStandIn: async (...options) => startNamed("cnpg", ...options),
    startZalando: async () => startNamed("zalando"),
    startKubelet: async () => {
      const kubelet = await startKubelet(controlPlane, report);
      started.push(kubelet);
      return kubelet;
    },
    renewGarbageCollection,
    stop,
  };
}

/** Progress for whoever waits: jest keeps what is printed otherwise until a test file has ended. */
function report(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function accessTo(controlPlane: ControlPlane): Promise<{ access: Access; proxy: Child }> {
  const { folder, kubeconfig, auditLog } = controlPlane;
  const binaries = await controlPlaneBinaries(report);
  const kubectl: Access["kubectl"] = [binaries.kubectl, "--kubeconfig", kubeconfig];
  const { socket, child } = await startProxy(kubectl, folder);
  const run = randomBytes(3).toString("hex");
  return { access: { kubectl, socket, logs: folder, auditLog, patience: 60, run }, proxy: child };
}

/**
 * Registers CNPG's CRDs: in CI, or where CNPG_CRDS names a folder with their files, CNPG's own, else the stand-in's small ones.
 */
export async function installOperatorDefinitions(cluster: TestCluster): Promise<void> {
  const folder = process.env["CNPG_CRDS"] ?? sharedFolder("cnpg-1.30.0");
  await install(cluster, definitions, folder);
}

/** Registers the CRD of Zalando's operator: in CI its own, else the stand-in's small one. */
export async function installZalandoDefinitions(cluster: TestCluster): Promise<void> {
  await install(cluster, zalandoDefinitions, sharedFolder("zalando"));
}

/** Empty where the definitions of the real operators are not to be had. */
function sharedFolder(name: string): string {
  return process.env["CI"] ? join(sharedDefinitions, name) : "";
}

async function install(
  cluster: TestCluster,
  wanted: readonly Definition[],
  folder: string,
): Promise<void> {
  const { kubectl } = cluster;
  const args = ["apply", "--server-side", "-f"];
  for (const definition of wanted) {
    const file = join(folder, `${definition.spec.names.plural}.yaml`);
    await (folder !== "" && existsSync(file)
      ? kubectl([...args, file])
      : kubectl([...args, "-"], JSON.stringify(definition)));
  }
  for (const { metadata } of wanted) await untilServed(cluster, metadata.name);
}

/** Without `kubectl wait`, which gives up at once on a definition that is so new that its conditions are null. */
export async function untilServed({ kubectl }: TestCluster, definition: string): Promise<void> {
  await until(
    async () => isEstablished(JSON.parse(await kubectl(["get", "crd", definition, "-o", "json"]))),
    { what: `waiting for the API server to serve ${definition}`, seconds: 60 },
  );
}

function isEstablished(definition: unknown): boolean {
  const { status } = definition as { status?: { conditions?: Condition[] | null } };
  return (status?.conditions ?? []).some(
    condition => condition.type === "Established" && condition.status === "True",
  );
}
