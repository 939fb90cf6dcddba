/** What is in the way and not the claim's: left alone, told, and gone on without once it is gone. */
import type { Claim } from "../../../capabilities/claim/claim";
import type { KubeObject, Ref, Secret } from "../../../capabilities/kubernetes/objects";
import {
  claim,
  claimResource,
  clusterResource,
  databaseOf,
  readyClaim,
  secretResource,
  untilReady,
  untilSays,
  untilValues,
  valuesOf,
  type Database,
} from "../claims";
import type { TestCluster } from "../cluster";
import { stories } from "../story";

const story = stories();

function someonesSecret(ref: Ref): Secret {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { ...ref },
    type: "Opaque",
    data: { password: "dGhlaXJz" },
  };
}

/** What anyone but the operator may have done to a Cluster. */
function shapeOf({ spec, metadata }: Database): object {
  const { name, uid, generation, labels, annotations, finalizers, ownerReferences } = metadata;
  return { spec, name, uid, generation, labels, annotations, finalizers, ownerReferences };
}

/** A Cluster that someone else has made, once its operator writes to it no longer. */
async function someonesCluster(cluster: TestCluster, ref: Ref): Promise<Database> {
  await cluster.create<KubeObject & { readonly spec: object }>(clusterResource, {
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Cluster",
    metadata: { ...ref },
    spec: { instances: 1, storage: { size: "1Gi" } },
  });
  return cluster.eventually("the other Cluster to be healthy", async () => {
    const found = await cluster.read<Database>(clusterResource, ref);
    const { phase } = (found as { status?: { phase?: string } } | undefined)?.status ?? {};
    return phase === "Cluster in healthy state" ? found : undefined;
  });
}

story("a Cluster of the claim's name is left alone, and so are its credentials", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  const secret = { name: "orders-postgres", namespace };
  const theirs = await someonesCluster(cluster, ref);
  await cluster.create(claimResource, claim(ref, {}, { name: secret.name }));
  const { message } = await untilSays(cluster, ref, "NotOwned");
  expect(message).toBe(
    `Cluster ${namespace}/orders-db exists and does not belong to this claim, so it was left as it is: remove it, or make a claim of another name`,
  );
  const found = await databaseOf(cluster, ref);
  expect(shapeOf(found)).toEqual(shapeOf(theirs));
  const managers = found.metadata.managedFields?.map(({ manager }) => manager);
  expect(managers).not.toContain("zero-touch-postgres");
  expect(await valuesOf(cluster, secret)).toBeUndefined();

  await cluster.remove(clusterResource, ref);
  await untilReady(cluster, ref);
  const own = await databaseOf(cluster, ref);
  expect(own.metadata.uid).not.toBe(theirs.metadata.uid);
  expect(await valuesOf(cluster, secret)).toMatchObject({ username: "orders_db" });
});

story(
  "a Secret where the connection secret should go is left alone, byte for byte",
  async scene => {
    const { cluster, namespace } = scene;
    const target = await scene.newNamespace();
    const secret = { name: "orders-postgres", namespace: target };
    const theirs = await cluster.create(secretResource, someonesSecret(secret));
    const ref = { name: "orders-db", namespace };
    await cluster.create(claimResource, claim(ref, {}, secret));
    const { message } = await untilSays(cluster, ref, "NotOwned");
    expect(message).toBe(
      `Secret ${target}/orders-postgres exists and does not belong to this claim, so it was left as it is: remove it, or ask for another name`,
    );
    expect(await cluster.read(secretResource, secret)).toEqual(theirs);

    await cluster.remove(secretResource, secret);
    await untilReady(cluster, ref);
    expect(await valuesOf(cluster, secret)).toMatchObject({ username: "orders_db" });
  },
);

story(
  "a claim that is deleted while a Secret is in its way leaves that where it is",
  async scene => {
    const { cluster, namespace } = scene;
    const secret = { name: "orders-postgres", namespace };
    const theirs = await cluster.create(secretResource, someonesSecret(secret));
    const ref = { name: "orders-db", namespace };
    await cluster.create(claimResource, claim(ref, {}, { name: secret.name }));
    await untilSays(cluster, ref, "NotOwned");
    await cluster.kubectl(["delete", "pgi/orders-db", "-n", namespace]);
    expect(await cluster.read(secretResource, secret)).toEqual(theirs);
  },
);

story(
  "a Secret in the way of a moved ref is left alone, and the old one stays in use",
  async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: "orders-db", namespace };
    await readyClaim(cluster, claim(ref, {}, { name: "first" }));
    const second = { name: "second", namespace };
    const theirs = await cluster.create(secretResource, someonesSecret(second));
    await cluster.patch(claimResource, ref, { writeConnectionSecretToRef: { name: "second" } });
    await untilSays(cluster, ref, "NotOwned");
    expect(await cluster.read(secretResource, second)).toEqual(theirs);
    expect(await valuesOf(cluster, { name: "first", namespace })).toMatchObject({ port: "5432" });
  },
);

story("a Secret that was put in the place of ours is told and left alone", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  const secret = { name: "orders-postgres", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: secret.name }));
  // The module is as quick as it can to write its own again: who wins is a matter of luck, so it is tried until we do.
  const theirs = await cluster.eventually(
    "a Secret of someone else's in the place of ours",
    async () => {
      await cluster.remove(secretResource, secret).catch(() => undefined);
      return cluster.create(secretResource, someonesSecret(secret)).catch(() => undefined);
    },
  );
  await untilSays(cluster, ref, "NotOwned");
  expect(await cluster.read(secretResource, secret)).toEqual(theirs);
  await cluster.remove(secretResource, secret);
  await untilReady(cluster, ref);
  expect(await untilValues(cluster, secret)).toMatchObject({ username: "orders_db" });
});

story("credentials that the operator did not make are not passed on", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  const labels = {
    "cnpg.io/cluster": "orders-db",
    "cnpg.io/userType": "app",
    "cnpg.io/reload": "true",
  };
  await cluster.create(secretResource, {
    ...someonesSecret({ name: "orders-db-app", namespace }),
    metadata: { name: "orders-db-app", namespace, labels },
    type: "kubernetes.io/basic-auth",
    data: { username: "b3JkZXJzX2Ri", password: "Zm9yZ2Vk" },
  } as Secret);
  await cluster.create(claimResource, claim(ref, {}, { name: "orders-postgres" }));
  await cluster.eventually("the claim to wait for credentials", async () => {
    const found = await cluster.read<Claim>(claimResource, ref);
    const reasons = found?.status?.conditions?.map(({ reason }) => reason) ?? [];
    return reasons.includes("CredentialsPending") ? true : undefined;
  });
  expect(await valuesOf(cluster, { name: "orders-postgres", namespace })).toBeUndefined();
});
