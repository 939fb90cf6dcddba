// What benchmarks run on: a control plane of their own, the module as it would be deployed, and the stand-in without servers.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createApiClient, type ApiClient } from "../../capabilities/cluster/client";
import { startControlPlane, type ControlPlane } from "../control-plane/servers";
import { buildModule, startModule, type RunningModule } from "../module";
import { startOperator } from "../operator";
import { heapEnvironment, processFigures, type ProcessFigures } from "./process-figures";
import { namespace } from "./workload";

export type BenchRig = {
  readonly controlPlane: ControlPlane;
  readonly module: RunningModule;
  readonly api: ApiClient;
  /** Whose CRDs are installed. */
  readonly definitions: string;
};

/** The real CRD of CNPG, where it lies beside the checkout: its large schema is part of the API server's work. */
const cnpgDefinition = join(__dirname, "../../../shared/crds/cnpg-1.30.0/clusters.yaml");

export const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Sets everything up, measures, and takes everything down. */
export async function onBenchRig<T>(measure: (rig: BenchRig) => Promise<T>): Promise<T> {
  const controlPlane = await startControlPlane({ report: say });
  const stops = [async () => controlPlane.stop()];
  try {
    const isReal = existsSync(cnpgDefinition);
    if (isReal) {
      const { code, stderr } = await controlPlane.kubectl([
        ...["apply", "--server-side", "-f", cnpgDefinition],
      ]);
      if (code !== 0) throw new Error(stderr);
    }
    await buildModule(say);
    const module = await startModule(controlPlane, { env: heapEnvironment(controlPlane.folder) });
    stops.unshift(async () => module.stop());
    const operator = await startOperator("cnpg", controlPlane, [
      "--no-postgres",
      ...(isReal ? ["--no-crd"] : []),
    ]);
    stops.unshift(async () => operator.stop());
    await controlPlane.kubectl(["create", "namespace", namespace]);
    process.env["KUBECONFIG"] = controlPlane.kubeconfig;
    const definitions = isReal ? "CNPG's" : "the stand-in's";
    return await measure({ controlPlane, module, api: createApiClient(), definitions });
  } finally {
    for (const stop of stops) await stop();
  }
}

export async function watcherFigures(
  module: RunningModule,
  { folder }: ControlPlane,
): Promise<ProcessFigures> {
  const pid = module.pods.find(({ role }) => role === "watcher")?.pid;
  if (pid === undefined) throw new Error("the watcher does not run");
  return processFigures(pid, folder);
}
