import type { PostgresClass } from "../../capabilities/claim/class";
import {
  type KubeObject,
  type Ref,
  type Secret,
  refOf,
  secretResource,
} from "../../capabilities/kubernetes/objects";
import { finalizer, labels } from "../../capabilities/claim/names";
import { clusterResource } from "../../capabilities/operator/cnpg/cluster";
import { goodClaim } from "../good-claim";
import { admitted, bench, clusterRef, events, password, ready, wanted, type Bench } from "./bench";

const claim = "PostgresInstance team-a/orders-db";
const elsewhere: Ref = { name: "orders-postgres", namespace: "team-c" };

const foreignCluster: KubeObject = {
  apiVersion: "postgresql.cnpg.io/v1",
  kind: "Cluster",
  metadata: { ...clusterRef, labels: { team: "b" } },
  ...{ spec: { instances: 3 } },
};

const foreignSecret: Secret = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { ...wanted },
  data: { password: "c29tZW9uZSBlbHNlJ3M=" },
};

/** Puts someone else's object there, and gives a check that it is as it was, byte for byte. */
function put(made: Bench, object: KubeObject): () => void {
  const written = made.server.create(object);
  if ("refusal" in written) throw new Error(written.refusal.message);
  const before = JSON.stringify(written.object);
  const resource = object.kind === "Secret" ? secretResource : clusterResource;
  return () => {
    expect(JSON.stringify(made.server.find(resource, refOf(object)))).toBe(before);
  };
}

function messageOf(made: Bench, type: string): string | undefined {
  return made.status().conditions?.find(condition => condition.type === type)?.message;
}

test("a foreign Cluster is left as it is; the claim says so, and goes on once it is out of the way", async () => {
  const made = bench();
  const expectUntouched = put(made, foreignCluster);
  expect((await made.run()).writes).toEqual([`status ${claim}`, `event ${claim}`]);
  expect(made.said()).toEqual(["Failed", "NotOwned", "NotOwned", "CredentialsPending"]);
  expect(messageOf(made, "Ready")).toBe(
    "Cluster team-a/orders-db exists and does not belong to this claim, so it was left as it is: remove it, or make a claim of another name",
  );
  await made.run();
  expectUntouched();

  made.server.remove(foreignCluster);
  await made.makeReady();
  expect(made.said()).toEqual(ready);
});

test("credentials of a foreign Cluster are not copied", async () => {
  const made = bench();
  const foreign = {
    ...foreignCluster,
    spec: {
      instances: 1,
      imageName: "x",
      bootstrap: { initdb: { database: "orders_db", owner: "orders_db" } },
    },
  };
  put(made, foreign);
  made.operator.finish();
  await made.run();
  await made.run();
  expect(made.secret()).toBeUndefined();
  expect(made.said()).toEqual(["Failed", "NotOwned", "NotOwned", "CredentialsPending"]);
});

test("a Secret of the operator's name that no operator made is not copied", async () => {
  const made = bench();
  put(made, {
    ...foreignSecret,
    metadata: {
      name: "orders-db-app",
      namespace: "team-a",
      labels: { "cnpg.io/cluster": "orders-db", "cnpg.io/userType": "app" },
    },
    ...{ data: { username: "YQ==", password: "Yg==" } },
  });
  await made.run();
  made.operator.reach(clusterRef, "healthy");
  await made.run();
  expect(made.secret()).toBeUndefined();
  expect(made.said().at(-1)).toBe("CredentialsPending");
});

test("a Cluster of an earlier claim of this name is waited for until garbage collection has taken it", async () => {
  const made = bench();
  const { apiVersion, kind } = goodClaim;
  const earlier = { apiVersion, kind, name: "orders-db", uid: "earlier", controller: true };
  const expectUntouched = put(made, {
    ...foreignCluster,
    metadata: { ...foreignCluster.metadata, ownerReferences: [earlier] },
  });
  await made.run();
  expect(made.said().slice(0, 2)).toEqual(["Provisioning", "DatabaseDeleting"]);
  expectUntouched();
});

test("a foreign Secret is left as it is; the claim says so, and goes on within seconds once it is out of the way", async () => {
  const made = bench();
  const expectUntouched = put(made, foreignSecret);
  await made.makeReady();
  expect(made.said()).toEqual(["Failed", "NotOwned", "DatabaseHealthy", "NotOwned"]);
  expect(messageOf(made, "Ready")).toBe(
    "Secret team-a/orders-postgres exists and does not belong to this claim, so it was left as it is: remove it, or ask for another name",
  );
  expect(await made.run()).toEqual({ again: 30_000, writes: [] });
  expectUntouched();

  made.server.remove(foreignSecret);
  await made.run();
  expect(made.said()).toEqual(ready);
  expect(made.values().password).toBe(password);
});

