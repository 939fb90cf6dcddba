/** A database that is made again at once waits for what the earlier one of its name has left: CNPG would take it for the new one's. */
import type { KubeObject } from "../../capabilities/kubernetes/objects";
import { volumeClaimResource } from "../../capabilities/operator/diagnosis/evidence";
import { admitted, bench, clusterRef, type Bench } from "./bench";

const create = "create Cluster team-a/orders-db";
const volumeRef = { name: "orders-db-1", namespace: "team-a" };

function volume(owned: boolean): KubeObject {
  const owner = {
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Cluster",
    name: "orders-db",
    uid: "of before",
  };
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      ...volumeRef,
      labels: { "cnpg.io/cluster": "orders-db" },
      ...(owned ? { ownerReferences: [owner] } : {}),
    },
  };
}

/** A claim that is Ready, whose database goes, while a volume of it is still there. */
async function goneWith(left: KubeObject | undefined): Promise<Bench> {
  const made = bench(admitted, "stored");
  made.deliver();
  await made.makeReady();
  made.deliver();
  await made.run();
  if (left) made.server.create(left);
  const cluster = made.cluster();
  if (cluster) made.server.remove(cluster);
  made.deliver();
  return made;
}

test("the new one is made once the volume of the earlier one has gone, which the claim says until then", async () => {
  const made = await goneWith(volume(true));
  const first = await made.run(1);
  expect(first.writes).not.toContain(create);
  expect(made.said()).toEqual([
    "Provisioning",
    "DatabaseDeleting",
    "DatabaseDeleting",
    "CredentialsPending",
  ]);
  expect(made.status().conditions?.[0]?.message).toBe(
    "PersistentVolumeClaim team-a/orders-db-1 of an earlier database of this name is still being removed; the database is made when it is gone",
  );
  expect(first.again).toBe(1000);
  const found = made.server.find(volumeClaimResource, volumeRef);
  if (found) made.server.remove(found);
  expect((await made.run(1)).writes).toContain(create);
});

test("nothing but one list is asked for where nothing is left, and nothing at all where no earlier one is known", async () => {
  const made = await goneWith(undefined);
  expect((await made.run(1)).writes).toContain(create);
  expect(
    made.kube.reads.filter(line => line.startsWith("list persistentvolumeclaims")),
  ).toHaveLength(1);
  const fresh = bench(admitted, "stored");
  fresh.deliver();
  await fresh.run();
  expect(fresh.cluster()?.metadata.name).toBe(clusterRef.name);
  expect(fresh.kube.reads.filter(line => line.startsWith("list"))).toEqual([]);
});

test("a volume that somebody has kept, without an owner, is in nobody's way", async () => {
  const made = await goneWith(volume(false));
  expect((await made.run(1)).writes).toContain(create);
});

test("after minutes an earlier one is forgotten", async () => {
  const made = await goneWith(volume(true));
  expect((await made.run(181)).writes).toContain(create);
});
