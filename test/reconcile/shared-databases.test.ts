/** Databases in a shared instance over their life: made in order, told, kept apart by rank and name, and cleared up, whatever fails between. */
import { cronJobResource } from "../../capabilities/backup/jobs";
import type { Claim } from "../../capabilities/claim/claim";
import type { PostgresClass } from "../../capabilities/claim/class";
import type { DatabaseClaim } from "../../capabilities/claim/database";
import { databaseClaimKind, databaseClaimResource } from "../../capabilities/claim/names";
import { secretResource } from "../../capabilities/kubernetes/objects";
import { clusterResource } from "../../capabilities/operator/cnpg/cluster";
import { databaseResource } from "../../capabilities/operator/cnpg/extensions";
import { roleResource } from "../../capabilities/operator/cnpg/shared-databases";
import { createFakeKube } from "../fake-kube";
import { createFakeOperator } from "../fake-operator";
import { createFakeServer, type FakeServer } from "../fake-server";
import { events } from "./bench";
import {
  applyAll,
  applyTo,
  bench,
  database,
  failures,
  instance,
  instanceRef,
  leave,
  ordersRef,
  specOf,
} from "./shared-bench";

test("each object is made once the one before it is applied: a failure costs CNPG 30 s", async () => {
  const { server, run, reason } = await bench([database(ordersRef, { owner: "shop" })]);
  const made = (writes: readonly string[]): readonly string[] =>
    writes.filter(line => line.startsWith("create") && !line.includes("Event"));
  expect(made(await run())).toEqual([
    "create Secret platform/home.shop",
    "create DatabaseRole platform/home.orders",
  ]);
  expect(reason("DatabaseReady")).toBe("Provisioning");
  expect(made(await run())).toEqual([]);
  applyAll(server);
  expect(made(await run())).toEqual(["create DatabaseRole platform/home.shop"]);
  applyAll(server);
  expect(made(await run())).toEqual([
    "create Database platform/home.orders",
    "create Secret team-a/orders-connection",
  ]);
  applyAll(server);
  await run();
  expect(reason()).toBe("Available");
  expect(await run()).toEqual([]);
});

test("the role is nobody special, and a member of the group by whose name PostgreSQL lets it in", async () => {
  const { server, settle } = await bench([
    database(ordersRef, { databaseName: "orders_db", owner: "shop", connectionLimit: 7 }),
  ]);
  await settle();
  const cluster = { name: "home" };
  expect(specOf(server, roleResource, "home.orders-db")).toEqual({
    ...{ cluster, name: "orders_db", login: false, databaseRoleReclaimPolicy: "retain" },
  });
  expect(specOf(server, roleResource, "home.shop")).toEqual({
    ...{ cluster, name: "shop", login: true, passwordSecret: { name: "home.shop" } },
    ...{ connectionLimit: 7, inRoles: ["orders_db"], databaseRoleReclaimPolicy: "retain" },
  });
  expect(specOf(server, databaseResource, "home.orders-db")).toEqual({
    ...{ cluster, name: "orders_db", owner: "shop", databaseReclaimPolicy: "retain" },
  });
});

test("what the operator has against a role or a database is told in its words", async () => {
  const { server, run, reason, status } = await bench();
  await run();
  const [role] = server.all(roleResource);
  if (!role) throw new Error("the role is there");
  applyTo(server, role, 'ERROR: role "orders" is odd');
  await run();
  expect(reason()).toBe("DatabaseFailed");
  expect(status().conditions?.[0]?.message).toBe('CloudNativePG: ERROR: role "orders" is odd');
});

test("CNPG is made to look again at a role whose password it could not read yet, three times at most", async () => {
  const { server, run, reason } = await bench();
  const forbidden =
    'secrets "home.orders" is forbidden: User "system:serviceaccount:platform:home" cannot get';
  const role = { name: "home.orders", namespace: "platform" };
  const askedAgain = async (): Promise<string | undefined> => {
    const found = server.find(roleResource, role);
    if (!found) throw new Error("the role is there");
    applyTo(server, found, forbidden);
    await run();
    const { metadata } = server.find(roleResource, role) ?? found;
    return metadata.annotations?.["database.bizmatters.io/asked-again"];
  };
  await run();
  expect([await askedAgain(), await askedAgain(), await askedAgain()]).toEqual(["1", "2", "3"]);
  expect(reason()).toBe("DatabaseFailed");
  expect(await askedAgain()).toBe("3");
});

test("while the instance is not ready nothing is made, and the claim says what is wrong with it", async () => {
  const made = await bench();
  createFakeOperator(made.server).reach(instanceRef, "hibernated");
  await made.kube.reconcile({ kind: "PostgresInstance", ...instanceRef });
  const writes = await made.run();
  expect(writes.filter(line => line.startsWith("create"))).toEqual([]);
  expect(made.reason()).toBe("InstanceNotReady");
  expect(made.status().conditions?.[0]?.message).toContain(
    "PostgresInstance platform/home is not ready: Hibernated",
  );
});