test("a Secret that bears another claim's uid is foreign", async () => {
  const made = bench();
  const expectUntouched = put(made, {
    ...foreignSecret,
    metadata: { ...wanted, labels: { [labels.claimUid]: "another-uid" } },
  });
  await made.makeReady();
  expect(made.said().at(-1)).toBe("NotOwned");
  expectUntouched();
});

test("a namespace that is not there is waited for", async () => {
  const made = bench({ ...admitted, writeConnectionSecretToRef: elsewhere });
  await made.makeReady();
  expect(made.said()).toEqual([
    ...["Pending", "NamespaceNotFound", "DatabaseHealthy", "NamespaceNotFound"],
  ]);
  expect(messageOf(made, "Ready")).toBe(
    "namespace team-c for the connection secret is not there: create it, or ask for another; the claim goes on by itself",
  );
  made.server.namespaces.add("team-c");
  await made.run();
  expect(made.said()).toEqual(ready);
  expect(made.values(elsewhere).password).toBe(password);
});

test("a namespace that is on its way out is waited for", async () => {
  const made = bench({ ...admitted, writeConnectionSecretToRef: elsewhere });
  made.server.namespaces.add("team-c");
  made.server.terminating.add("team-c");
  await made.makeReady();
  expect(made.said().at(-1)).toBe("NamespaceNotFound");
  expect(messageOf(made, "Ready")).toBe(
    "namespace team-c for the connection secret is being deleted: ask for another, or create it anew",
  );
  made.server.terminating.clear();
  await made.run();
  expect(made.said()).toEqual(ready);
});

test("an operator that is not installed is waited for", async () => {
  const made = bench();
  made.server.missing.add("clusters");
  expect((await made.run()).again).toBe(5000);
  expect(made.said()).toEqual([
    ...["Pending", "OperatorNotInstalled", "OperatorNotInstalled", "CredentialsPending"],
  ]);
  expect(messageOf(made, "Ready")).toBe(
    "CloudNativePG is not installed (no clusters.postgresql.cnpg.io in this cluster): ask the platform team; the claim goes on by itself once it is there",
  );
  made.server.missing.clear();
  await made.makeReady();
  expect(made.said()).toEqual(ready);
});

test("what the operator refuses is told in its words", async () => {
  const made = bench();
  const message = 'spec.imageName: Invalid value: "14"';
  made.server.objection = ({ kind }) =>
    kind === "Cluster" ? { code: 422, message, causes: [] } : undefined;
  await made.run();
  expect(made.said().slice(0, 3)).toEqual(["Failed", "DatabaseInvalid", "DatabaseInvalid"]);
  expect(messageOf(made, "Ready")).toBe(
    `CloudNativePG refuses Cluster team-a/orders-db: ${message}`,
  );
  made.server.objection = () => undefined;
  await made.makeReady();
  expect(made.said()).toEqual(ready);
});

test("a quota that forbids the Secret is told", async () => {
  const made = bench();
  made.server.objection = ({ metadata }) =>
    metadata.name === wanted.name
      ? { code: 403, message: "exceeded quota", causes: [] }
      : undefined;
  await made.makeReady();
  expect(made.said()).toEqual(["Failed", "WriteFailed", "DatabaseHealthy", "WriteFailed"]);
  expect(messageOf(made, "Ready")).toBe(
    "Secret team-a/orders-postgres could not be written (403): exceeded quota",
  );
});

test.each([
  ["setting up", "Provisioning", "Provisioning"],
  ["half lost", "Provisioning", "Provisioning"],
  ["hibernated", "Pending", "Hibernated"],
  ["invalid", "Failed", "DatabaseInvalid"],
  ["failed", "Failed", "DatabaseFailed"],
] as const)(
  "a database that is %s is told as %s, %s, and the secret stays",
  async (stage, phase, reason) => {
    const made = bench();
    await made.makeReady();
    made.operator.reach(clusterRef, stage);
    await made.run();
    expect(made.said()).toEqual([phase, reason, reason, "SecretWritten"]);
    expect(made.values().password).toBe(password);
    made.operator.reach(clusterRef, "healthy");
    await made.run();
    expect(made.said()).toEqual(ready);
  },
);

