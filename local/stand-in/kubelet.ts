/**
 * A STAND-IN for the scheduler, the kubelet and the storage under it, for a control plane without nodes: it runs the module's own pods,
 * of backups and of rights, and no others, as processes on this machine, with PostgreSQL's real client programs: `npx tsx local/stand-in/kubelet.ts
 * --help`. Volumes are folders in a temporary one; images, users, limits and the network are not played.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { labels } from "../../capabilities/claim/names";
import { refOf, keyOf } from "../../capabilities/kubernetes/objects";
import type { Api } from "./api";
import { noDatabase } from "./database";
import { makeFolder } from "./folder";
import { clientPrograms } from "./kubelet/client-programs";
import { begin, type RunningPod } from "./kubelet/container";
import { environmentOf } from "./kubelet/environment";
import { endedStatus, runningStatus, type BackupPod } from "./kubelet/pod";
import type { Options } from "./options";
import { pathOf } from "./paths";
import { failure, run, say, type Cast } from "./play";
import { queue } from "./queue";
import { feed } from "./watch";

const selector = `${labels.component} in (backup,access),${labels.claimUid}`;

async function cast(_options: Options, api: Api): Promise<Cast> {
  const folder = await makeFolder({});
  // Whoever waits for the stand-in does not wait for a download.
  const programs = clientPrograms();
  void programs.then(found => {
    if ("lacking" in found) say(`no backup can be made here, since they need ${found.lacking}`);
  });
  const running = new Map<string, RunningPod>();
  const todo = queue(work, (key, error) => {
    failure(key)(error);
  });
  const pods = feed<BackupPod>(
    api,
    `/api/v1/pods?labelSelector=${encodeURIComponent(selector)}`,
    pod => {
      todo.add(keyOf(refOf(pod)));
    },
  );

  async function work(key: string): Promise<undefined> {
    const pod = pods.get(key);
    const isLeaving = !pod || pod.metadata.deletionTimestamp !== undefined;
    if (isLeaving) running.get(key)?.kill();
    else if (pod.status?.phase === "Pending" && !running.has(key)) await start(key, pod);
  }

  async function start(key: string, pod: BackupPod): Promise<void> {
    const { uid = "" } = pod.metadata;
    const found = await programs;
    const bin = "folder" in found ? found.folder : undefined;
    const env = await environmentOf(pod, api, { folder, programs: bin });
    await api.patch(`${pathOf(pod)}/status`, { status: runningStatus(pod, new Date()) });
    say(`${key}: runs`);
    const begun = begin(pod, env, join(folder, uid));
    running.set(key, begun);
    void begun.ended
      .then(async end => {
        await api.patch(`${pathOf(pod)}/status`, { status: endedStatus(pod, end, new Date()) });
        say(`${key}: ended with ${end.exitCode}: ${end.message}`);
      })
      .catch(failure(key))
      .finally(() => running.delete(key));
  }

  async function close(): Promise<void> {
    for (const { kill } of running.values()) kill();
    await Promise.all([...running.values()].map(async ({ ended }) => ended));
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }

  return {
    queues: [todo],
    database: { ...noDatabase(), close },
    feeds: { "pods of backups": pods },
  };
}

run({ title: "the kubelet, for pods of backups", script: "kubelet", definitions: [], cast });