test("an instance on another operator says so, and nothing is made", async () => {
  const zalando: PostgresClass = {
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name: "team" },
    spec: { backend: "zalando", zalando: { teamId: "shop" } },
  };
  const server = createFakeServer();
  server.namespaces.add("platform").add("team-a");
  const kube = createFakeKube(server);
  server.create(zalando);
  server.create(instance({ className: "team", share: undefined } as unknown as Claim["spec"]));
  server.create(database());
  await kube.reconcile({ kind: databaseClaimKind, ...ordersRef });
  const found = server.find(databaseClaimResource, ordersRef) as DatabaseClaim;
  expect(found.status?.conditions?.[0]?.message).toContain(
    "is run by Zalando's operator, which cannot keep databases of several claims apart here",
  );
});

test("a class bounds how many an instance holds: the oldest claims have it, whoever comes first", async () => {
  const bounded: PostgresClass = {
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name: "small" },
    spec: { shared: { maxDatabases: 1 } },
  };
  const lateRef = { name: "late", namespace: "team-b" };
  const claims = [database(ordersRef, {}, 1), database(lateRef, {}, 2)];
  const asked = instance({ className: "small" });
  const made = await bench(claims, { asked, classes: [bounded], freshness: "stored" });
  await made.settle(lateRef);
  expect(made.reason("Ready", lateRef)).toBe("InstanceFull");
  await made.settle();
  expect(made.reason()).toBe("Available");
});

test("where the instance's class makes backups, each database has its own, with the password of its connection Secret", async () => {
  const home: PostgresClass = {
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name: "home" },
    spec: { backup: { method: "dump", volume: { nfs: { server: "nas", path: "/backups" } } } },
  };
  const asked = instance({ className: "home", version: "15" });
  const backup = { schedule: "5 4 * * *" };
  const made = await bench([database(ordersRef, { owner: "shop", backup })], {
    ...{ asked, classes: [home] },
  });
  await made.settle();
  const [cronJob] = made.server
    .all(cronJobResource)
    .filter(({ metadata }) => metadata.namespace === "team-a");
  expect(cronJob?.metadata).toMatchObject({
    name: "orders-pgdb-backup",
    ownerReferences: [{ kind: "PostgresDatabase", name: "orders" }],
  });
  const text = JSON.stringify(cronJob);
  for (const part of [
    '"schedule":"5 4 * * *"',
    "ghcr.io/cloudnative-pg/postgresql:15",
    '{"name":"PGHOST","value":"home-rw.platform.svc.cluster.local"}',
    '{"name":"PGDATABASE","value":"orders"}',
    '"subPath":"team-a/orders.pgdb"',
    '"secretKeyRef":{"name":"orders-connection","key":"password"}',
  ]) {
    expect(text).toContain(part);
  }
  expect(made.reason("BackupHealthy")).toBe("BackupScheduled");
  expect(made.status().backup?.place).toBe("team-a/orders.pgdb in nas:/backups");
});

test("a Secret that someone has laid in the way is neither used nor changed", async () => {
  const { server, settle, reason } = await bench();
  const planted = server.create({
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      ...{ name: "home.orders", namespace: "platform" },
      labels: {
        "cnpg.io/reload": "true",
        "database.bizmatters.io/claim-kind": "PostgresDatabase",
        "database.bizmatters.io/claim-name": "orders",
        "database.bizmatters.io/claim-namespace": "team-a",
      },
    },
    ...{ type: "kubernetes.io/basic-auth", data: { username: "b3JkZXJz", password: "a25vd24=" } },
  });
  await settle();
  expect(reason()).toBe("NotOwned");
  expect(server.find(secretResource, { name: "home.orders", namespace: "platform" })).toEqual(
    "object" in planted ? planted.object : undefined,
  );
  expect(
    server.find(secretResource, { name: "orders-connection", namespace: "team-a" }),
  ).toBeUndefined();
  expect(server.all(roleResource)).toEqual([]);
});

