/** Databases of several claims in one instance: made, kept apart by name, shared across namespaces, and gone or kept with their claims. */
import type { KubeObject, Ref } from "../../../capabilities/kubernetes/objects";
import { databaseResource } from "../../../capabilities/operator/cnpg/extensions";
import { roleResource } from "../../../capabilities/operator/cnpg/shared-databases";
import {
  claim,
  claimResource,
  databaseOf,
  readyClaim,
  secretResource,
  untilValues,
  valuesOf,
} from "../claims";
import {
  databaseClaim,
  databaseClaimResource,
  readyDatabase,
  told,
  untilDatabaseGone,
  untilDatabaseReady,
  untilDatabaseSays,
  untilEvent,
} from "../databases";
import { stories, type Scene } from "../story";

const story = stories();

/** An instance that shares itself with its own namespace, and with these. */
async function home(
  { cluster, namespace }: Scene,
  namespaces: readonly string[] = [],
): Promise<Ref> {
  const ref = { name: "home", namespace };
  await readyClaim(cluster, claim(ref, { share: { namespaces } }));
  return ref;
}

async function share(
  { cluster }: Scene,
  instance: Ref,
  namespaces: readonly string[],
): Promise<void> {
  await cluster.patch(claimResource, instance, { spec: { share: { namespaces } } });
}

story("five lines make a database with a role, a password and a connection Secret", async scene => {
  const { cluster, namespace } = scene;
  await home(scene);
  const ref = { name: "orders", namespace };
  const { status } = await readyDatabase(
    cluster,
    databaseClaim(ref, { instanceRef: { name: "home" } }),
  );
  expect(status).toMatchObject({
    phase: "Ready",
    endpoint: `home-rw.${namespace}.svc.cluster.local`,
    binding: { name: "orders-connection" },
    connectionSecretRef: { name: "orders-connection", namespace },
  });
  const values = await untilValues(cluster, { name: "orders-connection", namespace });
  expect(values).toMatchObject({
    username: "orders",
    database: "orders",
    host: `home-rw.${namespace}.svc.cluster.local`,
    port: "5432",
    type: "postgresql",
    provider: "cloudnative-pg",
  });
  // 24 bytes that nobody guesses.
  expect(values["password"]).toMatch(/^[A-Za-z0-9_-]{32}$/);
  expect(values["uri"]).toContain(`orders:${values["password"] ?? ""}@home-rw.`);
});

story(
  "the author is told at once of what the claim waits for, and it goes on by itself",
  async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: "orders", namespace };
    const wanted = databaseClaim(ref, { instanceRef: { name: "home" } });
    await cluster.create(databaseClaimResource, wanted);
    const { message } = await untilDatabaseSays(cluster, ref, "InstanceNotFound");
    expect(message).toContain(`PostgresInstance ${namespace}/home is not there: create it`);
    await cluster.create(claimResource, claim({ name: "home", namespace }));
    await untilDatabaseSays(cluster, ref, "NotShared");
    await cluster.patch(claimResource, { name: "home", namespace }, { spec: { share: {} } });
    await untilDatabaseReady(cluster, ref);
  },
);

story(
  "names that are taken in the instance are told, without a word of whose they are",
  async scene => {
    const { cluster, namespace } = scene;
    const other = await scene.newNamespace();
    const instance = await home(scene, [other]);
    await readyDatabase(
      cluster,
      databaseClaim({ name: "orders", namespace }, { instanceRef: { name: "home" } }),
    );
    const ref = { name: "orders", namespace: other };
    await cluster.create(databaseClaimResource, databaseClaim(ref, { instanceRef: instance }));
    const { message } = await untilDatabaseSays(cluster, ref, "NameTaken");
    expect(message).toContain("set spec.databaseName and spec.owner to other names");
    expect(
      await valuesOf(cluster, { name: "orders-connection", namespace: other }),
    ).toBeUndefined();
    // Nor may one take the database of the instance itself.
    const own = databaseClaim({ name: "home", namespace }, { instanceRef: { name: "home" } });
    await expect(cluster.create(databaseClaimResource, own)).rejects.toThrow(
      `metadata.name makes "home", the own database or owner of PostgresInstance ${namespace}/home`,
    );
  },
);

story(
  "a namespace that is not allowed any more keeps what it has, is told, and gets nothing new",
  async scene => {
    const { cluster } = scene;
    const other = await scene.newNamespace();
    const instance = await home(scene, [other]);
    const ref = { name: "orders", namespace: other };
    const { status } = await readyDatabase(cluster, databaseClaim(ref, { instanceRef: instance }));
    expect(status?.endpoint).toBe(`home-rw.${instance.namespace}.svc.cluster.local`);
    // What the operator reads lies beside the instance, the application's Secret beside the application.
    expect(await valuesOf(cluster, { name: "home.orders", namespace: instance.namespace })).toEqual(
      expect.objectContaining({ username: "orders" }),
    );
    await share(scene, instance, []);
    const { message } = await untilDatabaseSays(cluster, ref, "NotShared", "InstanceShared");
    expect(message).toContain("the database that is there stays as it is");
    await untilDatabaseReady(cluster, ref);
    const late = { name: "late", namespace: other };
    await cluster.create(databaseClaimResource, databaseClaim(late, { instanceRef: instance }));
    await untilDatabaseSays(cluster, late, "NotShared");
    await share(scene, instance, ["*"]);
    await untilDatabaseReady(cluster, late);
    await cluster.eventually("the claim to be told nothing of sharing", async () => {
      const found = await untilDatabaseReady(cluster, ref);
      return told(found, "InstanceShared") ? undefined : true;
    });
    for (const name of ["orders", "late"]) {
      await cluster.kubectl(["delete", `pgdb/${name}`, "-n", other]);
    }
  },
);

