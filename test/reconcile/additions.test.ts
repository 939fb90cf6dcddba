/** The optional objects beside the database: made, changed, removed and told of as the claim asks for them. */
import { databaseResource } from "../../capabilities/operator/cnpg/extensions";
import { podMonitorResource } from "../../capabilities/operator/cnpg/monitoring";
import { poolerResource } from "../../capabilities/operator/cnpg/pooler";
import type { Claim, ClaimSpec } from "../../capabilities/claim/claim";
import type { KubeObject } from "../../capabilities/kubernetes/objects";
import { deepFreeze } from "../arbitrary/frozen";
import { without } from "../without";
import { admitted, bench, clusterRef, ready, type Bench } from "./bench";

const database = "Database team-a/orders-db";
const claim = "PostgresInstance team-a/orders-db";
const pgTrgm = { extensions: [{ name: "pg_trgm" }] } as const;

function asking(spec: ClaimSpec): Claim {
  return deepFreeze({ ...admitted, spec: { ...admitted.spec, ...spec } });
}

function ask(made: Bench, spec: ClaimSpec): void {
  made.editClaim(live => ({ ...live, spec: { ...live.spec, ...spec } }));
}

function databaseOf(made: Bench): KubeObject | undefined {
  return made.server.find(databaseResource, clusterRef);
}

function messageOf(made: Bench, condition: string): string | undefined {
  return made.status().conditions?.find(({ type }) => type === condition)?.message;
}

/** The reason of Ready, and that of ExtensionsReady if there is such a condition. */
function told(made: Bench): readonly (string | undefined)[] {
  const [, reason, , , ...rest] = made.said();
  return [reason, ...rest];
}

async function readyWith(spec: ClaimSpec): Promise<Bench> {
  const made = bench(asking(spec));
  await made.makeReady();
  made.operator.finish();
  await made.run();
  return made;
}

test("extensions cost a Database, and Ready waits for it", async () => {
  const made = bench(asking(pgTrgm));
  expect((await made.run()).writes).toEqual([
    `create Cluster team-a/orders-db`,
    `create ${database}`,
  ]);
  made.operator.giveCredentials(clusterRef, "password");
  made.operator.reach(clusterRef, "healthy");
  await made.run();
  expect(told(made)).toEqual(["ExtensionsPending", "ExtensionsPending"]);
  made.operator.apply(clusterRef);
  await made.run();
  expect(made.said()).toEqual([...ready, "ExtensionsApplied"]);
  expect((await made.run()).writes).toEqual([]);
  expect((await made.run()).writes).toEqual([]);
});

test("a claim that asks for none has none, and is not told of any", async () => {
  const made = await readyWith({});
  expect(made.said()).toEqual(ready);
  expect(made.kube.writes.filter(({ what }) => what.startsWith("Database"))).toEqual([]);
});

test("extensions come on the hundredth day as on the first, and change by one apply", async () => {
  const made = await readyWith({});
  ask(made, pgTrgm);
  expect((await made.run()).writes).toEqual([...[`create ${database}`, `status ${claim}`]]);
  made.operator.apply(clusterRef);
  await made.run();
  ask(made, { extensions: [{ name: "pg_trgm", ensure: "absent" }] });
  expect((await made.run()).writes).toEqual([`apply ${database}`, `status ${claim}`]);
  expect(databaseOf(made)).toMatchObject({
    spec: { extensions: [{ name: "pg_trgm", ensure: "absent" }] },
  });
  expect(told(made)).toEqual(["ExtensionsPending", "ExtensionsPending"]);
});

test("without extensions the Database goes, even if that was asked while nobody listened", async () => {
  const made = await readyWith(pgTrgm);
  ask(made, { extensions: [] });
  // A restart: nothing is remembered but what the watches bring.
  const later = bench(made.claim(), "stored");
  const found = databaseOf(made);
  if (!found) throw new Error("there is a Database");
  later.server.create(made.cluster() as KubeObject);
  later.server.create(found);
  later.deliver();
  expect((await later.run()).writes).toContain(`remove ${database}`);
  expect(databaseOf(later)).toBeUndefined();
});