function nothingLeft(server: FakeServer): readonly string[] {
  const left = [databaseResource, roleResource, secretResource, databaseClaimResource].flatMap(
    resource => server.all(resource),
  );
  return left
    .filter(({ metadata }) => metadata.name !== "home-app")
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

test("with Delete the database goes before its roles, and the password before them", async () => {
  const made = await bench([database(ordersRef, { owner: "shop", deletionPolicy: "Delete" })]);
  await made.settle();
  const before = made.kube.writes.length;
  await leave(made);
  expect(nothingLeft(made.server)).toEqual([]);
  const removed = made.kube.writes
    .slice(before)
    .filter(({ verb }) => verb === "remove" || verb === "delete")
    .map(({ what }) => what);
  expect(removed).toEqual([
    "Secret team-a/orders-connection",
    "Database platform/home.orders",
    "Secret platform/home.shop",
    "DatabaseRole platform/home.orders",
    "DatabaseRole platform/home.shop",
  ]);
  expect(events(made.kube)).toContainEqual(expect.objectContaining({ reason: "DatabaseDropped" }));
});

test("data that an earlier claim of the name has left, and this one did not take over, does not go with it", async () => {
  const made = await bench();
  await made.settle();
  await leave(made);
  const again = database(ordersRef, { databaseName: "other", deletionPolicy: "Delete" });
  made.server.create({ ...again, metadata: { ...again.metadata, uid: "another uid" } });
  await made.settle();
  expect(made.reason()).toBe("Available");
  await leave(made);
  expect(nothingLeft(made.server)).toEqual(["Database home.orders", "DatabaseRole home.orders"]);
});

test("what was made for an earlier instance is made anew, and drops nothing of one that was restored", async () => {
  const made = await bench([database(ordersRef, { deletionPolicy: "Delete" })]);
  await made.settle();
  const cluster = made.server.find(clusterResource, instanceRef);
  if (!cluster) throw new Error("the Cluster is there");
  const later = new Date(made.server.now.getTime() + 3_600_000).toISOString();
  made.server.edit(cluster, live => ({
    ...live,
    metadata: { ...live.metadata, creationTimestamp: later },
  }));
  const before = made.kube.writes.length;
  made.server.now = new Date(Date.parse(later) + 60_000);
  await made.settle();
  expect(made.reason()).toBe("Available");
  const writes = made.kube.writes
    .slice(before)
    .filter(({ what }) => what === "Database platform/home.orders");
  expect(writes.map(({ verb }) => verb)).toEqual(
    expect.arrayContaining(["apply", "remove", "create"]),
  );
  expect(writes.find(({ verb }) => verb === "apply")?.sent).toMatchObject({
    spec: { databaseReclaimPolicy: "retain" },
  });
  expect(specOf(made.server, databaseResource, "home.orders")).toMatchObject({
    databaseReclaimPolicy: "delete",
  });
});

test("while sessions keep a database from being dropped the claim stays, and says what to do", async () => {
  const made = await bench([database(ordersRef, { deletionPolicy: "Delete" })]);
  await made.settle();
  const found = made.server.find(databaseClaimResource, ordersRef);
  if (found) made.server.remove(found);
  await made.run();
  applyAll(made.server);
  await made.run();
  await made.run();
  expect(made.reason()).toBe("Deleting");
  expect(made.status().conditions?.[0]?.message).toContain("end the sessions that are connected");
});

test("kept data goes with its instance: nothing holds the claim then", async () => {
  const made = await bench();
  await made.settle();
  const cluster = made.server.find(clusterResource, instanceRef);
  if (cluster) made.server.remove(cluster);
  await leave(made);
  expect(nothingLeft(made.server)).toEqual([]);
});

test.each(failures)(
  "a request that fails ($at, done: $isDone) changes nothing of where creation ends",
  async failure => {
    const made = await bench([database(ordersRef, { owner: "shop" })]);
    made.kube.failAt(failure);
    for (let round = 0; round < 8; round++) {
      await made.run().catch(() => undefined);
      applyAll(made.server);
    }
    made.kube.failAt(undefined);
    await made.settle();
    expect(made.reason()).toBe("Available");
    const secret = made.server.find(secretResource, {
      name: "orders-connection",
      namespace: "team-a",
    });
    expect(Reflect.get(secret ?? {}, "data")).toMatchObject({
      password: Buffer.from("made-by-the-module").toString("base64"),
    });
  },
);

test.each(failures)(
  "a request that fails ($at, done: $isDone) leaves nothing behind after a deletion",
  async failure => {
    const made = await bench([database(ordersRef, { owner: "shop", deletionPolicy: "Delete" })]);
    await made.settle();
    made.kube.failAt(failure);
    await leave(made);
    expect(nothingLeft(made.server)).toEqual([]);
  },
);

test.each(failures)(
  "a request that fails ($at, done: $isDone) costs no kept data its way back",
  async failure => {
    const made = await bench([database(ordersRef, { owner: "shop" })]);
    await made.settle();
    made.kube.failAt(failure);
    await leave(made);
    made.kube.failAt(undefined);
    expect(nothingLeft(made.server)).toEqual([
      "Database home.orders",
      "DatabaseRole home.orders",
      "DatabaseRole home.shop",
    ]);
    expect(specOf(made.server, roleResource, "home.shop")).toMatchObject({ login: false });
    const again = database(ordersRef, { owner: "shop" });
    made.server.create({ ...again, metadata: { ...again.metadata, uid: "another uid" } });
    await made.settle();
    expect(made.reason()).toBe("Available");
    expect(specOf(made.server, roleResource, "home.shop")).toMatchObject({ login: true });
  },
);
