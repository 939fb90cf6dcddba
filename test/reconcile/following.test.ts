import type { Claim } from "../../capabilities/claim/claim";
import type { PostgresClass } from "../../capabilities/claim/class";
import type { Ref, Secret } from "../../capabilities/kubernetes/objects";
import { annotations } from "../../capabilities/claim/names";
import { without } from "../without";
import { admitted, bench, clusterRef, password, ready, wanted, type Bench } from "./bench";

const cluster = "Cluster team-a/orders-db";
const claim = "PostgresInstance team-a/orders-db";
const secret = "Secret team-a/orders-postgres";

async function readyBench(asked?: Claim): Promise<Bench> {
  const made = bench(asked);
  await made.makeReady();
  expect(made.said()).toEqual(ready);
  return made;
}

function editCluster(made: Bench, spec: object, metadata: object = {}): void {
  const found = made.cluster();
  if (!found) throw new Error("there is a Cluster");
  made.server.edit(found, live => ({
    ...live,
    metadata: { ...live.metadata, ...metadata },
    spec: { ...(Reflect.get(live, "spec") as object), ...spec },
  }));
}

function editSecret(made: Bench, change: (found: Secret) => Secret): void {
  const found = made.secret();
  if (!found) throw new Error("there is a Secret");
  made.server.edit(found, change);
}

function moveTo(made: Bench, ref: Ref): void {
  made.editClaim(live => ({ ...live, writeConnectionSecretToRef: ref }));
}

describe("the Cluster", () => {
  test("follows the claim", async () => {
    const made = await readyBench();
    made.editClaim(live => ({
      ...live,
      spec: { ...live.spec, size: "large", storageGB: 30, instances: 3 },
    }));
    expect((await made.run()).writes).toEqual([`apply ${cluster}`, `status ${claim}`]);
    expect(made.cluster()).toMatchObject({
      spec: { instances: 3, storage: { size: "30Gi" }, resources: { limits: { cpu: "4000m" } } },
    });
    expect(made.said()).toEqual(["Provisioning", "Provisioning", "Provisioning", "SecretWritten"]);
    made.operator.reach(clusterRef, "healthy");
    await made.run();
    expect(made.said()).toEqual(ready);
    expect(made.status().observedGeneration).toBe(2);
  });

  test("is not called healthy while it is that of the image before", async () => {
    const made = await readyBench();
    made.editClaim(live => ({ ...live, spec: { ...live.spec, version: "17" } }));
    await made.run();
    expect(made.said()[2]).toBe("Provisioning");
    made.operator.reach(clusterRef, "healthy");
    await made.run();
    expect(made.said()).toEqual(ready);
  });

  test("is put right where our fields were changed", async () => {
    const made = await readyBench();
    editCluster(made, { instances: 5, enableSuperuserAccess: true });
    expect((await made.run()).writes[0]).toBe(`apply ${cluster}`);
    expect(made.cluster()).toMatchObject({ spec: { instances: 1, enableSuperuserAccess: false } });
  });

  test("is put right where our mark was taken off", async () => {
    const made = await readyBench();
    editCluster(made, {}, { annotations: {} });
    expect((await made.run()).writes).toEqual([`apply ${cluster}`]);
    expect(made.cluster()?.metadata.annotations).toHaveProperty([annotations.applied]);
  });

  test("keeps what others have put there", async () => {
    const made = await readyBench();
    editCluster(
      made,
      { logLevel: "debug" },
      { labels: { team: "a" }, finalizers: ["example.com/x"] },
    );
    await made.run();
    const { labels: marks, finalizers } = made.cluster()?.metadata ?? {};
    expect(made.cluster()).toMatchObject({ spec: { logLevel: "debug", instances: 1 } });
    expect([marks, finalizers]).toEqual([
      { team: "a", "app.kubernetes.io/managed-by": "zero-touch-postgres" },
      ["example.com/x"],
    ]);
    expect((await made.run()).writes).toEqual([]);
  });

  test("loses a field that is wanted no longer", async () => {
    const made = bench({ ...admitted, spec: { className: "gold" } });
    const gold: PostgresClass = {
      apiVersion: "database.bizmatters.io/v1alpha1",
      kind: "PostgresClass",
      metadata: { name: "gold" },
      spec: { placement: { nodeSelector: { disk: "ssd" } } },
    };
    made.server.create(gold);
    await made.makeReady();
    expect(made.cluster()).toHaveProperty("spec.affinity.nodeSelector.disk", "ssd");
    made.server.edit(gold, live => ({ ...live, spec: { placement: {} } }));
    await made.run();
    expect(made.cluster()).not.toHaveProperty("spec.affinity");
    await made.run(5);
    expect((await made.run()).writes).toEqual([]);
  });

  test("is not called healthy in the seconds after a change, in which CNPG may not have seen it", async () => {
    const made = await readyBench();
    made.editClaim(live => ({ ...live, spec: { ...live.spec, size: "large" } }));
    expect(await made.run()).toEqual({
      again: 3000,
      writes: [`apply ${cluster}`, `status ${claim}`],
    });
    const told = ["Provisioning", "DatabaseUpdating", "DatabaseUpdating", "SecretWritten"];
    expect(made.said()).toEqual(told);
    // The echo of what was written, and whatever else brings a run about.
    const { again, writes } = await made.run(1);
    expect([made.said(), writes]).toEqual([told, []]);
    expect(again).toBeGreaterThan(0);
    expect(again).toBeLessThanOrEqual(2000);
    await made.run(2);
    expect(made.said()).toEqual(ready);
  });

  test("is not called healthy then either if it is so young that its progress is not told", async () => {
    const made = bench();
    await made.run();
    made.operator.giveCredentials(clusterRef, password);
    made.operator.reach(clusterRef, "healthy");
    await made.run(0);
    expect(made.said()).toEqual(ready);
    made.editClaim(live => ({ ...live, spec: { ...live.spec, size: "large" } }));
    expect((await made.run(1)).again).toBe(3000);
    expect(made.said().slice(0, 2)).toEqual(["Provisioning", "DatabaseUpdating"]);
    await made.run(3);
    expect(made.said()).toEqual(ready);
  });

  test("that CNPG is at work on after a change says so in CNPG's own words", async () => {
    const made = await readyBench();
    made.editClaim(live => ({ ...live, spec: { ...live.spec, size: "large" } }));
    await made.run();
    made.operator.reach(clusterRef, "setting up");
    await made.run(1);
    expect(made.status().conditions?.[0]?.message).toBe("CloudNativePG: Setting up primary");
    made.operator.reach(clusterRef, "healthy");
    await made.run(1);
    expect(made.said()).toEqual(ready);
  });

  test("that is put right after someone's edit is not called unhealthy for that", async () => {
    const made = await readyBench();
    editCluster(made, { instances: 5 });
    expect((await made.run()).writes).toEqual([`apply ${cluster}`]);
    expect(made.said()).toEqual(ready);
  });

  test("is made again where it was deleted, and the secret follows the new password", async () => {
    const made = await readyBench();
    const found = made.cluster();
    if (found) made.server.remove(found);
    made.server.collect();
    expect((await made.run()).writes).toEqual([`create ${cluster}`]);
    expect((await made.run()).writes).toEqual([`status ${claim}`]);
    expect(made.values().password).toBe(password);
    made.operator.giveCredentials(clusterRef, "second");
    made.operator.reach(clusterRef, "healthy");
    expect((await made.run()).writes[0]).toBe(`apply ${secret}`);
    expect(made.values().password).toBe("second");
    expect(made.said()).toEqual(ready);
  });
});

