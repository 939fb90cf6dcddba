/** A claim that is deleted takes with it what is its own, wherever that is, and nothing else. */
import type { Secret } from "../../../capabilities/kubernetes/objects";
import type { TestCluster } from "../cluster";
import {
  claim,
  claimResource,
  clusterResource,
  databaseOf,
  readyClaim,
  secretResource,
  untilGone,
  untilReady,
  untilSays,
  untilValues,
  valuesOf,
} from "../claims";
import { namespaceResource, stories } from "../story";

const story = stories();

function foreignSecret(name: string, namespace: string, labels = {}): Secret {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace, labels },
    type: "Opaque",
    data: { password: "c2VjcmV0" },
  };
}

async function untilAllGone(cluster: TestCluster, name: string, namespace: string): Promise<void> {
  await untilGone(cluster, claimResource, { name, namespace });
  await untilGone(cluster, clusterResource, { name, namespace });
}

story(
  "Property 7: deletion of the claim deletes the connection secret and the Cluster",
  async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: "orders-db", namespace };
    await readyClaim(cluster, claim(ref, {}, { name: "orders-postgres" }));
    await cluster.kubectl(["delete", "pgi/orders-db", "-n", namespace]);
    expect(await valuesOf(cluster, { name: "orders-postgres", namespace })).toBeUndefined();
    await untilAllGone(cluster, ref.name, namespace);
  },
);

story(
  "Property 7 in another namespace; secrets there that are not the claim's stay",
  async scene => {
    const { cluster, namespace } = scene;
    const target = await scene.newNamespace();
    const ref = { name: "orders-db", namespace };
    const { metadata } = await readyClaim(
      cluster,
      claim(ref, {}, { name: "orders-postgres", namespace: target }),
    );
    // Someone else's, made to look like ours.
    const labels = {
      "app.kubernetes.io/managed-by": "zero-touch-postgres",
      "database.bizmatters.io/claim-name": ref.name,
      "database.bizmatters.io/claim-namespace": namespace,
      "database.bizmatters.io/claim-uid": metadata.uid ?? "",
    };
    const foreign = [
      await cluster.create(secretResource, foreignSecret("look-alike", target, labels)),
      await cluster.create(secretResource, foreignSecret("orders-db-app", target)),
      await cluster.create(secretResource, foreignSecret("orders-postgres", namespace)),
    ];
    await cluster.kubectl(["delete", "pgi/orders-db", "-n", namespace]);
    expect(await valuesOf(cluster, { name: "orders-postgres", namespace: target })).toBeUndefined();
    await untilAllGone(cluster, ref.name, namespace);
    for (const secret of foreign) {
      const { name, namespace: where = "" } = secret.metadata;
      expect(await cluster.read(secretResource, { name, namespace: where })).toEqual(secret);
    }
  },
);

story("the claim stays until its secret is gone, and says what keeps it", async scene => {
  const { cluster, namespace } = scene;
  const target = await scene.newNamespace();
  const ref = { name: "orders-db", namespace };
  const secret = { name: "orders-postgres", namespace: target };
  await readyClaim(cluster, claim(ref, {}, secret));
  await cluster.patch(secretResource, secret, { metadata: { finalizers: ["example.com/keep"] } });
  await cluster.remove(claimResource, ref);
  const { message } = await untilSays(cluster, ref, "Deleting");
  expect(message).toBe(
    `Secret ${target}/orders-postgres could not be removed yet: it has finalizers of its own, which must be removed first; the claim stays until it is`,
  );
  await cluster.patch(secretResource, secret, { metadata: { finalizers: null } });
  await untilAllGone(cluster, ref.name, namespace);
});

story("the claim's namespace can be deleted, and the secret in another goes too", async scene => {
  const { cluster, namespace } = scene;
  const target = await scene.newNamespace();
  const secret = { name: "orders-postgres", namespace: target };
  await readyClaim(cluster, claim({ name: "orders-db", namespace }, {}, secret));
  await cluster.kubectl(["delete", "namespace", namespace]);
  expect(await cluster.read(namespaceResource, { name: namespace, namespace: "" })).toBeUndefined();
  expect(await valuesOf(cluster, secret)).toBeUndefined();
});

story("a claim whose target namespace went first can be deleted", async scene => {
  const { cluster, namespace } = scene;
  const target = await scene.newNamespace();
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: "orders-postgres", namespace: target }));
  await cluster.kubectl(["delete", "namespace", target]);
  await cluster.kubectl(["delete", "pgi/orders-db", "-n", namespace]);
  await untilAllGone(cluster, ref.name, namespace);
});

story(
  "a claim that never got anything can be deleted",
  async ({ cluster, namespace, unusedNamespace }) => {
    const ref = { name: "orders-db", namespace };
    const secret = { name: "orders-postgres", namespace: unusedNamespace() };
    await cluster.create(claimResource, claim(ref, {}, secret));
    await cluster.kubectl(["delete", "pgi/orders-db", "-n", namespace]);
    await untilAllGone(cluster, ref.name, namespace);
  },
);

