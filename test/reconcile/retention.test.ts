/** A claim whose database is to outlive it, and the claim that takes the database over. */
import type { Claim, ClaimSpec } from "../../capabilities/claim/claim";
import { annotations, finalizer, labels } from "../../capabilities/claim/names";
import { refOf } from "../../capabilities/kubernetes/objects";
import { claimResource } from "../../capabilities/claim/names";
import { roleResource } from "../../capabilities/operator/cnpg/shared-databases";
import { admitted, bench, clusterRef, events, password, ready, type Bench } from "./bench";

const claim = "PostgresInstance team-a/orders-db";
const cluster = "Cluster team-a/orders-db";
const removesSecret = "remove Secret team-a/orders-postgres";
const retain = { deletionPolicy: "Retain" } as const;

function asking(spec: ClaimSpec, marks: Readonly<Record<string, string>> = {}): Claim {
  return {
    ...admitted,
    metadata: { ...admitted.metadata, annotations: marks },
    spec: { ...admitted.spec, ...spec },
  };
}

async function made(spec: ClaimSpec): Promise<Bench> {
  const bed = bench(asking(spec));
  await bed.makeReady();
  return bed;
}

/** The claim is deleted, and garbage collection has been there. */
async function left(spec: ClaimSpec): Promise<Bench> {
  const bed = await made(spec);
  bed.server.remove(bed.claim());
  await bed.run();
  bed.server.collect();
  return bed;
}

function isGone({ server }: Bench): boolean {
  return server.find(claimResource, refOf(admitted)) === undefined;
}

test("the Cluster of a claim that retains has no owner, so that no deletion in the foreground takes it along", async () => {
  const bed = await made(retain);
  expect(bed.said()).toEqual(ready);
  const { ownerReferences, labels: marks } = bed.cluster()?.metadata ?? {};
  expect(ownerReferences).toBeUndefined();
  expect(marks).toMatchObject({ [labels.claimUid]: bed.claim().metadata.uid });
});

test("the claim is held before its Cluster is made, also where the webhook was away", async () => {
  const { apiVersion, kind, metadata, spec } = asking(retain);
  const bed = bench({ apiVersion, kind, metadata: { ...metadata, finalizers: [] }, spec });
  const { writes } = await bed.run();
  expect(writes.slice(0, 2)).toEqual([`finalizers ${claim}`, `create ${cluster}`]);
  expect(bed.claim().metadata.finalizers).toEqual([finalizer]);
});

test("it leaves its Cluster, whose uid is told, and takes its connection secret along", async () => {
  const bed = await left(retain);
  expect([isGone(bed), bed.secret()]).toEqual([true, undefined]);
  const uid = bed.cluster()?.metadata.uid ?? "";
  expect(uid).not.toBe("");
  expect(events(bed.kube).at(-1)).toEqual({
    type: "Normal",
    reason: "DatabaseKept",
    message: `${cluster} stays with its data, volumes and own Secrets: a new PostgresInstance of this name takes it over with the annotation database.bizmatters.io/adopt: ${uid}`,
  });
});

test("a policy that has just become Retain is in force before the claim goes", async () => {
  const bed = await made({});
  bed.editClaim(live => ({ ...live, spec: { ...live.spec, ...retain } }));
  bed.server.remove(bed.claim());
  expect((await bed.run()).writes).toEqual(
    expect.arrayContaining([`owners ${cluster}`, removesSecret, `finalizers ${claim}`]),
  );
  bed.server.collect();
  expect(bed.cluster()).toBeDefined();
  expect(bed.kube.logged.join()).toContain(`lets go of ${cluster}, which stays`);
});

test("while that fails the claim stays, and says why", async () => {
  const bed = await made({});
  bed.editClaim(live => ({ ...live, spec: { ...live.spec, ...retain } }));
  bed.server.remove(bed.claim());
  bed.kube.failAt({ at: `owners ${cluster}`, isDone: false });
  await expect(bed.run()).rejects.toThrow("owners");
  expect(isGone(bed)).toBe(false);
  expect(bed.said()[0]).toBe("Deleting");
  await bed.run();
  bed.server.collect();
  expect([isGone(bed), bed.cluster() === undefined]).toEqual([true, false]);
});

test("a policy that has just become Delete is too: the Cluster has no owner that would take it along", async () => {
  const bed = await made(retain);
  bed.editClaim(live => ({ ...live, spec: { ...live.spec, deletionPolicy: "Delete" } }));
  bed.server.remove(bed.claim());
  await bed.run();
  bed.server.collect();
  expect([isGone(bed), bed.cluster()]).toEqual([true, undefined]);
  expect(bed.kube.logged.join()).toContain(`has ${cluster} go with its claim, data and all`);
});

test.each([
  ["Retain", "Delete", 1],
  ["Delete", "Retain", 0],
] as const)("from %s to %s the Cluster follows", async (before, after, owners) => {
  const bed = await made({ deletionPolicy: before });
  bed.editClaim(live => ({ ...live, spec: { ...live.spec, deletionPolicy: after } }));
  await bed.run();
  expect(bed.cluster()?.metadata.ownerReferences ?? []).toHaveLength(owners);
  await bed.run();
  expect((await bed.run()).writes).toEqual([]);
});

