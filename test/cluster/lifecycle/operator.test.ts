/** What a claim says of its Cluster, told by the operator's part being played by hand. */
import type { KubeObject, Ref, Secret } from "../../../capabilities/kubernetes/objects";
import { pathOf } from "../../../capabilities/cluster/paths";
import {
  claim,
  claimResource,
  clusterResource,
  databaseOf,
  readyOf,
  secretResource,
  untilReady,
  untilSays,
  untilSpec,
  untilValues,
  valuesOf,
} from "../claims";
import { installOperatorDefinitions, startLocalCluster, type LocalCluster } from "../local";
import { storiesOn } from "../story";
import type { Claim } from "../../../capabilities/claim/claim";

const startTime = 180_000;

let cluster: LocalCluster;

const story = storiesOn(() => cluster);

beforeAll(async () => {
  cluster = await startLocalCluster();
  await installOperatorDefinitions(cluster);
  await cluster.startModule({ replicas: { admission: 1 } });
  await cluster.renewGarbageCollection();
}, startTime);

afterAll(async () => {
  await cluster.stop();
}, startTime);

const since = "2026-01-01T00:00:00Z";

function condition(type: string, status: "True" | "False"): object {
  return { type, status, reason: "Played", message: "", lastTransitionTime: since };
}

const isReady = { conditions: [condition("Ready", "True")] };
const isNotReady = { conditions: [condition("Ready", "False")] };
const healthy = { phase: "Cluster in healthy state", readyInstances: 1, ...isReady };

async function say(ref: Ref, status: object): Promise<void> {
  await cluster.ask({
    method: "PATCH",
    path: `${pathOf(clusterResource, ref)}/status`,
    body: { status: { phaseReason: null, readyInstances: null, image: null, ...status } },
    contentType: "application/merge-patch+json",
  });
}

async function makeCredentials(ref: Ref, password = "secret"): Promise<void> {
  const { apiVersion, kind, metadata } = await databaseOf(cluster, ref);
  const owner = { apiVersion, kind, name: ref.name, uid: metadata.uid, controller: true };
  await cluster.create<Secret & { readonly stringData: object }>(secretResource, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: `${ref.name}-app`,
      namespace: ref.namespace,
      labels: { "cnpg.io/cluster": ref.name, "cnpg.io/userType": "app", "cnpg.io/reload": "true" },
      ownerReferences: [owner as never],
    },
    type: "kubernetes.io/basic-auth",
    stringData: { username: ref.name.replaceAll("-", "_"), password },
  });
}

/** A claim whose Cluster the operator has said this of. */
async function claimed(ref: Ref, status: object): Promise<void> {
  await cluster.create(claimResource, claim(ref, {}, { name: "orders-postgres" }));
  await databaseOf(cluster, ref);
  await say(ref, status);
  await makeCredentials(ref);
}

story("the secret is there before the database is, and Ready waits for both", async scene => {
  const ref = { name: "orders-db", namespace: scene.namespace };
  await claimed(ref, { phase: "Setting up primary", phaseReason: "Creating it", ...isNotReady });
  await untilValues(cluster, { name: "orders-postgres", namespace: scene.namespace });
  const ready = await untilSays(cluster, ref, "Provisioning");
  expect(ready.message).toBe("CloudNativePG: Setting up primary: Creating it");
  const found = await cluster.read<Claim>(claimResource, ref);
  expect(found?.status?.conditions).toMatchObject([
    { type: "Ready", status: "False" },
    { type: "DatabaseReady", status: "False", reason: "Provisioning" },
    { type: "ConnectionSecretReady", status: "True", reason: "SecretWritten" },
    { type: "Reconciling", status: "True", reason: "Provisioning" },
  ]);
  await say(ref, healthy);
  await untilReady(cluster, ref);
});

