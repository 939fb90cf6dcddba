import { annotations, finalizer } from "../../capabilities/claim/names";
import type { Claim } from "../../capabilities/claim/claim";
import { withShortAmounts } from "../fake-operator";
import { goodClaim } from "../good-claim";
import { without } from "../without";
import { admitted, bench, clusterRef, events, password, ready, wanted } from "./bench";

const cluster = "Cluster team-a/orders-db";
const claim = "PostgresInstance team-a/orders-db";
const secret = "Secret team-a/orders-postgres";

test("a claim becomes a Cluster, then its secret as soon as there are credentials, then ready when the database is", async () => {
  const made = bench();
  expect((await made.run()).writes).toEqual([`create ${cluster}`]);
  expect(made.cluster()?.metadata.annotations?.[annotations.applied]).toBeDefined();

  made.operator.reach(clusterRef, "setting up");
  expect((await made.run()).writes).toEqual([`status ${claim}`]);
  expect(made.said()).toEqual([
    ...["Provisioning", "Provisioning", "Provisioning", "CredentialsPending"],
  ]);

  made.operator.giveCredentials(clusterRef, password);
  expect((await made.run()).writes).toEqual([`create ${secret}`, `status ${claim}`]);
  expect(made.said()).toEqual(["Provisioning", "Provisioning", "Provisioning", "SecretWritten"]);
  expect(made.values().password).toBe(password);

  made.operator.reach(clusterRef, "healthy");
  expect((await made.run()).writes).toEqual([`status ${claim}`, `event ${claim}`]);
  expect(made.said()).toEqual(ready);
  expect(events(made.kube)).toEqual([
    {
      type: "Normal",
      reason: "Provisioned",
      message:
        "CloudNativePG: 1 of 1 instances are ready; credentials are in Secret team-a/orders-postgres",
    },
  ]);
});

test("where the operator answers at once, a claim takes four requests: Cluster, secret, status, event", async () => {
  const made = bench();
  await made.run(0);
  made.operator.finish();
  await made.run(0);
  expect(made.said()).toEqual(ready);
  expect(made.kube.writes.map(({ verb, what }) => `${verb} ${what}`)).toEqual([
    ...[`create ${cluster}`, `create ${secret}`, `status ${claim}`, `event ${claim}`],
  ]);
});

test("a second run writes nothing, wherever the claim stands", async () => {
  const made = bench();
  const steps = [
    () => undefined,
    () => {
      made.operator.reach(clusterRef, "setting up");
    },
    () => {
      made.operator.giveCredentials(clusterRef, password);
    },
    () => {
      made.operator.reach(clusterRef, "healthy");
    },
    () => {
      made.operator.reach(clusterRef, "half lost");
    },
    () => {
      made.operator.reach(clusterRef, "failed");
    },
  ];
  // While the database is young the first run holds its status back.
  await made.run();
  for (const step of steps) {
    step();
    await made.run();
    expect((await made.run()).writes).toEqual([]);
    expect((await made.run()).writes).toEqual([]);
  }
});

test("a second run writes nothing where the operator stores amounts in its own form", async () => {
  const made = bench({ ...admitted, spec: { size: "large" } });
  made.server.webhook = withShortAmounts;
  await made.makeReady();
  expect(made.cluster()).toMatchObject({ spec: { resources: { requests: { cpu: "1" } } } });
  expect((await made.run()).writes).toEqual([]);
});

test("a settled claim is not looked at again without an event, and one that waits after pauses that grow", async () => {
  const made = bench();
  await made.run(0);
  expect((await made.run(2)).again).toBe(5000);
  const pauses: (number | undefined)[] = [];
  for (const seconds of [20, 100, 1000]) pauses.push((await made.run(seconds)).again);
  expect(pauses).toEqual([10_000, 60_000, 300_000]);
  await made.makeReady();
  expect((await made.run()).again).toBeUndefined();
});

test("progress of a database that is younger than two seconds is not told: it would be out of date at once", async () => {
  const made = bench();
  expect((await made.run(0)).again).toBe(2000);
  made.operator.giveCredentials(clusterRef, password);
  expect(await made.run(0.5)).toEqual({ again: 1500, writes: [`create ${secret}`] });
  expect(made.claim()).not.toHaveProperty("status");
  expect((await made.run(1.5)).writes).toEqual([`status ${claim}`]);
});

test("what is done and what has failed is told however young the database is", async () => {
  const done = bench();
  await done.run(0);
  done.operator.finish();
  await done.run(0);
  expect(done.said()).toEqual(ready);

  const failed = bench();
  await failed.run(0);
  failed.operator.reach(clusterRef, "invalid");
  await failed.run(0);
  expect(failed.said().slice(0, 3)).toEqual(["Failed", "DatabaseInvalid", "DatabaseInvalid"]);
});

test("a claim that was made while the webhook was away gets its defaults and its finalizer", async () => {
  const made = bench({ ...goodClaim, spec: {} });
  expect((await made.run()).writes.slice(0, 2)).toEqual([
    `finalizers ${claim}`,
    `create ${cluster}`,
  ]);
  expect(made.claim().metadata.finalizers).toEqual([finalizer]);
  expect(made.cluster()).toMatchObject({
    spec: { imageName: "ghcr.io/cloudnative-pg/postgresql:16", storage: { size: "20Gi" } },
  });
  await made.makeReady();
  expect(made.said()).toEqual(ready);
});

test("finalizers of others stay beside ours", async () => {
  const others = { ...goodClaim.metadata, finalizers: ["example.com/other"] };
  const made = bench({ ...goodClaim, metadata: others });
  await made.run();
  expect(made.claim().metadata.finalizers).toEqual(["example.com/other", finalizer]);
});

test("a claim without a ref gets no secret and no finalizer, and is bound to the operator's", async () => {
  const asked: Claim = without(goodClaim, "writeConnectionSecretToRef");
  const made = bench(asked);
  await made.makeReady();
  expect(made.said()).toEqual(["Ready", "Available", "DatabaseHealthy", "SecretNotRequested"]);
  expect(made.status()).toMatchObject({ binding: { name: "orders-db-app" } });
  expect(made.status()).not.toHaveProperty("connectionSecretRef");
  expect(made.claim().metadata).not.toHaveProperty("finalizers");
  expect(made.kube.writes.filter(({ what }) => what.startsWith("Secret"))).toEqual([]);
});

test("a claim is bound to its connection secret in its own namespace, once it is there", async () => {
  const made = bench();
  await made.run();
  await made.run();
  expect(made.status()).not.toHaveProperty("binding");
  await made.makeReady();
  const uid = made.secret()?.metadata.uid;
  expect(made.status()).toMatchObject({
    endpoint: "orders-db-rw.team-a.svc.cluster.local",
    binding: { name: "orders-postgres" },
    connectionSecretRef: { ...wanted, uid },
  });
});

test("a claim whose secret is elsewhere is bound to the operator's: a workload cannot bind across namespaces", async () => {
  const elsewhere = { name: "orders-postgres", namespace: "team-b" };
  const made = bench({ ...admitted, writeConnectionSecretToRef: elsewhere });
  await made.makeReady();
  expect(made.secret(elsewhere)).toBeDefined();
  expect(made.secret(elsewhere)?.metadata).not.toHaveProperty("ownerReferences");
  expect(made.status()).toMatchObject({
    binding: { name: "orders-db-app" },
    connectionSecretRef: elsewhere,
  });
});