test("a Cluster that is on its way out is waited for, and made again", async () => {
  const made = bench();
  await made.makeReady();
  const found = made.cluster();
  if (!found) throw new Error("there is a Cluster");
  made.server.edit(found, ({ metadata, ...rest }) => ({
    ...rest,
    metadata: { ...metadata, finalizers: ["example.com/slow"] },
  }));
  made.server.remove(found);
  await made.run();
  expect(made.said().slice(0, 2)).toEqual(["Provisioning", "DatabaseDeleting"]);
  made.server.edit(found, ({ metadata, ...rest }) => ({
    ...rest,
    metadata: { ...metadata, finalizers: [] },
  }));
  made.server.collect();
  await made.run();
  expect(made.cluster()?.metadata.uid).not.toBe(found.metadata.uid);
  made.operator.giveCredentials(clusterRef, "another password");
  made.operator.reach(clusterRef, "healthy");
  await made.run();
  expect(made.said()).toEqual(ready);
  expect(made.values().password).toBe("another password");
});

test("an invalid claim changes nothing but its status", async () => {
  const made = bench();
  await made.makeReady();
  const before = JSON.stringify([made.cluster(), made.secret()]);
  const was = made.status();
  made.editClaim(live => ({ ...live, spec: { ...live.spec, version: "9" } }));
  expect((await made.run()).writes).toEqual([`status ${claim}`, `event ${claim}`]);
  expect(JSON.stringify([made.cluster(), made.secret()])).toBe(before);
  expect(made.said()).toEqual(["Failed", "Invalid", "Invalid", "Invalid"]);
  expect(messageOf(made, "Ready")).toBe(
    'spec.version is "9", but class built-in allows 15, 16, 17, 18',
  );
  const { endpoint, binding, connectionSecretRef } = made.status();
  expect({ endpoint, binding, connectionSecretRef }).toEqual({
    endpoint: was.endpoint,
    binding: was.binding,
    connectionSecretRef: was.connectionSecretRef,
  });
  expect(await made.run()).toEqual({ again: 30_000, writes: [] });
});

test("a new claim that is invalid makes nothing", async () => {
  const made = bench({ ...admitted, spec: { size: "huge" as "small", databaseName: "postgres" } });
  expect((await made.run()).writes).toEqual([`status ${claim}`, `event ${claim}`]);
  expect([made.cluster(), made.secret()]).toEqual([undefined, undefined]);
  expect(messageOf(made, "Ready")).toBe(
    'spec.size is "huge", but must be one of small, medium, large',
  );
});

test("a class that is not there is waited for", async () => {
  const made = bench({ ...admitted, spec: { className: "gold" } });
  await made.run();
  expect(made.said().slice(0, 2)).toEqual(["Pending", "ClassNotFound"]);
  expect(messageOf(made, "Ready")).toBe(
    'PostgresClass "gold" is not there: create it, and the claim goes on by itself; what exists is left as it is',
  );
  const gold: PostgresClass = {
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name: "gold" },
    spec: { image: "registry.example.com/postgresql" },
  };
  made.server.create(gold);
  await made.makeReady();
  expect(made.said()).toEqual(ready);
  expect(made.cluster()).toMatchObject({
    spec: { imageName: "registry.example.com/postgresql:16" },
  });
});

test("a version that is taken out of the class goes on where it runs, and nowhere else", async () => {
  const gold = (...allowed: string[]): PostgresClass => ({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name: "gold" },
    spec: { versions: { default: "17", allowed } },
  });
  const made = bench({ ...admitted, spec: { className: "gold", version: "16" } });
  made.server.create(gold("16", "17"));
  await made.makeReady();
  expect(made.status().version).toBe("16");
  made.server.edit(gold(), live => ({ ...live, ...gold("17", "18") }));
  expect((await made.run()).writes).toEqual([]);
  made.operator.giveCredentials(clusterRef, "another password");
  await made.run();
  expect(made.values().password).toBe("another password");
  made.editClaim(live => ({ ...live, spec: { ...live.spec, version: "15" } }));
  await made.run();
  expect(made.said().slice(0, 2)).toEqual(["Failed", "Invalid"]);
});