const notYet: readonly { title: string; status: object; message: string }[] = [
  {
    title: "healthy without instances that are ready",
    status: { phase: "Cluster in healthy state", ...isReady },
    message: "CloudNativePG: 0 of 1 instances are ready",
  },
  {
    title: "healthy while its condition says otherwise",
    status: { ...healthy, ...isNotReady },
    message: "CloudNativePG: Cluster in healthy state",
  },
  {
    title: "initialized and nothing else",
    status: { phase: "", conditions: [condition("Initialized", "True")] },
    message: "CloudNativePG: not begun yet",
  },
  {
    title: "healthy of an image that is no longer asked for",
    status: { ...healthy, image: "ghcr.io/cloudnative-pg/postgresql:15" },
    message:
      "CloudNativePG: changing image from ghcr.io/cloudnative-pg/postgresql:15 to ghcr.io/cloudnative-pg/postgresql:16",
  },
];

for (const { title, status, message } of notYet) {
  story(`a Cluster is not ready that is ${title}`, async ({ namespace }) => {
    const ref = { name: "orders-db", namespace };
    await claimed(ref, status);
    expect(await untilSays(cluster, ref, "Provisioning")).toMatchObject({ message });
    await say(ref, healthy);
    await untilReady(cluster, ref);
  });
}

story(
  "a Cluster that has just been changed is not believed to be healthy, for a moment",
  async scene => {
    const ref = { name: "orders-db", namespace: scene.namespace };
    await claimed(ref, healthy);
    await untilReady(cluster, ref);
    await cluster.patch(claimResource, ref, { spec: { size: "medium" } });
    expect(await untilSays(cluster, ref, "DatabaseUpdating")).toMatchObject({
      message: "CloudNativePG was told of the change",
    });
    // CNPG says nothing more, for instance because it had nothing to do.
    await untilReady(cluster, ref);
    const told = (await eventsOf(ref)).map(({ reason }) => reason);
    expect(told).toEqual(["Provisioned", "Provisioned"]);
  },
);

const troubles: readonly { title: string; status: object; reason: string; message: string }[] = [
  {
    title: "an invalid definition",
    status: {
      phase: "Invalid cluster definition",
      phaseReason: 'spec.storage.size: Invalid value: "1x": Size value isn\'t valid',
      ...isNotReady,
    },
    reason: "DatabaseInvalid",
    message:
      'CloudNativePG: Invalid cluster definition: spec.storage.size: Invalid value: "1x": Size value isn\'t valid',
  },
  {
    title: "a failure that needs someone",
    status: { phase: "Cluster is unrecoverable and needs manual intervention", ...isNotReady },
    reason: "DatabaseFailed",
    message: "CloudNativePG: Cluster is unrecoverable and needs manual intervention",
  },
  {
    title: "hibernation",
    status: {
      phase: "Cluster in healthy state",
      conditions: [condition("Ready", "True"), condition("cnpg.io/hibernation", "True")],
    },
    reason: "Hibernated",
    message: "the database is hibernated by the annotation cnpg.io/hibernation",
  },
];

for (const { title, status, reason, message } of troubles) {
  story(`the claim tells ${title} in the operator's words, once as an event`, async scene => {
    const ref = { name: "orders-db", namespace: scene.namespace };
    await claimed(ref, healthy);
    await untilReady(cluster, ref);
    await say(ref, status);
    expect(await untilSays(cluster, ref, reason)).toMatchObject({ status: "False", message });
    await cluster.eventually(`the event ${reason}`, async () => {
      const told = await eventsOf(ref);
      return told.some(event => event.reason === reason) ? told : undefined;
    });
    expect(
      await valuesOf(cluster, { name: "orders-postgres", namespace: scene.namespace }),
    ).toBeDefined();
    await say(ref, healthy);
    await untilReady(cluster, ref);
    const warnings = (await eventsOf(ref)).filter(({ type }) => type === "Warning");
    expect(warnings).toEqual([expect.objectContaining({ reason, message })]);
  });
}

type Told = {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
};

async function eventsOf({ namespace, name }: Ref): Promise<readonly Told[]> {
  const path = `/api/v1/namespaces/${namespace}/events`;
  const { body } = await cluster.ask({ method: "GET", path });
  return (body as { items: Told[] }).items.filter(
    ({ involvedObject }) =>
      involvedObject.kind === "PostgresInstance" && involvedObject.name === name,
  );
}

