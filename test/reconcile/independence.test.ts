/** Aspects go on by themselves: what holds one of them up is no reason for another to wait. */
import type { KubeObject, Secret } from "../../capabilities/kubernetes/objects";
import { conditionIn } from "../../capabilities/claim/claim";
import { secretResource } from "../../capabilities/kubernetes/objects";
import { mostAtOnce } from "../../capabilities/work/write-limit";
import { bench, clusterRef, events, ready, wanted, type Bench } from "./bench";

const claim = "PostgresInstance team-a/orders-db";

/** CNPG's webhook, as it refuses to shrink a volume. */
const noShrinking = {
  code: 422,
  message: "admission webhook denied the request: can't shrink existing storage from 30Gi to 20Gi",
  causes: [],
};

async function readyBench(): Promise<Bench> {
  const made = bench();
  await made.makeReady();
  expect(made.said()).toEqual(ready);
  return made;
}

/** Someone makes the Cluster's volume larger by hand. */
function enlarge(made: Bench, size: string): void {
  const found = made.cluster() as KubeObject & { readonly spec: { readonly storage: object } };
  made.server.edit(found, live => ({
    ...live,
    spec: { ...live.spec, storage: { ...live.spec.storage, size } },
  }));
}

/** From now on the operator's webhook takes no change of the Cluster. */
function refuseCluster(made: Bench): void {
  made.server.objection = object => (object.kind === "Cluster" ? noShrinking : undefined);
}

function storageOf(made: Bench): unknown {
  return Reflect.get(made.cluster() ?? {}, "spec");
}

describe("a volume that was made larger by hand", () => {
  test("is kept and told of, with the number to write into the claim; the database stays Ready", async () => {
    const made = await readyBench();
    enlarge(made, "30Gi");
    refuseCluster(made);
    expect((await made.run()).writes).toEqual([`status ${claim}`]);
    expect(made.said().slice(0, 4)).toEqual(ready);
    expect(conditionIn(made.status(), "StorageReady")).toMatchObject({
      status: "True",
      reason: "VolumeLarger",
      message:
        "volumes have 30Gi, although the claim asks for 20Gi; volumes never shrink, so they stay: write spec.storageGB: 30 into the claim",
    });
    expect((await made.run()).writes).toEqual([]);
  });

  test("is told of no more once the claim asks for it", async () => {
    const made = await readyBench();
    enlarge(made, "29500Mi");
    await made.run();
    expect(conditionIn(made.status(), "StorageReady")?.message).toContain(
      "spec.storageGB: 29 into",
    );
    made.editClaim(live => ({ ...live, spec: { ...live.spec, storageGB: 29 } }));
    await made.run();
    await made.run();
    expect(storageOf(made)).toMatchObject({ storage: { size: "29Gi" } });
    expect(conditionIn(made.status(), "StorageReady")).toBeUndefined();
  });

  test("does not keep the claim's other changes from the Cluster", async () => {
    const made = await readyBench();
    enlarge(made, "30Gi");
    made.editClaim(live => ({ ...live, spec: { ...live.spec, instances: 3 } }));
    await made.run();
    expect(storageOf(made)).toMatchObject({ instances: 3, storage: { size: "30Gi" } });
  });
});

describe("while the Cluster cannot be written", () => {
  async function refused(): Promise<Bench> {
    const made = await readyBench();
    refuseCluster(made);
    made.editClaim(live => ({ ...live, spec: { ...live.spec, instances: 3 } }));
    await made.run();
    expect(made.said().slice(1, 4)).toEqual([
      ...["DatabaseInvalid", "DatabaseInvalid", "SecretWritten"],
    ]);
    return made;
  }

  test("a connection secret that is deleted is written again", async () => {
    const made = await refused();
    made.server.remove(made.secret() as Secret);
    await made.run();
    expect(made.values()).toMatchObject({ username: "orders_db" });
  });

  test("a password that is changed reaches it", async () => {
    const made = await refused();
    made.operator.giveCredentials(clusterRef, "another");
    await made.run();
    expect(made.values().password).toBe("another");
  });

  test("the operator's words are told, however often it refuses: nobody undoes anything", async () => {
    const made = await refused();
    for (let count = 0; count < 3 * mostAtOnce; count++) await made.run(1);
    expect(conditionIn(made.status(), "DatabaseReady")).toMatchObject({
      reason: "DatabaseInvalid",
      message: `CloudNativePG refuses Cluster team-a/orders-db: ${noShrinking.message}`,
    });
  });
});

test("whoever undoes what was written is told of as that", async () => {
  const made = await readyBench();
  for (let count = 0; count <= mostAtOnce; count++) {
    const found = made.cluster() as KubeObject & { readonly spec: object };
    made.server.edit(found, live => ({ ...live, spec: { ...live.spec, instances: 7 } }));
    await made.run(1).catch(() => undefined);
  }
  expect(conditionIn(made.status(), "DatabaseReady")?.message).toContain(
    "another client keeps overwriting Cluster team-a/orders-db after it was corrected; kubectl get cluster orders-db -n team-a -o yaml --show-managed-fields shows which",
  );
});

test("a database that cannot be read keeps what was said of everything, and nothing is written", async () => {
  const made = await readyBench();
  made.kube.failAt({ at: "read Cluster team-a/orders-db", isDone: false });
  const before = made.kube.writes.length;
  await expect(made.run()).rejects.toThrow("read Cluster");
  expect([made.said(), made.kube.writes.length]).toEqual([ready, before]);
});

test("a connection secret that cannot be written does not keep the database from following the claim", async () => {
  const made = bench();
  made.kube.failAt({ at: "create Secret team-a/orders-postgres", isDone: false });
  await made.run();
  made.operator.giveCredentials(clusterRef, "first");
  made.editClaim(live => ({ ...live, spec: { ...live.spec, instances: 2 } }));
  await expect(made.run()).rejects.toThrow("create Secret");
  expect(storageOf(made)).toMatchObject({ instances: 2 });
  expect(made.secret(wanted)).toBeUndefined();
  made.operator.finish();
  await made.run();
  await made.run();
  expect(made.server.find(secretResource, wanted)).toBeDefined();
});

test("nothing that is removed goes without a line in the log", async () => {
  const made = await readyBench();
  made.editClaim(live => ({
    ...live,
    writeConnectionSecretToRef: { name: "moved", namespace: "team-a" },
  }));
  await made.run();
  expect(made.kube.logged).toEqual([
    `${claim}: removes Secret team-a/orders-postgres: the claim wants no connection secret there any more`,
  ]);
  expect(events(made.kube)).toHaveLength(1);
});