test("an owner that somebody else has added changes nothing", async () => {
  const bed = await made(retain);
  const found = bed.cluster();
  if (!found) throw new Error("there is a Cluster");
  const other = { apiVersion: "v1", kind: "ConfigMap", name: "other", uid: "other-uid" };
  bed.server.edit(found, live => ({
    ...live,
    metadata: { ...live.metadata, ownerReferences: [other] },
  }));
  await bed.run();
  expect(bed.said()).toEqual(ready);
  bed.server.edit(bed.claim(), live => ({
    ...live,
    spec: { ...live.spec, deletionPolicy: "Delete" as const },
  }));
  bed.server.remove(bed.claim());
  await bed.run();
  expect(bed.cluster()?.metadata.ownerReferences?.map(({ kind }) => kind)).toEqual([
    "ConfigMap",
    "PostgresInstance",
  ]);
});

test("another claim of the name is told how to take the Cluster over, and leaves it alone", async () => {
  const bed = await left(retain);
  const before = JSON.stringify(bed.cluster());
  bed.server.create(asking(retain));
  await bed.run();
  expect(bed.said().slice(0, 3)).toEqual(["Failed", "DatabaseKept", "DatabaseKept"]);
  const uid = bed.cluster()?.metadata.uid ?? "";
  expect(bed.status().conditions?.[0]?.message).toBe(
    `${cluster} was left by an earlier claim of this name (deletionPolicy Retain): to take it over, annotate the claim with database.bizmatters.io/adopt: ${uid}; to be rid of it and its data, kubectl delete cluster orders-db -n team-a`,
  );
  expect(JSON.stringify(bed.cluster())).toBe(before);
});

/** A claim of the name comes again, and names the Cluster that is there. */
async function adopting(spec: ClaimSpec, uid?: string): Promise<Bench> {
  const bed = await left(retain);
  const named = uid ?? bed.cluster()?.metadata.uid ?? "";
  bed.server.create(asking(spec, { [annotations.adopt]: named }));
  await bed.run();
  return bed;
}

test("the claim that names its uid takes it over with its data, and is Ready as soon as the operator has heard of it", async () => {
  const bed = await adopting(retain);
  await bed.run();
  expect(bed.said()).toEqual(ready);
  expect(bed.values().password).toBe(password);
  expect(bed.cluster()?.metadata.labels?.[labels.claimUid]).toBe(bed.claim().metadata.uid);
  expect((await bed.run()).writes).toEqual([]);
});

test("where that claim does not retain, the Cluster is its own as any other", async () => {
  const bed = await adopting({});
  expect(bed.cluster()?.metadata.ownerReferences).toHaveLength(1);
  bed.server.remove(bed.claim());
  await bed.run();
  bed.server.collect();
  expect(bed.server.all()).toEqual([]);
});

test("the uid of another object takes nothing over", async () => {
  const bed = await adopting(retain, "another-uid");
  expect(bed.said()[1]).toBe("DatabaseKept");
});

test("a Cluster that differs in what cannot be undone stays as it is, and goes with no claim", async () => {
  const bed = await adopting({ version: "17", databaseOwner: "someone" });
  expect(bed.said()[1]).toBe("DatabaseDiffers");
  expect(bed.status().conditions?.[0]?.message).toBe(
    `${cluster} differs from what the claim asks for, so it was left as it is: the claim needs spec.version: "16", spec.databaseOwner: "orders_db"; where a field is immutable, make the claim again with it`,
  );
  bed.server.remove(bed.claim());
  await bed.run();
  bed.server.collect();
  expect([isGone(bed), bed.cluster() === undefined]).toEqual([true, false]);
});

test("a Cluster that bears no claim's labels is nobody's to take over", async () => {
  const bed = await left(retain);
  const found = bed.cluster();
  if (!found) throw new Error("there is a Cluster");
  bed.server.edit(found, live => ({ ...live, metadata: { ...live.metadata, labels: {} } }));
  bed.server.create(asking(retain, { [annotations.adopt]: found.metadata.uid ?? "" }));
  await bed.run();
  expect(bed.said()[1]).toBe("NotOwned");
});

test("a login of an earlier claim of the name goes with that: the next one does not close it", async () => {
  const access = { readOnly: { secretRef: { name: "orders-readonly" } } };
  const bed = await made({ access });
  for (let round = 0; round < 3; round += 1) {
    bed.operator.finish();
    await bed.run();
  }
  expect(bed.server.all(roleResource)).toHaveLength(1);
  bed.server.remove(bed.claim());
  await bed.run();
  // Garbage collection has not been there yet.
  bed.server.create(asking({}));
  bed.editClaim(live => ({ ...live, spec: { ...live.spec, instances: 2 } }));
  expect((await bed.run()).writes.join()).not.toContain("DatabaseRole");
});

test("whatever fails, and whether its answer is lost: a claim that retains never takes its Cluster along", async () => {
  for (let at = 0; at < 12; at += 1) {
    for (const isDone of [false, true]) {
      const bed = await made({});
      bed.editClaim(live => ({ ...live, spec: { ...live.spec, ...retain } }));
      bed.server.remove(bed.claim());
      bed.kube.failAt({ at, isDone });
      await bed.run().catch(() => undefined);
      bed.server.collect();
      for (let runs = 0; runs < 3; runs += 1) await bed.run();
      bed.server.collect();
      expect([at, isDone, isGone(bed), bed.cluster() === undefined, clusterRef.name]).toEqual([
        at,
        isDone,
        true,
        false,
        "orders-db",
      ]);
    }
  }
});
