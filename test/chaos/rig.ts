/** What a chaos run plays on: one control plane, module and stand-in for all runs of the process, and their faults. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createApiClient, type ApiClient } from "../../capabilities/cluster/client";
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

/** The real CRDs of CNPG, where they lie beside the checkout. */
const cnpgDefinitions = join(__dirname, "../../../shared/crds/cnpg-1.30.0");

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
    await installDefinitions(controlPlane);
    const env = { KUBERNETES_SERVICE_PORT: String(proxy.port) };
    const module = await startModule(controlPlane, {
      env,
      replicas: { admission: 1, watcher: watchers },
    });
    stops.unshift(() => module.stop());
    const standIn = startingAndStopping(controlPlane);
    stops.unshift(standIn.stopStandIn);
    await standIn.startStandIn();
    // Garbage collection looks for new kinds every 30 s. What goes in an outage before that it never misses: a Secret of a Cluster
    // that is long gone then stays in the way of the next one of that name.
    await controlPlane.kill("kube-controller-manager");
    await controlPlane.start("kube-controller-manager");
    process.env["KUBECONFIG"] = controlPlane.kubeconfig;
    const api = createApiClient();
    return { controlPlane, module, watchers, api, proxy, ...standIn, stop };
  } catch (fault) {
    await stop();
    throw fault;
  }
}

/** Registers CNPG's kinds, by the definitions of CNPG itself where they are. */
export async function installDefinitions(controlPlane: ControlPlane): Promise<void> {
  const { definitions } = await import("../../local/stand-in/cnpg/crd");
  const args = ["apply", "--server-side", "-f"];
  for (const definition of definitions) {
    const file = join(cnpgDefinitions, `${definition.spec.names.plural}.yaml`);
    const { code, stderr } = existsSync(file)
      ? await controlPlane.kubectl([...args, file])
      : await controlPlane.kubectl([...args, "-"], JSON.stringify(definition));
    if (code !== 0) throw new Error(stderr);
  }
}

function startingAndStopping(
  controlPlane: ControlPlane,
): Pick<Rig, "startStandIn" | "stopStandIn"> {
  let operator: Operator | undefined;
  return {
    startStandIn: async () => {
      operator ??= await startOperator("cnpg", controlPlane, ["--no-postgres", "--no-crd"], say);
    },
    stopStandIn: async () => {
      const running = operator;
      operator = undefined;
      await running?.stop();
    },
  };
}