describe("the connection secret", () => {
  test("follows the password, and takes nothing from the operator's URIs, which stay as they were", async () => {
    const made = await readyBench();
    made.operator.giveCredentials(clusterRef, "second");
    expect((await made.run()).writes).toEqual([`apply ${secret}`]);
    expect(made.values()).toMatchObject({
      password: "second",
      uri: "postgresql://orders_db:second@orders-db-rw.team-a.svc.cluster.local:5432/orders_db",
    });
    expect((await made.run()).writes).toEqual([]);
  });

  test("waits for credentials that are not complete", async () => {
    const made = bench();
    await made.run();
    made.operator.giveCredentials(clusterRef, "");
    await made.run();
    expect([made.secret(), made.said().at(-1)]).toEqual([undefined, "CredentialsPending"]);
  });

  test("stays as it is while the operator makes its credentials again", async () => {
    const made = await readyBench();
    const own = made.secret({ name: "orders-db-app", namespace: "team-a" });
    if (own) made.server.remove(own);
    await made.run();
    expect(made.said()).toEqual([
      "Provisioning",
      "CredentialsPending",
      "DatabaseHealthy",
      "CredentialsPending",
    ]);
    expect(made.values().password).toBe(password);
    expect(made.status().connectionSecretRef).toMatchObject(wanted);
  });

  test("is put right where its values were changed", async () => {
    const made = await readyBench();
    editSecret(made, found => ({ ...found, data: { ...found.data, password: "d3Jvbmc=" } }));
    expect((await made.run()).writes).toEqual([`apply ${secret}`]);
    expect(made.values().password).toBe(password);
  });

  test("is put right where a label was taken off, and stays ours meanwhile", async () => {
    const made = await readyBench();
    editSecret(made, found => ({ ...found, metadata: { ...found.metadata, labels: {} } }));
    expect((await made.run()).writes).toEqual([`apply ${secret}`]);
    expect((await made.run()).writes).toEqual([]);
  });

  test("keeps what others have put there", async () => {
    const made = await readyBench();
    editSecret(made, found => ({ ...found, data: { ...found.data, extra: "eA==" } }));
    expect((await made.run()).writes).toEqual([]);
    made.operator.giveCredentials(clusterRef, "second");
    await made.run();
    expect(made.values()).toMatchObject({ extra: "x", password: "second" });
  });

  test("is made again where it was deleted", async () => {
    const made = await readyBench();
    const found = made.secret();
    if (found) made.server.remove(found);
    expect((await made.run()).writes).toEqual([`create ${secret}`, `status ${claim}`]);
    expect(made.values().password).toBe(password);
    expect(made.status().connectionSecretRef?.uid).toBe(made.secret()?.metadata.uid);
  });
});