story(
  "a claim that goes keeps its data by default, and a new one of its name takes it over",
  async scene => {
    const { cluster, namespace } = scene;
    await home(scene);
    const ref = { name: "orders", namespace };
    const wanted = databaseClaim(ref, { instanceRef: { name: "home" }, owner: "shop" });
    await readyDatabase(cluster, wanted);
    const before = await untilValues(cluster, { name: "orders-connection", namespace });
    await cluster.kubectl(["delete", "pgdb/orders", "-n", namespace]);
    expect(await valuesOf(cluster, { name: "orders-connection", namespace })).toBeUndefined();
    expect(await valuesOf(cluster, { name: "home.shop", namespace })).toBeUndefined();
    const role = await cluster.read<KubeObject & { spec: object }>(roleResource, {
      name: "home.shop",
      namespace,
    });
    expect(role?.spec).toMatchObject({ login: false, databaseRoleReclaimPolicy: "retain" });
    expect(await cluster.read(databaseResource, { name: "home.orders", namespace })).toBeDefined();
    await untilEvent(cluster, ref, "DatabaseKept");
    await readyDatabase(cluster, wanted);
    const after = await untilValues(cluster, { name: "orders-connection", namespace });
    expect(after["username"]).toBe("shop");
    expect(after["password"]).not.toBe(before["password"]);
  },
);

story("with deletionPolicy Delete everything goes, and that it did is told", async scene => {
  const { cluster, namespace } = scene;
  await home(scene);
  const ref = { name: "orders", namespace };
  await readyDatabase(
    cluster,
    databaseClaim(ref, { instanceRef: { name: "home" }, owner: "shop", deletionPolicy: "Delete" }),
  );
  await cluster.kubectl(["delete", "pgdb/orders", "-n", namespace]);
  await untilDatabaseGone(cluster, ref);
  for (const [resource, name] of [
    [databaseResource, "home.orders"],
    [roleResource, "home.orders"],
    [roleResource, "home.shop"],
    [secretResource, "home.shop"],
  ] as const) {
    expect(await cluster.read(resource, { name, namespace })).toBeUndefined();
  }
  await untilEvent(cluster, ref, "DatabaseDropped");
});

story(
  "an instance that others have data in is not deleted, and does not stop keeping them apart",
  async scene => {
    const { cluster, namespace } = scene;
    const instance = await home(scene);
    const { spec } = await databaseOf(cluster, instance);
    expect(spec.postgresql?.pg_hba).toEqual([
      'host "home" "home" all scram-sha-256',
      "host samerole all all scram-sha-256",
      "host all all all reject",
    ]);
    const ref = { name: "orders", namespace };
    await readyDatabase(cluster, databaseClaim(ref, { instanceRef: { name: "home" } }));
    await expect(cluster.kubectl(["delete", "pgi/home", "-n", namespace])).rejects.toThrow(
      `the instance holds the data of PostgresDatabases ${namespace}/orders; delete them first`,
    );
    await expect(cluster.patch(claimResource, instance, { spec: { share: null } })).rejects.toThrow(
      "spec.share was given and cannot be dropped",
    );
    // Data that is kept counts as well.
    await cluster.kubectl(["delete", "pgdb/orders", "-n", namespace]);
    await expect(cluster.kubectl(["delete", "pgi/home", "-n", namespace])).rejects.toThrow(
      `the instance keeps the data of PostgresDatabases ${namespace}/orders, which are gone; to drop it, make each again with deletionPolicy: Delete`,
    );
    const last = { instanceRef: { name: "home" }, deletionPolicy: "Delete" } as const;
    await readyDatabase(cluster, databaseClaim(ref, last));
    await cluster.kubectl(["delete", "pgdb/orders", "-n", namespace]);
    await cluster.kubectl(["delete", "pgi/home", "-n", namespace]);
  },
);

story("a claim that breaks rules is refused, with all its faults at once", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "pg-catalog", namespace };
  const wanted = {
    ...databaseClaim(ref, { instanceRef: { name: "home" }, owner: "postgres" }),
    writeConnectionSecretToRef: { name: "home.orders" },
  };
  const refusal = cluster.create(databaseClaimResource, wanted);
  await expect(refusal).rejects.toThrow('makes "pg_catalog", which PostgreSQL');
  await expect(refusal).rejects.toThrow('makes "postgres", which PostgreSQL');
  await expect(refusal).rejects.toThrow("a name as the passwords of the instance's roles have");
});

story(
  "instance, database and owner cannot be changed, and a large limit is refused",
  async scene => {
    const { cluster, namespace } = scene;
    await home(scene);
    const ref = { name: "orders", namespace };
    await readyDatabase(cluster, databaseClaim(ref, { instanceRef: { name: "home" } }));
    const change = cluster.patch(databaseClaimResource, ref, {
      spec: { instanceRef: { name: "other" }, databaseName: "a", owner: "b" },
    });
    await expect(change).rejects.toThrow(
      `spec.instanceRef was "${namespace}/home" and cannot become "${namespace}/other"`,
    );
    await expect(change).rejects.toThrow('spec.databaseName was "orders" and cannot become "a"');
    await expect(
      cluster.patch(databaseClaimResource, ref, { spec: { connectionLimit: 21 } }),
    ).rejects.toThrow("spec.connectionLimit is 21, but class built-in of the instance allows 20");
  },
);
