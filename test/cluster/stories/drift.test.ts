/** What others change by hand: ours is put right, theirs stays. */
import type { Claim } from "../../../capabilities/claim/claim";
import {
  claim,
  claimResource,
  clusterResource,
  databaseOf,
  readyClaim,
  secretResource,
  untilReady,
  untilSays,
  untilSpec,
  untilValues,
  type Database,
  type ManagedFields,
} from "../claims";
import { stories } from "../story";

const story = stories();

story(
  "a value of the connection secret that was changed, and a key that was taken out, come back",
  async scene => {
    const { cluster, namespace } = scene;
    const secret = { name: "orders-postgres", namespace };
    await readyClaim(cluster, claim({ name: "orders-db", namespace }, {}, { name: secret.name }));
    const before = await untilValues(cluster, secret);
    const mine = { note: Buffer.from("mine").toString("base64") };
    await cluster.patch(secretResource, secret, { data: { port: "OTk5OQ==", uri: null, ...mine } });
    const after = await untilValues(cluster, secret, found => found["port"] === "5432");
    expect(after).toEqual({ ...before, note: "mine" });
  },
);

story("labels of the connection secret that were taken off come back", async scene => {
  const { cluster, namespace } = scene;
  const secret = { name: "orders-postgres", namespace };
  await readyClaim(cluster, claim({ name: "orders-db", namespace }, {}, { name: secret.name }));
  const labels = (await cluster.read(secretResource, secret))?.metadata.labels ?? {};
  const none = Object.fromEntries(Object.keys(labels).map(name => [name, null]));
  await cluster.patch(secretResource, secret, { metadata: { labels: none } });
  const after = await cluster.eventually("the labels to be back", async () => {
    const found = await cluster.read(secretResource, secret);
    return found?.metadata.labels ? found : undefined;
  });
  expect(after.metadata.labels).toEqual(labels);
});

story("a connection secret that was removed is written again", async ({ cluster, namespace }) => {
  const secret = { name: "orders-postgres", namespace };
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: secret.name }));
  const before = await untilValues(cluster, secret);
  const removed = await cluster.read(secretResource, secret);
  await cluster.remove(secretResource, secret);
  expect(await untilValues(cluster, secret)).toEqual(before);
  const made = await cluster.read(secretResource, secret);
  expect(made?.metadata.uid).not.toBe(removed?.metadata.uid);
  const { status } = await cluster.eventually("the claim to know the new secret", async () => {
    const found = await untilReady(cluster, ref);
    return found.status?.connectionSecretRef?.uid === made?.metadata.uid ? found : undefined;
  });
  expect(status?.phase).toBe("Ready");
});

story("our fields of the Cluster are put right, and other managers' stay theirs", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref));
  const before = await databaseOf(cluster, ref);
  await cluster.patch(
    clusterResource,
    ref,
    {
      metadata: { labels: { team: "dba", "app.kubernetes.io/managed-by": "dba" } },
      spec: {
        resources: { requests: { cpu: "111m" } },
        enableSuperuserAccess: true,
        logLevel: "debug",
      },
    },
    "dba",
  );
  const { spec, metadata } = await untilSpec(
    cluster,
    ref,
    ({ resources }) => resources.requests["cpu"] === before.spec.resources.requests["cpu"],
  );
  expect(spec).toMatchObject({ enableSuperuserAccess: false, logLevel: "debug" });
  expect(metadata.labels).toMatchObject({
    team: "dba",
    "app.kubernetes.io/managed-by": "zero-touch-postgres",
  });
  expect(fieldsOf(metadata.managedFields, "dba")).toEqual({
    "f:metadata": { "f:labels": { "f:team": {} } },
    "f:spec": { "f:logLevel": {} },
  });
  expect(operationsOf(metadata.managedFields, "zero-touch-postgres")).toEqual(["Apply"]);
});

function fieldsOf(fields: readonly ManagedFields[] = [], manager: string): unknown {
  return fields.find(entry => entry.manager === manager)?.fieldsV1;
}

function operationsOf(fields: readonly ManagedFields[] = [], manager: string): string[] {
  const own = fields.filter(entry => entry.manager === manager && !entry.subresource);
  return own.map(({ operation }) => operation);
}

story(
  "a Cluster that was removed is made again, and the secret has its new credentials",
  async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: "orders-db", namespace };
    const secret = { name: "orders-postgres", namespace };
    await readyClaim(cluster, claim(ref, {}, { name: secret.name }));
    const [removed, before] = [await databaseOf(cluster, ref), await untilValues(cluster, secret)];
    await cluster.remove(clusterResource, ref);
    await cluster.eventually("a new Cluster", async () => {
      const found = await cluster.read<Database>(clusterResource, ref);
      return found && found.metadata.uid !== removed.metadata.uid ? found : undefined;
    });
    const after = await untilValues(
      cluster,
      secret,
      found => found["password"] !== before["password"],
    );
    const own = await untilValues(cluster, { name: "orders-db-app", namespace });
    expect(after["password"]).toBe(own["password"]);
    const { status }: Claim = await untilReady(cluster, ref);
    expect(status?.phase).toBe("Ready");
  },
);

story("a finalizer that was taken off comes back", async ({ cluster, namespace }) => {
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: "orders-postgres" }));
  await cluster.patch(claimResource, ref, { metadata: { finalizers: null } });
  await cluster.eventually("the finalizer to be back", async () => {
    const { finalizers = [] } = (await cluster.read(claimResource, ref))?.metadata ?? {};
    return finalizers.includes("database.bizmatters.io/connection-secret") ? true : undefined;
  });
});

story(
  "a connection secret that was made immutable is told of, and replaced once it is removed",
  async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: "orders-db", namespace };
    const secret = { name: "orders-postgres", namespace };
    await readyClaim(cluster, claim(ref, {}, { name: secret.name }));
    await cluster.patch(secretResource, secret, { immutable: true });
    const own = { name: "orders-db-app", namespace };
    await cluster.patch(secretResource, own, { stringData: { password: "changed" } });
    const { message } = await untilSays(cluster, ref, "WriteFailed");
    expect(message).toContain(`Secret ${namespace}/orders-postgres could not be written (422): `);
    expect(message).toContain("field is immutable when `immutable` is set");
    await cluster.remove(secretResource, secret);
    await untilValues(cluster, secret, found => found["password"] === "changed");
    await untilReady(cluster, ref);
  },
);