story("a Cluster of someone else's is not written to at all", async ({ namespace }) => {
  const ref = { name: "orders-db", namespace };
  const theirs = await cluster.create<KubeObject & { readonly spec: object }>(clusterResource, {
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Cluster",
    metadata: { ...ref },
    spec: { instances: 1, storage: { size: "1Gi" } },
  });
  await makeCredentials(ref);
  await cluster.create(claimResource, claim(ref, {}, { name: "orders-postgres" }));
  await untilSays(cluster, ref, "NotOwned");
  expect(await cluster.read(clusterResource, ref)).toEqual(theirs);
  expect(await valuesOf(cluster, { name: "orders-postgres", namespace })).toBeUndefined();
  await cluster.kubectl(["delete", "pgi/orders-db", "-n", namespace]);
  expect(await cluster.read(clusterResource, ref)).toEqual(theirs);
});

story("an operator that refuses is quoted, and asked again", async ({ namespace }) => {
  const ref = { name: "orders-db", namespace };
  const name = `webhook-of-${namespace}`;
  const webhook = {
    name: "mcluster.cnpg.io",
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    clientConfig: { url: "https://127.0.0.1:1/away" },
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    rules: [
      {
        apiGroups: ["postgresql.cnpg.io"],
        apiVersions: ["v1"],
        operations: ["CREATE"],
        resources: ["clusters"],
      },
    ],
  };
  const configuration = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name },
    webhooks: [webhook],
  };
  await cluster.kubectl(["create", "-f", "-"], JSON.stringify(configuration));
  try {
    await cluster.create(claimResource, claim(ref));
    const { message } = await untilSays(cluster, ref, "WriteFailed");
    expect(message).toContain('failed calling webhook "mcluster.cnpg.io"');
  } finally {
    await cluster.kubectl(["delete", "mutatingwebhookconfiguration", name]);
  }
  await databaseOf(cluster, ref);
});

story(
  "an operator that is installed after the claim is told, and the claim goes on",
  async scene => {
    const ref = { name: "orders-db", namespace: scene.namespace };
    await cluster.kubectl(["delete", "crd", "clusters.postgresql.cnpg.io"]);
    try {
      await cluster.create(claimResource, claim(ref, {}, { name: "orders-postgres" }));
      const { message } = await untilSays(cluster, ref, "OperatorNotInstalled");
      expect(message).toBe(
        "CloudNativePG is not installed (no clusters.postgresql.cnpg.io in this cluster): ask the platform team; the claim goes on by itself once it is there",
      );
    } finally {
      await installOperatorDefinitions(cluster);
    }
    await databaseOf(cluster, ref);
    await say(ref, healthy);
    await makeCredentials(ref);
    expect(readyOf(await untilReady(cluster, ref))?.reason).toBe("Available");
    // Clusters are watched again.
    await cluster.patch(clusterResource, ref, { spec: { instances: 9 } });
    await untilSpec(cluster, ref, ({ instances }) => instances === 1);
  },
);

story("a Cluster on its way out is waited for, and made again", async ({ namespace }) => {
  const ref = { name: "orders-db", namespace };
  await claimed(ref, healthy);
  const { metadata } = await untilReady(cluster, ref);
  const old = await databaseOf(cluster, ref);
  await cluster.patch(clusterResource, ref, { metadata: { finalizers: ["example.com/keep"] } });
  await cluster.remove(clusterResource, ref);
  const { message } = await untilSays(cluster, ref, "DatabaseDeleting");
  expect(message).toBe(`Cluster ${namespace}/orders-db is being deleted and will be made again`);
  await cluster.patch(clusterResource, ref, { metadata: { finalizers: null } });
  const made = await cluster.eventually("a new Cluster", async () => {
    const found = await databaseOf(cluster, ref);
    return found.metadata.uid === old.metadata.uid ? undefined : found;
  });
  expect(made.metadata.ownerReferences).toMatchObject([{ uid: metadata.uid }]);
});
