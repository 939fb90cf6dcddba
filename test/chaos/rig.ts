/** What a chaos run plays on: one control plane, module and stand-in for all runs of the process, and their faults. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createApiClient, type ApiClient } from "../../capabilities/api-client";
import { type ControlPlane, startControlPlane } from "../../local/control-plane/servers";
import { buildModule, type RunningModule, startModule } from "../../local/module";
import { type Operator, startOperator } from "../../local/operator";
import { type FaultyProxy, startFaultyProxy } from "./faulty-proxy";

export type Rig = {
  readonly controlPlane: ControlPlane;
  readonly module: RunningModule;
  /** Pods that watch: one, or two as when an old one won't die. */
  readonly watchers: number;
  /** As admin, and not through the proxy. */
  readonly api: ApiClient;
  /** Between all pods of the module and the API server. */
  readonly proxy: FaultyProxy;
  readonly startStandIn: () => Promise<void>;
  readonly stopStandIn: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** The real CRD of CNPG, where it lies beside the checkout. */
export const cnpgDefinition = join(__dirname, "../../../shared/crds/cnpg-1.30.0/clusters.yaml");

export async function startRig(watchers: number): Promise<Rig> {
  const controlPlane = await startControlPlane({ report: say });
  const stops = [() => controlPlane.stop()];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0)) await one();
  };
  try {
    await buildModule(say);
    const proxy = await startFaultyProxy(controlPlane);
    stops.unshift(() => proxy.stop());
    await installDefinition(controlPlane);
    const env = { KUBERNETES_SERVICE_PORT: String(proxy.port) };
    const module = await startModule(controlPlane, {
      env,
      replicas: { admission: 1, watcher: watchers },
    });
    stops.unshift(() => module.stop());
    const standIn = startingAndStopping(controlPlane);
    stops.unshift(standIn.stopStandIn);
    await standIn.startStandIn();
    process.env["KUBECONFIG"] = controlPlane.kubeconfig;
    const api = createApiClient();
    return { controlPlane, module, watchers, api, proxy, ...standIn, stop };
  } catch (fault) {
    await stop();
    throw fault;
  }
}

/** Registers CNPG's Clusters, by the definition of CNPG itself if it is there. */
export async function installDefinition(controlPlane: ControlPlane): Promise<void> {
  const { crd } = await import("../../local/stand-in/cnpg/crd");
  const args = ["apply", "--server-side", "-f"];
  const { code, stderr } = existsSync(cnpgDefinition)
    ? await controlPlane.kubectl([...args, cnpgDefinition])
    : await controlPlane.kubectl([...args, "-"], JSON.stringify(crd));
  if (code !== 0) throw new Error(stderr);
}

function startingAndStopping(
  controlPlane: ControlPlane,
): Pick<Rig, "startStandIn" | "stopStandIn"> {
  let operator: Operator | undefined;
  return {
    startStandIn: async () => {
      operator ??= await startOperator(controlPlane, ["--no-postgres", "--no-crd"], say);
    },
    stopStandIn: async () => {
      const running = operator;
      operator = undefined;
      await running?.stop();
    },
  };
}