story("a claim that is made again at once gets a database and a secret of its own", async scene => {
  const { cluster, namespace } = scene;
  const target = await scene.newNamespace();
  const ref = { name: "orders-db", namespace };
  const secret = { name: "orders-postgres", namespace: target };
  const first = await readyClaim(cluster, claim(ref, {}, secret));
  const before = await untilValues(cluster, secret);
  await cluster.kubectl(["delete", "pgi/orders-db", "-n", namespace]);
  await cluster.create(claimResource, claim(ref, {}, secret));
  const second = await untilReady(cluster, ref);
  expect(second.metadata.uid).not.toBe(first.metadata.uid);
  const after = await untilValues(cluster, secret);
  expect(after["password"]).not.toBe(before["password"]);
  const own = await untilValues(cluster, { name: "orders-db-app", namespace });
  expect(after["password"]).toBe(own["password"]);
});

story("a claim can be deleted in the foreground", async ({ cluster, namespace, newNamespace }) => {
  const ref = { name: "orders-db", namespace };
  const secret = { name: "orders-postgres", namespace: await newNamespace() };
  await readyClaim(cluster, claim(ref, {}, secret));
  const options = ["--cascade=foreground", `--timeout=${cluster.access.patience}s`];
  await cluster.kubectl(["delete", "pgi/orders-db", "-n", namespace, ...options]);
  // The garbage collector may have learnt of Clusters too late to hold the claim for its own.
  await cluster.eventually("its Cluster to go", async () =>
    (await cluster.read(clusterResource, ref)) ? undefined : true,
  );
  expect(await valuesOf(cluster, secret)).toBeUndefined();
});

const protectedSpec = { deletionProtection: true } as const;

story(
  "a protected claim is not deleted, nor its namespace, until its author lets it go",
  async scene => {
    const { cluster } = scene;
    const namespace = await scene.newNamespace();
    const ref = { name: "orders-db", namespace };
    await readyClaim(cluster, claim(ref, protectedSpec));
    const refused =
      'PostgresInstance "orders-db" is refused: spec.deletionProtection is true, so that the claim cannot be deleted: set it to false first';
    await expect(cluster.kubectl(["delete", "pgi/orders-db", "-n", namespace])).rejects.toThrow(
      refused,
    );
    await expect(cluster.kubectl(["delete", "namespace", namespace])).rejects.toThrow(
      `Namespace "${namespace}" is refused: metadata.name cannot be deleted: spec.deletionProtection of PostgresInstance ${namespace}/orders-db is true; set it to false there first`,
    );
    const found = await cluster.read(namespaceResource, { name: namespace, namespace: "" });
    expect(found?.metadata.deletionTimestamp).toBeUndefined();
    await cluster.patch(claimResource, ref, { spec: { deletionProtection: false } });
    await cluster.kubectl(["delete", "namespace", namespace, "--wait=false"]);
    await untilGone(cluster, claimResource, ref);
  },
);

story("a database outlives a claim that retains, and is taken over by the next", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  const wanted = claim(ref, { deletionPolicy: "Retain" }, { name: "orders-postgres" });
  await readyClaim(cluster, wanted);
  const before = await databaseOf(cluster, ref);
  const { password } = await untilValues(cluster, { name: "orders-postgres", namespace });
  // As Argo CD deletes: what has an owner goes before it.
  await cluster.kubectl(["delete", "pgi/orders-db", "-n", namespace, "--cascade=foreground"]);
  await untilGone(cluster, claimResource, ref);
  expect(await valuesOf(cluster, { name: "orders-postgres", namespace })).toBeUndefined();

  await cluster.create(claimResource, {
    ...wanted,
    spec: { deletionPolicy: "Retain", version: "17" },
  });
  const uid = before.metadata.uid ?? "";
  expect((await untilSays(cluster, ref, "DatabaseKept")).message).toContain(uid);
  await cluster.kubectl([
    "annotate",
    "pgi/orders-db",
    "-n",
    namespace,
    `database.bizmatters.io/adopt=${uid}`,
  ]);
  expect((await untilSays(cluster, ref, "DatabaseDiffers")).message).toContain(
    'spec.version: "16"',
  );
  await cluster.kubectl(["delete", "pgi/orders-db", "-n", namespace]);

  const annotations = { "database.bizmatters.io/adopt": uid };
  await readyClaim(cluster, { ...wanted, metadata: { ...wanted.metadata, annotations } });
  const after = await databaseOf(cluster, ref);
  expect(after.metadata.uid).toBe(uid);
  expect(after.metadata.deletionTimestamp).toBeUndefined();
  const values = await untilValues(cluster, { name: "orders-postgres", namespace });
  expect(values.password).toBe(password);

  await cluster.patch(claimResource, ref, { spec: { deletionPolicy: "Delete" } });
  await cluster.kubectl(["delete", "pgi/orders-db", "-n", namespace]);
  await untilAllGone(cluster, ref.name, namespace);
});
