/** Two watchers at once, as when an old pod won't die: of one build and of two that disagree. What they write is bounded. */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Ref } from "../../../capabilities/kubernetes/objects";
import { mostAtOnce } from "../../../capabilities/work/write-limit";
import { type RunningModule, startModule } from "../../../local/module";
import { removeFolder } from "../../../local/processes";
import {
  claim,
  claimResource,
  clusterResource,
  readyClaim,
  secretResource,
  untilGone,
  untilReady,
  untilSpec,
  warningsOf,
} from "../claims";
import { installOperatorDefinitions, startLocalCluster, type LocalCluster } from "../local";
import { storiesOn } from "../story";
import { auditMark, type Deed, writesSince } from "./audit";
import { buildCopy } from "./builds";

const startTime = 240_000;
const checkout = join(__dirname, "..", "..", "..");
/** In ms: what would be written without end shows within this time. */
const quiet = 5000;

let cluster: LocalCluster;
let running: RunningModule;
let older: string;

const story = storiesOn(() => cluster);

beforeAll(async () => {
  cluster = await startLocalCluster();
  await installOperatorDefinitions(cluster);
  [running] = await Promise.all([
    cluster.startModule({ replicas: { admission: 1, watcher: 2 } }),
    cluster.startStandIn("--no-postgres"),
  ]);
  older = await buildCopy({
    file: "capabilities/claim/deletion.ts",
    from: '"app.kubernetes.io/managed-by": fieldManager',
    to: '"app.kubernetes.io/managed-by": fieldManager, "app.kubernetes.io/version": "0.0.1"',
  });
  await cluster.renewGarbageCollection();
}, startTime);

afterAll(async () => {
  await cluster.stop();
  removeFolder(older);
}, startTime);

/** Writes since then to objects of this namespace, by verb and kind. */
async function writesTo(namespace: string, mark: number): Promise<Record<string, number>> {
  const deeds = await writesSince(cluster, mark);
  const kindOf = ({ verb, path }: Deed): string =>
    `${verb} ${path.split(`/namespaces/${namespace}/`)[1]?.replace(/\/[^/]+/, "") ?? ""}`;
  const counts: Record<string, number> = {};
  for (const deed of deeds.filter(({ path }) => path.includes(`/namespaces/${namespace}/`))) {
    counts[kindOf(deed)] = (counts[kindOf(deed)] ?? 0) + 1;
  }
  return counts;
}

async function expectQuiet(namespace: string): Promise<void> {
  const mark = await auditMark(cluster);
  await pause(quiet);
  expect(await writesTo(namespace, mark)).toEqual({});
}

story(
  "two watchers of one build write at most twice what one does, and then nothing",
  async scene => {
    const { namespace } = scene;
    const refs = Array.from({ length: 10 }, (_, index) => ({ name: `claim-${index}`, namespace }));
    const mark = await auditMark(cluster);
    await Promise.all(
      refs.map(async ref => readyClaim(cluster, claim(ref, {}, { name: `${ref.name}-pg` }))),
    );
    await pause(quiet);
    const made = await writesTo(namespace, mark);
    const most = refs.length * 2;
    expect(Object.keys(made).sort()).toEqual([
      "create clusters",
      "create events",
      "create secrets",
      "patch postgresinstances/status",
    ]);
    for (const count of Object.values(made)) expect(count).toBeLessThanOrEqual(most);
    await expectQuiet(namespace);

    await Promise.all(
      refs.map(async ref => cluster.patch(clusterResource, ref, { spec: { instances: 9 } })),
    );
    await Promise.all(
      refs.map(async ref => untilSpec(cluster, ref, ({ instances }) => instances === 1)),
    );
    await Promise.all(refs.map(async ref => untilReady(cluster, ref)));
    await pause(quiet);
    await expectQuiet(namespace);

    await Promise.all(refs.map(async ref => cluster.remove(claimResource, ref)));
    await Promise.all(refs.map(async ref => untilGone(cluster, claimResource, ref)));
    await Promise.all(
      refs.map(async ({ name }) =>
        untilGone(cluster, secretResource, { name: `${name}-pg`, namespace }),
      ),
    );
  },
);

story("two builds that disagree about a Cluster stop soon, and events say so", async scene => {
  const { namespace } = scene;
  const ref: Ref = { name: "orders-db", namespace };
  await running.scale("watcher", 1);
  await readyClaim(cluster, claim(ref));
  const mark = await auditMark(cluster);
  const other = await startModule(cluster.controlPlane, {
    project: older,
    replicas: { admission: 0 },
    suffix: "-older",
  });
  try {
    // The status says so for a moment alone: they disagree about it as well.
    const message = await cluster.eventually(
      "an event WriteFailed",
      async () =>
        (await warningsOf(cluster, ref)).find(({ reason }) => reason === "WriteFailed")?.message,
    );
    expect(message).toContain("another client keeps overwriting");
    await pause(quiet);
    const made = await writesTo(namespace, mark);
    // Two applies of the same are two requests where the fields have to be made ours first.
    expect(made["patch clusters"]).toBeLessThanOrEqual(2 * mostAtOnce + 2);
    expect(made["patch postgresinstances/status"] ?? 0).toBeLessThanOrEqual(4 * mostAtOnce);
    await expectQuiet(namespace);
  } finally {
    await other.stop();
  }
  // A watcher that starts has no quarrel to remember.
  await running.redeploy(checkout);
  await untilReady(cluster, ref);
});
