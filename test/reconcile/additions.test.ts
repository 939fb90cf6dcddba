/** The optional objects beside the database: made, changed, removed and told of as the claim asks for them. */
import { databaseResource } from "../../capabilities/backend/cnpg/extensions";
import type { Claim, ClaimSpec } from "../../capabilities/claim/claim";
import type { KubeObject } from "../../capabilities/claim/kubernetes";
import { deepFreeze } from "../arbitrary/frozen";
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
  expect((await made.run("look")).writes).toEqual([]);
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
  const later = bench(made.claim(), "remembered");
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
    "Database team-a/orders-db, which spec.extensions needs, exists and is not this claim's, so it was left as it is: remove it, or take spec.extensions out",
  );
  expect(await made.run("look")).toEqual({ again: 5000, writes: [] });
  ask(made, { extensions: [] });
  await made.run();
  expect(made.said()).toEqual(ready);
  expect(JSON.stringify(databaseOf(made))).toBe(before);

  ask(made, pgTrgm);
  made.server.remove(foreign);
  await made.run("look");
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
  await made.run("look");
  made.operator.finish();
  await made.run("look");
  await made.run("look");
  made.operator.finish();
  await made.run("look");
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
  await made.run("look");
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
  expect((await made.run("look")).writes).toContain(`create ${database}`);
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
    ...["Failed", "WriteFailed", "ClusterHealthy", "SecretWritten", "WriteFailed"],
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
