/** Volumes that grow, and those that cannot: the database runs meanwhile, and the claim says so. */
import { volumeClaimResource } from "../../capabilities/operator/diagnosis/evidence";
import type { ClaimCondition } from "../../capabilities/claim/claim";
import type { KubeObject } from "../../capabilities/kubernetes/objects";
import { sizedVolume } from "../operator/cnpg/surroundings";
import { bench, clusterRef, events, type Bench } from "./bench";
import { searches, surround } from "./surround";

const claim = "PostgresInstance team-a/orders-db";
const cluster = "Cluster team-a/orders-db";

/** A claim that is Ready with a volume of 20Gi, and then asks for 30, which the operator has just been told. */
async function grown(): Promise<Bench> {
  const made = bench();
  await made.makeReady();
  surround(made, [sizedVolume("20Gi", "20Gi")]);
  made.editClaim(live => ({ ...live, spec: { ...live.spec, storageGB: 30 } }));
  expect((await made.run(1)).writes).toEqual([`apply ${cluster}`, `status ${claim}`]);
  expect(storageReady(made)).toBeUndefined();
  return made;
}

function storageReady(made: Bench): ClaimCondition | undefined {
  return made.status().conditions?.find(({ type }) => type === "StorageReady");
}

function resize(made: Bench, asked: string, has: string): void {
  const [found] = made.server.all(volumeClaimResource);
  const { spec, status } = sizedVolume(asked, has) as KubeObject & { spec: object; status: object };
  made.server.edit(found as KubeObject, live => ({ ...live, ...{ spec, status } }));
}

test("a volume that grows is told of until it has grown; Ready does not wait for it", async () => {
  const made = await grown();
  expect(await made.run(3)).toMatchObject({
    again: 10_000,
    writes: [`status ${claim}`, `event ${claim}`],
  });
  expect(made.said().slice(0, 2)).toEqual(["Ready", "Available"]);
  expect(storageReady(made)).toMatchObject({
    status: "False",
    reason: "VolumeGrowing",
    message: "volume orders-db-1 has 20Gi of 30Gi; it is growing",
  });
  resize(made, "30Gi", "20Gi");
  expect((await made.run(60)).writes).toEqual([]);
  resize(made, "30Gi", "30Gi");
  expect((await made.run(60)).again).toBeUndefined();
  expect(storageReady(made)).toBeUndefined();
  expect(events(made.kube)).toHaveLength(2);
});

test("a volume that cannot grow is told of in one event after half a minute, and grows once it can", async () => {
  const made = await grown();
  await made.run(3);
  await made.run(29);
  expect(storageReady(made)?.reason).toBe("VolumeGrowing");
  expect((await made.run(1)).writes).toEqual([`status ${claim}`, `event ${claim}`]);
  const message =
    "volume orders-db-1 has 20Gi of 30Gi and cannot grow: most likely StorageClass local does not allow it; the database goes on with what it has. Set allowVolumeExpansion: true on the StorageClass if its driver can, and the volume grows by itself";
  expect(storageReady(made)).toMatchObject({ reason: "VolumeCannotGrow", message });
  expect(events(made.kube).slice(2)).toEqual([
    { type: "Warning", reason: "VolumeCannotGrow", message },
  ]);
  expect(made.said().slice(0, 3)).toEqual(["Ready", "Available", "DatabaseHealthy"]);
  for (let count = 0; count < 3; count++) {
    expect((await made.run(1000)).writes).toEqual([]);
  }
  resize(made, "30Gi", "30Gi");
  await made.run(300);
  expect(storageReady(made)).toBeUndefined();
});

test("a change of the claim costs one list, and none once it is done", async () => {
  const made = bench();
  await made.makeReady();
  surround(made, [sizedVolume("20Gi", "20Gi")]);
  await made.run(1000);
  expect(searches(made)).toEqual([]);
  made.editClaim(live => ({ ...live, spec: { ...live.spec, size: "medium" } }));
  await made.run(1);
  await made.run(3);
  await made.run(1000);
  expect(searches(made)).toEqual(["persistentvolumeclaims of team-a"]);
  expect(storageReady(made)).toBeUndefined();
});

test("a request that fails is tried again, and what was said stays said", async () => {
  const made = await grown();
  await made.run(3);
  made.kube.failAt({ at: "list persistentvolumeclaims of team-a", isDone: false });
  await expect(made.run(10)).rejects.toThrow("list persistentvolumeclaims");
  expect(storageReady(made)?.reason).toBe("VolumeGrowing");
});

test("what was said stays said while the database itself is in trouble, and is looked at when it is back", async () => {
  const made = await grown();
  await made.run(3);
  made.operator.reach(clusterRef, "half lost");
  resize(made, "30Gi", "30Gi");
  await made.run(1);
  expect(storageReady(made)?.reason).toBe("VolumeGrowing");
  made.operator.reach(clusterRef, "healthy");
  await made.run(1);
  expect(storageReady(made)).toBeUndefined();
  expect(made.said()[0]).toBe("Ready");
});