test("an extension that is refused is told in the operator's words, and the claim recovers", async () => {
  const made = await readyWith(pgTrgm);
  made.operator.apply(clusterRef, 'extension "pg_trgm" is not available');
  await made.run();
  expect(made.status().phase).toBe("Failed");
  expect(told(made)).toEqual(["ExtensionsFailed", "ExtensionsFailed"]);
  expect(messageOf(made, "Ready")).toBe('pg_trgm: extension "pg_trgm" is not available');
  made.operator.apply(clusterRef);
  await made.run();
  expect(told(made)).toEqual(["Available", "ExtensionsApplied"]);
});

test("a foreign Database is left as it is; the claim says so, and goes on within seconds once it is out of the way", async () => {
  const made = bench(asking(pgTrgm));
  const foreign = {
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Database",
    metadata: { ...clusterRef, labels: { "example.com/owner": "stranger" } },
  };
  made.server.create(foreign);
  const before = JSON.stringify(databaseOf(made));
  await made.makeReady();
  expect(told(made)).toEqual(["NotOwned", "NotOwned"]);
  expect(messageOf(made, "Ready")).toBe(
    "Database team-a/orders-db, which spec.extensions needs, exists and does not belong to this claim, so it was left as it is: remove it, or take spec.extensions out",
  );
  expect(await made.run()).toEqual({ again: 60_000, writes: [] });
  ask(made, { extensions: [] });
  await made.run();
  expect(made.said()).toEqual(ready);
  expect(JSON.stringify(databaseOf(made))).toBe(before);

  ask(made, pgTrgm);
  made.server.remove(foreign);
  await made.run();
  made.operator.apply(clusterRef);
  await made.run();
  expect(told(made)).toEqual(["Available", "ExtensionsApplied"]);
});

test("while someone else's Cluster is in the way, no Database is made that would change it", async () => {
  const made = bench(asking(pgTrgm));
  made.server.create({
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Cluster",
    metadata: { ...clusterRef },
  });
  await made.run();
  expect(databaseOf(made)).toBeUndefined();
  expect(told(made)).toEqual(["NotOwned", "ExtensionsPending"]);
});

test("a Database that was made for an earlier Cluster is made anew", async () => {
  const made = await readyWith(pgTrgm);
  const before = databaseOf(made)?.metadata.uid;
  made.server.remove(made.cluster() as KubeObject);
  made.server.collect();
  await made.run();
  made.operator.finish();
  await made.run();
  await made.run();
  made.operator.finish();
  await made.run();
  expect(databaseOf(made)?.metadata.uid).not.toBe(before);
  expect(told(made)).toEqual(["Available", "ExtensionsApplied"]);
});

test("a Database on its way out is waited for, and made again", async () => {
  const made = await readyWith(pgTrgm);
  const found = databaseOf(made) as KubeObject;
  const hold = (finalizers: readonly string[]): void => {
    made.server.edit(found, live => ({ ...live, metadata: { ...live.metadata, finalizers } }));
  };
  hold(["cnpg.io/deleteDatabase"]);
  made.server.remove(found);
  await made.run();
  expect(told(made)).toEqual(["ExtensionsPending", "ExtensionsPending"]);
  hold([]);
  await made.run();
  made.operator.apply(clusterRef);
  await made.run();
  expect(told(made)).toEqual(["Available", "ExtensionsApplied"]);
});

test("without the kind Database the claim says what is missing, and goes on once it is there", async () => {
  const made = bench(asking(pgTrgm));
  made.server.missing.add("databases");
  await made.makeReady();
  expect(made.status().phase).toBe("Pending");
  expect(told(made)).toEqual(["OperatorNotInstalled", "OperatorNotInstalled"]);
  expect(messageOf(made, "ExtensionsReady")).toBe(
    "spec.extensions needs CloudNativePG 1.30 (there is no databases.postgresql.cnpg.io in this cluster): ask the platform team; the claim goes on by itself once it is there",
  );
  made.server.missing.delete("databases");
  expect((await made.run()).writes).toContain(`create ${database}`);
});

