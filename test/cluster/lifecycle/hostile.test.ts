/** What anyone may post to the webhook, some thousands of it: see `npm run hostile` for more. */
import { heapEnvironment } from "../../../local/bench/process-figures";
import type { RunningModule } from "../../../local/module";
import { runTrial, type Trial } from "../../hostile/trial";
import { webhookOf } from "../../hostile/webhook";
import { claimResource } from "../claims";
import { startLocalCluster, type LocalCluster } from "../local";
import { auditMark, writesSince, type Deed } from "./audit";

const startTime = 180_000;
const trialTime = 600_000;
const requests = 2000;
/** In bytes. What is kept for each request would be more by far: they are long. */
const growthAllowed = 8 * 1024 * 1024;

let cluster: LocalCluster;
let running: RunningModule;

beforeAll(async () => {
  cluster = await startLocalCluster();
  const env = heapEnvironment(cluster.controlPlane.folder);
  running = await cluster.startModule({ replicas: { admission: 1, watcher: 0 }, env });
}, startTime);

afterAll(async () => {
  await cluster.stop();
}, startTime);

async function trial(seed: number): Promise<Trial> {
  const { folder } = cluster.controlPlane;
  const [pod] = running.pods;
  if (!pod) throw new Error("there is no admission pod");
  const webhook = await webhookOf(cluster.controlPlane, pod);
  try {
    return await runTrial(webhook, pod, { requests, seed, folder, onRound: () => undefined });
  } finally {
    await webhook.close();
  }
}

/** Reviews are questions, though they are created; and Pepr makes stores for itself, some seconds after its start. */
function isHarmless({ path }: Deed): boolean {
  const isQuestion = path === "/apis/authorization.k8s.io/v1/subjectaccessreviews";
  return isQuestion || path.startsWith("/apis/pepr.dev/v1/namespaces/pepr-system/peprstores");
}

test(
  "every request is answered in time as a review or with 4xx; nothing is written, kept or brought down",
  async () => {
    const pid = running.pods[0]?.pid;
    const seed = Date.now() % 1_000_000;
    const mark = await auditMark(cluster);
    const { heaps, answers } = await trial(seed);
    expect(running.pods.map(({ restarts }) => restarts)).toEqual([0]);
    expect(running.pods[0]?.pid).toBe(pid);
    expect(Object.keys(answers).sort()).toEqual(
      expect.arrayContaining([
        "garbled 400",
        "garbled 413",
        "misdirected 404",
        "well-formed 200 allowed",
        "well-formed 200 refused",
      ]),
    );
    const [first = 0] = heaps;
    expect(Math.max(...heaps.slice(1)) - first).toBeLessThan(growthAllowed);
    expect((await writesSince(cluster, mark)).filter(deed => !isHarmless(deed))).toEqual([]);
    expect(await cluster.list(claimResource, "")).toEqual([]);
  },
  trialTime,
);
