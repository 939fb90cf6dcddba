import type { Claim } from "../../capabilities/claim/claim";
import { type Ref, refOf } from "../../capabilities/kubernetes/objects";
import { claimResource, finalizer, labels } from "../../capabilities/claim/names";
import { admitted, bench, clusterRef, password, wanted, type Bench } from "./bench";

const claim = "PostgresInstance team-a/orders-db";
const elsewhere: Ref = { name: "orders-postgres", namespace: "team-b" };
const far: Claim = { ...admitted, writeConnectionSecretToRef: elsewhere };

function isGone(made: Bench): boolean {
  return made.server.find(claimResource, refOf(admitted)) === undefined;
}

async function deleted(asked?: Claim): Promise<Bench> {
  const made = bench(asked);
  await made.makeReady();
  made.server.remove(made.claim());
  return made;
}

test.each<readonly [string, Claim, Ref]>([
  ["in its own namespace", admitted, wanted],
  ["in another namespace", far, elsewhere],
])(
  "the secret %s goes first, then the claim, then the Cluster with its owner",
  async (_title, asked, ref) => {
    const made = await deleted(asked);
    const { again, writes } = await made.run();
    expect(writes).toEqual([`remove Secret ${ref.namespace}/${ref.name}`, `finalizers ${claim}`]);
    expect([again, isGone(made)]).toEqual([undefined, true]);
    made.server.collect();
    expect(made.server.all()).toEqual([]);
  },
);

test("a claim that is gone is done with", async () => {
  const made = await deleted();
  await made.run();
  expect(await made.run()).toEqual({ again: undefined, writes: [] });
});

test("finalizers of others are theirs to take off", async () => {
  const others = { ...admitted.metadata, finalizers: ["example.com/other", finalizer] };
  const made = await deleted({ ...admitted, metadata: others });
  expect((await made.run()).again).toBeUndefined();
  expect(made.claim().metadata.finalizers).toEqual(["example.com/other"]);
  expect(made.secret()).toBeUndefined();
  expect(await made.run()).toEqual({ again: undefined, writes: [] });
});

test("a secret that was written but not told of yet is removed too", async () => {
  const made = bench(far);
  await made.run(0);
  made.operator.giveCredentials(clusterRef, password);
  await made.run(0);
  expect(made.claim()).not.toHaveProperty("status");
  expect(made.secret(elsewhere)).toBeDefined();
  made.server.remove(made.claim());
  await made.run(0);
  expect([made.secret(elsewhere), isGone(made)]).toEqual([undefined, true]);
});

test("a claim whose ref was just moved takes both secrets with it", async () => {
  const made = bench(far);
  await made.makeReady();
  made.editClaim(live => ({ ...live, writeConnectionSecretToRef: wanted }));
  // The new secret is written; then the module dies before it has removed the old one.
  made.kube.failAt({ at: "remove Secret team-b/orders-postgres", isDone: false });
  await expect(made.run()).rejects.toThrow("remove Secret");
  expect([made.secret(), made.secret(elsewhere)]).not.toContain(undefined);
  made.server.remove(made.claim());
  await made.run();
  expect([made.secret(), made.secret(elsewhere), isGone(made)]).toEqual([
    undefined,
    undefined,
    true,
  ]);
});

test("a foreign Secret at the place stays, and keeps nothing from going", async () => {
  const made = bench(far);
  made.server.create({ apiVersion: "v1", kind: "Secret", metadata: elsewhere });
  await made.makeReady();
  const before = JSON.stringify(made.secret(elsewhere));
  made.server.remove(made.claim());
  expect((await made.run()).writes).toEqual([`finalizers ${claim}`]);
  expect([JSON.stringify(made.secret(elsewhere)), isGone(made)]).toEqual([before, true]);
});

test("a copy of the secret, labels and all, stays", async () => {
  const made = await deleted(far);
  const marks = { [labels.claimUid]: made.claim().metadata.uid ?? "" };
  const copy = { name: "copy", namespace: "team-b", labels: marks };
  made.server.create({ apiVersion: "v1", kind: "Secret", metadata: copy });
  await made.run();
  expect([made.secret(elsewhere), isGone(made)]).toEqual([undefined, true]);
  expect(made.secret({ name: "copy", namespace: "team-b" })).toBeDefined();
});

test("the claim stays while the secret cannot be removed, and says why", async () => {
  const made = await deleted();
  made.kube.failAt({ at: "remove Secret team-a/orders-postgres", isDone: false });
  await expect(made.run()).rejects.toThrow("remove Secret team-a/orders-postgres");
  expect(made.said()).toEqual(["Deleting", "Deleting", "Deleting", "Deleting"]);
  expect(made.status().conditions?.[0]?.message).toBe(
    "Secret team-a/orders-postgres could not be removed yet: remove Secret team-a/orders-postgres: the API server did not answer; the claim stays until it is",
  );
  expect(made.claim().metadata.finalizers).toEqual([finalizer]);
  await made.run();
  expect([made.secret(), isGone(made)]).toEqual([undefined, true]);
});

test("a claim that cannot be let go says why", async () => {
  const made = await deleted();
  made.kube.failAt({ at: `finalizers ${claim}`, isDone: false });
  await expect(made.run()).rejects.toThrow("finalizers");
  expect(made.said()).toEqual(["Deleting", "Deleting", "Deleting", "Deleting"]);
  expect(made.status().conditions?.[0]?.message).toBe(
    `nothing of the claim is left, but it could not be let go: finalizers ${claim}: the API server did not answer`,
  );
  await made.run();
  expect(isGone(made)).toBe(true);
});

test("the claim stays while the secret has finalizers of its own", async () => {
  const made = bench();
  await made.makeReady();
  const found = made.secret();
  if (!found) throw new Error("there is a Secret");
  const hold = (finalizers: readonly string[]): void => {
    made.server.edit(found, live => ({ ...live, metadata: { ...live.metadata, finalizers } }));
  };
  hold(["example.com/backup"]);
  made.server.remove(made.claim());
  expect((await made.run()).again).toBe(5000);
  expect(made.said()[0]).toBe("Deleting");
  expect(made.status().conditions?.[0]?.message).toBe(
    "Secret team-a/orders-postgres could not be removed yet: it has finalizers of its own, which must be removed first; the claim stays until it is",
  );
  hold([]);
  await made.run();
  expect([made.secret(), isGone(made)]).toEqual([undefined, true]);
});

test("a removal or a release whose answer was lost is found done", async () => {
  const removed = await deleted();
  removed.kube.failAt({ at: "remove Secret team-a/orders-postgres", isDone: true });
  await expect(removed.run()).rejects.toThrow("remove Secret");
  await removed.run();
  expect(isGone(removed)).toBe(true);

  const released = await deleted();
  released.kube.failAt({ at: `finalizers ${claim}`, isDone: true });
  await expect(released.run()).rejects.toThrow("finalizers");
  expect((await released.run()).again).toBeUndefined();
  expect(isGone(released)).toBe(true);
});

test("a claim of the same name that comes after is another: it gets secrets of its own", async () => {
  const made = await deleted();
  await made.run();
  made.server.collect();
  made.server.create(admitted);
  await made.makeReady();
  expect(made.secret()?.metadata.labels?.[labels.claimUid]).toBe(made.claim().metadata.uid);
});

test("nothing is made for a claim without finalizer that is gone unnoticed", async () => {
  const asked = { ...far, metadata: { ...far.metadata, finalizers: [] } };
  const made = bench(asked, "stored");
  made.deliver();
  made.server.remove(made.claim());
  expect((await made.run()).again).toBeUndefined();
  expect(made.server.all()).toEqual([]);
});