test("a Database that the API server refuses is told of with its words", async () => {
  const made = bench(asking(pgTrgm));
  made.server.objection = ({ kind }) =>
    kind === "Database" ? { code: 422, message: "spec.name: reserved", causes: [] } : undefined;
  await made.makeReady();
  expect(told(made)).toEqual(["ExtensionsFailed", "ExtensionsFailed"]);
  expect(messageOf(made, "Ready")).toBe(`${database} is refused: spec.name: reserved`);
});

test("a Database that cannot be written holds up neither the secret nor the status, and is tried again", async () => {
  const made = bench(asking(pgTrgm));
  await made.run();
  made.server.remove(databaseOf(made) as KubeObject);
  made.operator.giveCredentials(clusterRef, "password");
  made.operator.reach(clusterRef, "healthy");
  made.kube.failAt({ at: `create ${database}`, isDone: false });
  await expect(made.run()).rejects.toThrow("the API server did not answer");
  expect(made.said()).toEqual([
    ...["Failed", "WriteFailed", "DatabaseHealthy", "SecretWritten", "WriteFailed"],
  ]);
  await made.run();
  made.operator.apply(clusterRef);
  await made.run();
  expect(told(made)).toEqual(["Available", "ExtensionsApplied"]);
});

test("a claim that has become invalid keeps its extensions, and what was said of them", async () => {
  const made = await readyWith(pgTrgm);
  ask(made, { version: "9" });
  expect((await made.run()).writes).toEqual([`status ${claim}`, `event ${claim}`]);
  expect(told(made)).toEqual(["Invalid", "ExtensionsApplied"]);
  expect(databaseOf(made)).toBeDefined();
});

const pooler = "Pooler team-a/orders-db-pooler";
const poolerRef = { name: "orders-db-pooler", namespace: "team-a" };
const pooledKeys = ["pooled-endpoint", "pooled-jdbc-uri", "pooled-uri"];

function pooledIn(made: Bench): readonly string[] {
  return Object.keys(made.values())
    .filter(key => key.startsWith("pooled-"))
    .sort();
}

test("a pooler is made, Ready waits for it, and the connection secret leads to it", async () => {
  const made = bench(asking({ pooler: {} }));
  await made.makeReady();
  expect(told(made)).toEqual(["PoolerPending", "PoolerPending"]);
  made.operator.pool(poolerRef, "active");
  await made.run();
  expect(made.said()).toEqual([...ready, "PoolerActive"]);
  expect(made.values()).toMatchObject({
    endpoint: "orders-db-rw.team-a.svc.cluster.local",
    "pooled-endpoint": "orders-db-pooler.team-a.svc.cluster.local",
  });
  expect((await made.run()).writes).toEqual([]);
});

test("a pooler that comes later and goes again changes the connection secret with it", async () => {
  const made = await readyWith({});
  expect(pooledIn(made)).toEqual([]);
  ask(made, { pooler: { instances: 2, mode: "transaction" } });
  expect((await made.run()).writes).toContain(`create ${pooler}`);
  expect(pooledIn(made)).toEqual(pooledKeys);
  made.operator.pool(poolerRef, "active");
  await made.run();
  made.editClaim(live => ({ ...live, spec: without(live.spec, "pooler") }));
  expect((await made.run()).writes).toEqual([
    // The Cluster's certificate no longer names the pooler.
    ...["apply Cluster team-a/orders-db", "apply Secret team-a/orders-postgres"],
    ...[`remove ${pooler}`, `status ${claim}`],
  ]);
  expect(pooledIn(made)).toEqual([]);
  await made.run(5);
  expect(made.said()).toEqual(ready);
  expect((await made.run()).writes).toEqual([]);
});

