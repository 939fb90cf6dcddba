/** Before the first test of this project: starts a cluster on this machine, or finds the one that E2E_CONTEXT names. */
import { clientPrograms } from "../../local/stand-in/kubelet/client-programs";
import type { Access } from "./cluster";
import { existingCluster } from "./existing";
import { installOperatorDefinitions, installZalandoDefinitions, startLocalCluster } from "./local";

type Started = { readonly access: Access; readonly stop: () => Promise<void> };

declare global {
  /** For `stop.ts`, which jest runs in the same process. */
  var clusterUnderTest: Started | undefined;
}

async function start(): Promise<void> {
  const { E2E_CONTEXT: context } = process.env;
  globalThis.clusterUnderTest = await (context === undefined ? local() : existingCluster(context));
  process.env["CLUSTER_UNDER_TEST"] = JSON.stringify(globalThis.clusterUnderTest.access);
}

async function local(): Promise<Started> {
  const cluster = await startLocalCluster();
  try {
    await installOperatorDefinitions(cluster);
    await installZalandoDefinitions(cluster);
    await Promise.all([
      cluster.startModule(),
      cluster.startStandIn(),
      cluster.startZalando(),
      cluster.startKubelet(),
    ]);
    await cluster.renewGarbageCollection();
    const programs = await clientPrograms();
    const backupsLack = "lacking" in programs ? programs.lacking : undefined;
    return { ...cluster, access: { ...cluster.access, backupsLack } };
  } catch (fault) {
    await cluster.stop();
    throw fault;
  }
}

// Jest takes nothing but a default.
export { start as default };
