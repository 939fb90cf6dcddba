/** What endurance runs play on: a cluster as the tests have it, with a stand-in that makes no servers, and figures of it. */
import { readFile, stat } from "node:fs/promises";
import { heapEnvironment, processFigures } from "../../local/bench/process-figures";
import type { RunningModule } from "../../local/module";
import { auditEvents } from "../cluster/cluster";
import { installOperatorDefinitions, startLocalCluster, type LocalCluster } from "../cluster/local";

export type Rig = { readonly cluster: LocalCluster; readonly running: RunningModule };

export const say = (line: string): void => void process.stderr.write(`${line}\n`);

export async function startRig(): Promise<Rig> {
  const cluster = await startLocalCluster();
  try {
    await installOperatorDefinitions(cluster);
    const env = heapEnvironment(cluster.controlPlane.folder);
    const [running] = await Promise.all([
      cluster.startModule({ env }),
      cluster.startStandIn("--no-postgres"),
    ]);
    await cluster.renewGarbageCollection();
    return { cluster, running };
  } catch (fault) {
    await cluster.stop();
    throw fault;
  }
}

/** Of the watcher, after garbage collection, in MB. */
export async function watcherMemory({
  cluster,
  running,
}: Rig): Promise<{ heap: number; resident: number }> {
  const pid = running.pods.find(({ role }) => role === "watcher")?.pid;
  if (pid === undefined) throw new Error("the watcher is not running");
  const { heap, resident } = await processFigures(pid, cluster.controlPlane.folder);
  return { heap: heap / 1e6, resident: resident / 1e6 };
}

/** How large what is written down is by now. */
export type Mark = { readonly audit: number; readonly logs: ReadonlyMap<string, number> };

export async function markOf({ cluster, running }: Rig): Promise<Mark> {
  const { size } = await stat(cluster.access.auditLog ?? "");
  const logs = running.pods.map(async ({ name, log }) => [name, (await stat(log)).size] as const);
  return { audit: size, logs: new Map(await Promise.all(logs)) };
}

export type Since = {
  /** Requests of the module to the API server by verb and resource. */
  readonly requests: ReadonlyMap<string, number>;
  readonly writes: number;
  /** Lines and bytes of log by pod. */
  readonly logs: ReadonlyMap<string, { readonly lines: number; readonly bytes: number }>;
};

const writes = ["create", "update", "patch", "delete", "deletecollection"];

/** What the module has done and said since then. */
export async function since({ cluster, running }: Rig, mark: Mark): Promise<Since> {
  const audit = await readFile(cluster.access.auditLog ?? "");
  const events = auditEvents(audit.subarray(mark.audit).toString("utf8"));
  const requests = new Map<string, number>();
  for (const { verb, objectRef } of events) {
    const key = `${verb} ${objectRef?.resource ?? "-"}`;
    requests.set(key, (requests.get(key) ?? 0) + 1);
  }
  const logs = running.pods.map(async ({ name, log }) => {
    const text = (await readFile(log)).subarray(mark.logs.get(name) ?? 0);
    const lines = text.toString("utf8").split("\n").length - 1;
    return [name, { lines, bytes: text.length }] as const;
  });
  return {
    requests,
    writes: events.filter(({ verb }) => writes.includes(verb)).length,
    logs: new Map(await Promise.all(logs)),
  };
}