test("a pooler that cannot be made is told with the operator's words", async () => {
  const made = await readyWith({ pooler: {} });
  made.operator.pool(poolerRef, "failed");
  await made.run();
  expect(told(made)).toEqual(["PoolerFailed", "PoolerFailed"]);
  expect(messageOf(made, "Ready")).toBe("so it is");
});

const podMonitor = "PodMonitor team-a/orders-db";

test("monitoring makes a PodMonitor, and goes with it", async () => {
  const made = await readyWith({ monitoring: true });
  expect(made.said()).toEqual([...ready, "MonitoringActive"]);
  expect(made.kube.writes.map(({ verb, what }) => `${verb} ${what}`)).toContain(
    `create ${podMonitor}`,
  );
  expect((await made.run()).writes).toEqual([]);
  ask(made, { monitoring: false });
  expect((await made.run()).writes).toEqual([`remove ${podMonitor}`, `status ${claim}`]);
  expect(made.said()).toEqual(ready);
});

test("without the Prometheus operator the database is Ready, the claim says what is missing, and goes on once it is there", async () => {
  const made = bench(asking({ monitoring: true }));
  made.server.missing.add("podmonitors");
  await made.makeReady();
  expect(made.said()).toEqual([...ready, "MonitoringNotInstalled"]);
  expect(made.status().conditions?.at(-1)).toMatchObject({
    type: "MonitoringReady",
    status: "False",
    message:
      "spec.monitoring needs the Prometheus operator (there is no podmonitors.monitoring.coreos.com in this cluster): ask the platform team; the claim goes on by itself once it is there",
  });
  expect(await made.run()).toEqual({ again: 60_000, writes: [`create ${podMonitor}`] });
  made.server.missing.delete("podmonitors");
  await made.run();
  expect(made.said()).toEqual([...ready, "MonitoringActive"]);
});

test("a PodMonitor that was changed or removed by hand is put right at the next look", async () => {
  const made = await readyWith({ monitoring: true });
  const found = (): KubeObject | undefined => made.server.find(podMonitorResource, clusterRef);
  const wanted = Reflect.get(found() as KubeObject, "spec") as unknown;
  made.server.edit(found() as KubeObject, live => ({ ...live, ...{ spec: { selector: {} } } }));
  await made.run();
  expect(found()).toMatchObject({ spec: wanted });
  made.server.remove(found() as KubeObject);
  await made.run();
  expect(found()).toMatchObject({ spec: wanted });
});

test("monitoring waits for the database, and a PodMonitor that is refused is told without a word on Ready", async () => {
  const made = bench(asking({ monitoring: true }));
  const foreign = { apiVersion: "postgresql.cnpg.io/v1", kind: "Cluster", metadata: clusterRef };
  made.server.create(foreign);
  await made.run();
  expect(told(made)).toEqual(["NotOwned", "MonitoringPending"]);
  made.server.remove(foreign);
  made.server.objection = ({ kind }) =>
    kind === "PodMonitor" ? { code: 422, message: "no", causes: [] } : undefined;
  await made.run();
  made.operator.finish();
  await made.run();
  expect(told(made)).toEqual(["Available", "MonitoringFailed"]);
  expect(messageOf(made, "MonitoringReady")).toBe("PodMonitor team-a/orders-db is refused: no");
});

test("poolers of foreigners stay as they are", async () => {
  const made = bench(asking({ pooler: {} }));
  const foreign = { apiVersion: "postgresql.cnpg.io/v1", kind: "Pooler", metadata: poolerRef };
  made.server.create(foreign);
  const before = JSON.stringify(made.server.find(poolerResource, poolerRef));
  await made.makeReady();
  expect(told(made)).toEqual(["NotOwned", "NotOwned"]);
  expect(JSON.stringify(made.server.find(poolerResource, poolerRef))).toBe(before);
});
