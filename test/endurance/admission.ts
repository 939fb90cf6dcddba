/** Calls of the webhook by several clients in bursts with pauses, while admission pods are replaced. */
import { setTimeout as pause } from "node:timers/promises";
import { collectionPath, pathOf } from "../../capabilities/cluster/paths";
import { claim, claimResource } from "../cluster/claims";
import { messageOf, type Request } from "../cluster/cluster";
import { makeNamespace } from "../cluster/story";
import { markOf, type Rig, say, since } from "./rig";

export type Load = {
  readonly calls: number;
  readonly clients: number;
  /** In seconds; the shortest is one. */
  readonly longestPause: number;
  /** How often both pods are replaced meanwhile. */
  readonly restarts: number;
};

export type Answers = {
  readonly made: number;
  readonly failures: readonly string[];
  /** In ms. */
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
  readonly logBytesPerCall: number;
};

const longestBurst = 1000;
const namespace = "admission";

/** Calls as users make them: a claim is tried, made, tried to be changed, changed, and removed, which admission does not see. */
function lifeOf(name: string): readonly Request[] {
  const ref = { name, namespace };
  const all = collectionPath(claimResource, namespace);
  const body = claim(ref, { size: "small" });
  const change = (size: string, query = ""): Request => ({
    method: "PATCH",
    path: pathOf(claimResource, ref) + query,
    body: { spec: { size } },
    contentType: "application/merge-patch+json",
  });
  return [
    { method: "POST", path: `${all}?dryRun=All`, body },
    { method: "POST", path: all, body },
    change("medium", "?dryRun=All"),
    change("large"),
    { method: "DELETE", path: pathOf(claimResource, ref) },
  ];
}

export async function callAdmission(rig: Rig, load: Load): Promise<Answers> {
  const { cluster, running } = rig;
  await running.scale("watcher", 0);
  await makeNamespace(cluster, namespace);
  const mark = await markOf(rig);
  const times: number[] = [];
  const failures: string[] = [];
  const isOver = (): boolean => times.length >= load.calls;

  async function call(request: Request): Promise<void> {
    const begun = performance.now();
    const { code, body } = await cluster.ask(request);
    if (request.method === "DELETE") return;
    times.push(performance.now() - begun);
    if (code >= 300) failures.push(messageOf(body));
  }

  async function client(id: number): Promise<void> {
    for (let made = 0; !isOver(); ) {
      const burst = Math.ceil(Math.random() * longestBurst);
      for (let done = 0; done < burst && !isOver(); done += 4, made += 1) {
        for (const request of lifeOf(`claim-${id}-${made}`)) await call(request);
      }
      if (!isOver()) await pause(1000 + Math.random() * (load.longestPause - 1) * 1000);
    }
  }

  const clients = Array.from({ length: load.clients }, async (_, id) => client(id));
  const logged: number[] = [];
  for (let restart = 1; restart <= load.restarts; restart += 1) {
    while (times.length < (restart * load.calls) / (load.restarts + 1)) await pause(200);
    logged.push(await bytesLogged(rig, mark));
    await running.restart("admission");
    say(`  ${times.length} calls, ${restart} restarts, ${failures.length} failures`);
  }
  await Promise.all(clients);
  await running.scale("watcher", 1);
  return answersOf(times, failures, logged[0] ?? (await bytesLogged(rig, mark)), load);
}

async function bytesLogged(rig: Rig, mark: Parameters<typeof since>[1]): Promise<number> {
  const { logs } = await since(rig, mark);
  return [...logs.values()].reduce((sum, { bytes }) => sum + bytes, 0);
}

function answersOf(
  times: readonly number[],
  failures: readonly string[],
  bytes: number,
  { calls, restarts }: Load,
): Answers {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  // Logs were read when so many calls had been made.
  const logBytesPerCall = bytes / (calls / (restarts + 1));
  const [p50, p99, slowest] = [at(0.5), at(0.99), at(1)];
  return { made: times.length, failures, p50, p99, slowest, logBytesPerCall };
}
