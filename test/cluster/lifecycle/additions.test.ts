/** Optional objects while the Prometheus operator's kind and the watcher come and go: on a cluster of the file's own. */
import {
  podMonitorResource,
  type PodMonitor,
} from "../../../capabilities/operator/cnpg/monitoring";
import type { ClaimCondition } from "../../../capabilities/claim/claim";
import type { Ref } from "../../../capabilities/kubernetes/objects";
import type { Claim } from "../../../capabilities/claim/claim";
import { claim, claimResource, readyClaim } from "../claims";
import { installOperatorDefinitions, startLocalCluster, type LocalCluster } from "../local";
import { installPodMonitors, removePodMonitors } from "./pod-monitors";
import { storiesOn } from "../story";
import { databaseResource } from "../../../capabilities/operator/cnpg/extensions";
import { poolerResource } from "../../../capabilities/operator/cnpg/pooler";
import type { RunningModule } from "../../../local/module";

const startTime = 180_000;
let cluster: LocalCluster;
let running: RunningModule;

const story = storiesOn(() => cluster);

beforeAll(async () => {
  cluster = await startLocalCluster();
  await installOperatorDefinitions(cluster);
  const replicas = { admission: 1 };
  [running] = await Promise.all([cluster.startModule({ replicas }), cluster.startStandIn()]);
}, startTime);

afterAll(async () => {
  await cluster.stop();
}, startTime);

async function untilMonitoringSays(ref: Ref, reason: string): Promise<ClaimCondition> {
  return cluster.eventually(`claim ${ref.name} to say ${reason}`, async () => {
    const { status } = (await cluster.read<Claim>(claimResource, ref)) ?? {};
    const found = status?.conditions?.find(({ type }) => type === "MonitoringReady");
    return found?.reason === reason ? found : undefined;
  });
}

story(
  "without the kind the database is Ready all the same; the PodMonitor is made once the kind is there, and goes when it is given up",
  async scene => {
    await removePodMonitors(cluster);
    const ref = { name: "orders-db", namespace: scene.namespace };
    await readyClaim(cluster, claim(ref, { monitoring: true }));
    const { message } = await untilMonitoringSays(ref, "MonitoringNotInstalled");
    expect(message).toContain("there is no podmonitors.monitoring.coreos.com in this cluster");

    await installPodMonitors(cluster);
    await untilMonitoringSays(ref, "MonitoringActive");
    expect(await cluster.read<PodMonitor>(podMonitorResource, ref)).toMatchObject({
      spec: {
        selector: { matchLabels: { "cnpg.io/cluster": "orders-db" } },
        podMetricsEndpoints: [{ port: "metrics" }],
      },
    });
    await cluster.patch(claimResource, ref, { spec: { monitoring: false } });
    await cluster.eventually("the PodMonitor to be gone", async () =>
      (await cluster.read(podMonitorResource, ref)) ? undefined : true,
    );
  },
);

story("what is given up while the watcher is away goes once it is back", async scene => {
  const ref = { name: "orders-db", namespace: scene.namespace };
  await installPodMonitors(cluster);
  const extensions = [{ name: "hstore" }];
  await readyClaim(cluster, claim(ref, { extensions, pooler: {}, monitoring: true }));
  await untilMonitoringSays(ref, "MonitoringActive");
  await running.scale("watcher", 0);
  try {
    const spec = { extensions: [], pooler: null, monitoring: false };
    await cluster.patch(claimResource, ref, { spec });
  } finally {
    await running.scale("watcher", 1);
  }
  await cluster.eventually("Database, Pooler and PodMonitor to be gone", async () => {
    const found = await Promise.all([
      cluster.read(databaseResource, ref),
      cluster.read(poolerResource, { ...ref, name: "orders-db-pooler" }),
      cluster.read(podMonitorResource, ref),
    ]);
    return found.every(one => one === undefined) ? true : undefined;
  });
});