test("volumes stay in the StorageClass that they were made in, whatever becomes of the class", async () => {
  const storage = (storageClassName: string): PostgresClass => ({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name: "gold" },
    spec: { storage: { storageClassName }, image: `registry.example.com/${storageClassName}` },
  });
  const made = bench({ ...admitted, spec: { className: "gold" } });
  made.server.create(storage("fast"));
  await made.makeReady();
  expect(made.cluster()).toMatchObject({ spec: { storage: { storageClass: "fast" } } });
  made.server.edit(storage("fast"), live => ({ ...live, ...storage("slow") }));
  await made.run();
  expect(made.cluster()).toMatchObject({
    spec: { imageName: "registry.example.com/slow:16", storage: { storageClass: "fast" } },
  });
  expect((await made.run()).writes.filter(write => write.startsWith("apply"))).toEqual([]);
});

describe("a fault of the API server is told and rethrown", () => {
  test("where the Cluster cannot be written", async () => {
    const made = bench();
    made.kube.failAt({ at: "create Cluster team-a/orders-db", isDone: false });
    await expect(made.run()).rejects.toThrow("create Cluster team-a/orders-db");
    expect(made.said()).toEqual(["Failed", "WriteFailed", "WriteFailed", "CredentialsPending"]);
    expect(messageOf(made, "Ready")).toBe(
      "create Cluster team-a/orders-db: the API server did not answer; it is tried again",
    );
    expect(events(made.kube)).toHaveLength(1);
    await made.makeReady();
    expect(made.said()).toEqual(ready);
  });

  test("where the Secret cannot be written", async () => {
    const made = bench();
    await made.run();
    made.operator.finish();
    made.kube.failAt({ at: "create Secret team-a/orders-postgres", isDone: false });
    await expect(made.run()).rejects.toThrow("create Secret team-a/orders-postgres");
    expect(made.said()).toEqual(["Failed", "WriteFailed", "DatabaseHealthy", "WriteFailed"]);
    await made.run();
    expect(made.said()).toEqual(ready);
  });

  test("and what was known of the secret stays said where the Cluster is in trouble", async () => {
    const made = bench();
    await made.makeReady();
    made.editClaim(live => ({ ...live, spec: { ...live.spec, instances: 3 } }));
    made.kube.failAt({ at: "apply Cluster team-a/orders-db", isDone: false });
    await expect(made.run()).rejects.toThrow("apply Cluster team-a/orders-db");
    expect(made.said()).toEqual(["Failed", "WriteFailed", "WriteFailed", "SecretWritten"]);
    expect(made.status().connectionSecretRef).toMatchObject(wanted);
  });

  test("and a write whose answer was lost is found done", async () => {
    const made = bench();
    made.kube.failAt({ at: "create Cluster team-a/orders-db", isDone: true });
    await expect(made.run()).rejects.toThrow("create Cluster");
    await made.run();
    made.operator.finish();
    made.kube.failAt({ at: "create Secret team-a/orders-postgres", isDone: true });
    await expect(made.run()).rejects.toThrow("create Secret");
    const { uid } = made.secret()?.metadata ?? {};
    await made.run();
    expect(made.said()).toEqual(ready);
    expect(made.secret()?.metadata.uid).toBe(uid);
    expect(made.claim().metadata.finalizers).toEqual([finalizer]);
  });
});

test.each([
  [
    "that the classes cannot be read",
    "list postgresclasses of ",
    [finalizer],
    ["WriteFailed", "WriteFailed"],
  ],
  // The database does not wait for it: it goes with its claim.
  ["that the finalizer cannot be set", `finalizers ${claim}`, [], ["Provisioning", "WriteFailed"]],
])("a claim is told %s, and goes on once it can be", async (_title, call, finalizers, said) => {
  const made = bench({ ...admitted, metadata: { ...admitted.metadata, finalizers } });
  made.kube.failAt({ at: call, isDone: false });
  await expect(made.run()).rejects.toThrow(call);
  expect(made.said()).toEqual(["Failed", "WriteFailed", ...said]);
  expect(messageOf(made, "Ready")).toBe(
    `${call}: the API server did not answer; it is tried again`,
  );
  expect(made.cluster() === undefined).toBe(said[0] === "WriteFailed");
  expect(made.secret()).toBeUndefined();
  await made.makeReady();
  expect(made.said()).toEqual(ready);
});

test("a claim that is Ready stays so while classes cannot be read", async () => {
  const made = bench();
  await made.makeReady();
  made.kube.failAt({ at: "list postgresclasses of ", isDone: false });
  const before = made.kube.writes.length;
  await expect(made.run()).rejects.toThrow("list postgresclasses of ");
  expect([made.said(), made.kube.writes.length]).toEqual([ready, before]);
});
