// `npm run hostile -- --requests N --seed S`: N generated requests and more straight to the webhook of the module as built, on a
// control plane of its own. Round i has the seed S + i.
import { parseArgs } from "node:util";
import { heapEnvironment } from "../../local/bench/process-figures";
import { startControlPlane } from "../../local/control-plane/servers";
import { buildModule, startModule } from "../../local/module";
import { runTrial, type Trial } from "./trial";
import { webhookOf } from "./webhook";

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const mebibyte = 1024 * 1024;

async function attack(requests: number, seed: number): Promise<void> {
  const controlPlane = await startControlPlane({ report: say });
  try {
    await buildModule(say);
    const replicas = { admission: 1, watcher: 0 };
    const env = heapEnvironment(controlPlane.folder);
    const module = await startModule(controlPlane, { replicas, env });
    const [pod] = module.pods;
    if (!pod) throw new Error("there is no admission pod");
    const webhook = await webhookOf(controlPlane, pod);
    say(`seed ${seed}; logs are in ${controlPlane.folder}`);
    try {
      const trial = await runTrial(webhook, pod, {
        requests,
        seed,
        folder: controlPlane.folder,
        onRound: (sent, heap) => {
          say(`${sent} requests, heap ${(heap / mebibyte).toFixed(1)} MiB`);
        },
      });
      report(trial, pod.restarts);
    } finally {
      await webhook.close();
      await module.stop();
    }
  } finally {
    await controlPlane.stop();
  }
}

function report({ requests, answers, times, heaps }: Trial, restarts: number): void {
  const at = (share: number): string =>
    (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(1);
  const told = heaps.map(heap => (heap / mebibyte).toFixed(1));
  say(`${requests} requests, ${restarts} restarts`);
  say(`answered in ${at(0.5)} ms (p50), ${at(0.99)} ms (p99), ${at(1)} ms at most`);
  say(`heap after garbage collection by round, MiB: ${told.join(" ")}`);
  for (const [key, count] of Object.entries(answers).sort()) say(`  ${key}: ${count}`);
}

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});

attack(Number(values.requests), Number(values.seed)).then(
  () => process.exit(),
  (fault: unknown) => {
    say(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
    process.exit(1);
  },
);