describe("a ref that is moved", () => {
  const there: Ref = { name: "moved", namespace: "team-b" };

  test("gets its secret first, then loses the old one", async () => {
    const made = await readyBench();
    moveTo(made, there);
    const { writes } = await made.run();
    expect(writes).toEqual([`create Secret team-b/moved`, `remove ${secret}`, `status ${claim}`]);
    expect(made.secret()).toBeUndefined();
    expect(made.values(there).password).toBe(password);
    expect(made.status().connectionSecretRef).toMatchObject(there);
    expect(made.said()).toEqual(ready);
    expect((await made.run()).writes).toEqual([]);
  });

  test("keeps the old secret while the new one cannot be written", async () => {
    const made = await readyBench();
    moveTo(made, { ...there, namespace: "team-c" });
    await made.run();
    expect(made.said().at(-1)).toBe("NamespaceNotFound");
    expect(made.values().password).toBe(password);
    expect(made.status().connectionSecretRef).toMatchObject(wanted);
    made.server.namespaces.add("team-c");
    await made.run();
    expect(made.said()).toEqual(ready);
    expect(made.secret()).toBeUndefined();
  });

  test("keeps the old secret while a foreign one is in the way", async () => {
    const made = await readyBench();
    made.server.create({ apiVersion: "v1", kind: "Secret", metadata: there });
    moveTo(made, there);
    await made.run();
    expect(made.said().at(-1)).toBe("NotOwned");
    expect(made.secret()).toBeDefined();
    moveTo(made, wanted);
    await made.run();
    expect(made.said()).toEqual(ready);
    expect(made.secret(there)).not.toHaveProperty("data");
  });

  test("loses the old secret in the end, though its removal failed", async () => {
    const made = await readyBench();
    moveTo(made, there);
    made.kube.failAt({ at: "remove Secret team-a/orders-postgres", isDone: false });
    await expect(made.run()).rejects.toThrow("remove Secret team-a/orders-postgres");
    expect(made.status().connectionSecretRef).toMatchObject(wanted);
    await made.run();
    expect([made.secret(), made.said()]).toEqual([undefined, ready]);
    expect(made.status().connectionSecretRef).toMatchObject(there);
  });

  test("loses the old secret though someone took its labels off", async () => {
    const made = await readyBench();
    editSecret(made, found => ({ ...found, metadata: { ...found.metadata, labels: {} } }));
    moveTo(made, there);
    await made.run();
    expect([made.secret(), made.said()]).toEqual([undefined, ready]);
  });

  test("leaves alone what has taken the old place meanwhile", async () => {
    const made = await readyBench();
    const found = made.secret();
    if (found) made.server.remove(found);
    made.server.create({ apiVersion: "v1", kind: "Secret", metadata: wanted });
    const before = JSON.stringify(made.secret());
    moveTo(made, there);
    await made.run();
    expect(JSON.stringify(made.secret())).toBe(before);
    expect(made.said()).toEqual(ready);
  });

  test("and dropped altogether, takes its secret with it", async () => {
    const made = await readyBench();
    made.editClaim(live => without(live, "writeConnectionSecretToRef"));
    const { writes } = await made.run();
    expect(writes.slice(0, 2)).toEqual([`remove ${secret}`, `status ${claim}`]);
    expect(made.said()).toEqual(["Ready", "Available", "DatabaseHealthy", "SecretNotRequested"]);
    expect(made.status()).not.toHaveProperty("connectionSecretRef");
  });

  test.each([
    ["in the end, though the removal", "remove Secret team-a/orders-postgres", wanted],
    ["at once, although the Cluster", "apply Cluster team-a/orders-db", undefined],
  ])("and dropped, takes its secret with it %s failed", async (_title, at, recorded) => {
    const made = await readyBench();
    made.editClaim(live => ({
      ...without(live, "writeConnectionSecretToRef"),
      spec: { ...live.spec, instances: 2 },
    }));
    made.kube.failAt({ at, isDone: false });
    await expect(made.run()).rejects.toThrow(at);
    const { connectionSecretRef: { name, namespace } = {} } = made.status();
    expect({ name, namespace }).toEqual({ ...recorded });
    expect(made.secret() === undefined).toBe(recorded === undefined);
    await made.run();
    expect(made.secret()).toBeUndefined();
    expect(made.status()).not.toHaveProperty("connectionSecretRef");
  });
});

test("what was settled in memory is not asked for again: a run of a settled claim reads nothing but what it was told", async () => {
  const made = bench(admitted, "stored");
  for (const step of [() => undefined, made.operator.finish, () => undefined]) {
    step();
    made.deliver();
    await made.run();
  }
  expect(made.said()).toEqual(ready);
  made.deliver();
  // The class list is the only call; a second one would fail.
  made.kube.failAt({ at: 1, isDone: false });
  expect((await made.run()).writes).toEqual([]);
  expect(made.kube.isFailing()).toBe(true);
});
