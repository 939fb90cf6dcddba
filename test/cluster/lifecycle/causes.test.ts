/** What holds a database up, read from what kubelet, scheduler, provisioners and CNPG would leave: here it is laid by hand. */
import { pathOf } from "../../../capabilities/cluster/paths";
import {
  jobResource,
  podResource,
  volumeClaimResource,
} from "../../../capabilities/operator/diagnosis/evidence";
import type { KubeObject, Ref, Resource } from "../../../capabilities/kubernetes/objects";
import { eventResource } from "../../../capabilities/reconcile/diagnosis";
import type { Cluster } from "../../../local/stand-in/cnpg/cluster";
import { initdbJob, podOf, volumeClaim } from "../../../local/stand-in/cnpg/trouble";
import {
  claim,
  claimResource,
  clusterResource,
  databaseOf,
  untilReady,
  untilSays,
  warningsOf,
} from "../claims";
import { installOperatorDefinitions, startLocalCluster, type LocalCluster } from "../local";
import { storiesOn } from "../story";

const startTime = 180_000;

let cluster: LocalCluster;

const story = storiesOn(() => cluster);

beforeAll(async () => {
  cluster = await startLocalCluster();
  await installOperatorDefinitions(cluster);
  await cluster.startModule({ replicas: { admission: 1 } });
}, startTime);

afterAll(async () => {
  await cluster.stop();
}, startTime);

async function say(resource: Resource, ref: Ref, status: object): Promise<void> {
  const path = `${pathOf(resource, ref)}/status`;
  const contentType = "application/merge-patch+json";
  await cluster.ask({ method: "PATCH", path, body: { status }, contentType });
}

async function tell(on: KubeObject, reason: string, message: string): Promise<void> {
  const { apiVersion, kind, metadata } = on;
  const { name, namespace = "", uid } = metadata;
  await cluster.create(eventResource, {
    apiVersion: "v1",
    kind: "Event",
    metadata: { generateName: `${name}.`, namespace } as unknown as KubeObject["metadata"],
    ...{
      involvedObject: { apiVersion, kind, name, namespace, uid },
      reason,
      message,
      type: "Warning",
      lastTimestamp: new Date().toISOString(),
    },
  });
}

async function pendingVolume(database: Cluster): Promise<KubeObject> {
  const made = await cluster.create(volumeClaimResource, volumeClaim(database));
  const { name, namespace = "" } = made.metadata;
  // Nothing here would take off what the API server puts on.
  await cluster.patch(volumeClaimResource, { name, namespace }, { metadata: { finalizers: null } });
  return made;
}

/** The pod of the Job for the first start, in which initdb is like this. */
async function startPod(database: Cluster, phase: string, state: object): Promise<KubeObject> {
  const job = await cluster.create(jobResource, initdbJob(database));
  const pod = await cluster.create(podResource, podOf(job));
  const { name, namespace = "" } = pod.metadata;
  const initdb = {
    name: "initdb",
    image: "any",
    imageID: "",
    ready: false,
    restartCount: 0,
    state,
  };
  const placed = { type: "PodScheduled", status: "True" };
  const status = { phase, conditions: [placed], containerStatuses: [initdb] };
  await say(podResource, { name, namespace }, status);
  return pod;
}

type Cause = {
  readonly reason: string;
  readonly words: string;
  /** CNPG says this, if it says anything. */
  readonly phase?: string;
  readonly lay: (database: Cluster) => Promise<void>;
};

const phase = "Setting up primary";

const causes: readonly Cause[] = [
  {
    reason: "OperatorSilent",
    words: "CloudNativePG has not acted on the Cluster yet; check that the operator runs",
    lay: () => Promise.resolve(),
  },
  {
    reason: "VolumePending",
    words: "the volume of StorageClass stand-in has not come yet: Waiting for a volume",
    phase,
    lay: async database => {
      const words = "Waiting for a volume to be created by the external provisioner 'rig/local'";
      await tell(await pendingVolume(database), "ExternalProvisioning", words);
    },
  },
  {
    reason: "VolumeProvisioningFailed",
    words: "no volume can be made of StorageClass stand-in: rpc error: the pool is full",
    phase,
    lay: async database => {
      const words = "rpc error: the pool is full";
      await tell(await pendingVolume(database), "ProvisioningFailed", words);
    },
  },
  {
    reason: "VolumeMountFailed",
    words: "cannot be prepared on its node (FailedMount): MountVolume.SetUp failed",
    phase,
    lay: async database => {
      const waiting = { reason: "ContainerCreating" };
      const pod = await startPod(database, "Pending", { waiting });
      await tell(pod, "FailedMount", "MountVolume.SetUp failed");
    },
  },
  {
    reason: "ContainerFailing",
    words: "container initdb of instance container-failing-1 keeps ending (Error, exit code 1)",
    phase,
    lay: async database => {
      await startPod(database, "Failed", { terminated: { reason: "Error", exitCode: 1 } });
    },
  },
];

function nameOf({ reason }: Cause): string {
  return reason.replace(/\B[A-Z]/g, letter => `-${letter}`).toLowerCase();
}

story(
  "each cause is told in the words of whoever knows it, and no more of it once the database runs",
  async scene => {
    const { namespace } = scene;
    await Promise.all(
      causes.map(async cause => {
        const ref = { name: nameOf(cause), namespace };
        await cluster.create(claimResource, claim(ref));
        const database = (await databaseOf(cluster, ref)) as unknown as Cluster;
        if (cause.phase !== undefined) await say(clusterResource, ref, { phase: cause.phase });
        await cause.lay(database);
        const { message } = await untilSays(cluster, ref, cause.reason);
        expect(message).toContain(cause.words);
        const ready = {
          type: "Ready",
          status: "True",
          reason: "Played",
          message: "",
          lastTransitionTime: "2026-01-01T00:00:00Z",
        };
        await say(clusterResource, ref, {
          phase: "Cluster in healthy state",
          readyInstances: 1,
          conditions: [ready],
        });
        await untilReady(cluster, ref);
      }),
    );
    const told = await warningsOf(cluster, { name: "any", namespace });
    expect(told.map(({ reason }) => reason).sort()).toEqual(
      causes.map(({ reason }) => reason).sort(),
    );
  },
);
