/** A database that takes too long is looked into; one that is well, or just starting, is not. */
import * as fc from "fast-check";
import type { Cluster } from "../../capabilities/operator/cnpg/cluster";
import {
  boundVolume,
  event,
  job,
  jobOf,
  pod,
  unplaced,
  volume,
  waiting,
} from "../operator/cnpg/surroundings";
import { bench, clusterRef, events, password, ready } from "./bench";
import { searches, starting, surround } from "./surround";

const claim = "PostgresInstance team-a/orders-db";

const unpullable = [job(), boundVolume, pod(waiting("ErrImagePull", "no such host"))];

test("a database that is just starting is not looked into, and is when its start should be over", async () => {
  const made = bench();
  await made.run(0);
  made.operator.giveCredentials(clusterRef, password);
  made.operator.reach(clusterRef, "setting up");
  surround(made, [jobOf(made.cluster() as Cluster), ...unpullable.slice(1)]);
  expect((await made.run(3)).again).toBe(17_000);
  // Counted from when the claim was first told of it.
  expect((await made.run(19.5)).again).toBe(1000);
  expect(searches(made)).toEqual([]);
  expect(made.said()[0]).toBe("Provisioning");
  expect((await made.run(0.5)).again).toBe(10_000);
  expect(searches(made)).toEqual([
    "pods of team-a",
    "persistentvolumeclaims of team-a",
    "jobs of team-a",
  ]);
  expect(made.said()).toEqual([
    ...["Failed", "ImagePullFailed", "ImagePullFailed", "SecretWritten"],
  ]);
});

test("a database that is well is not looked into, however old it is and however often", async () => {
  const made = bench();
  await made.makeReady();
  for (let count = 0; count < 3; count++) await made.run(10_000);
  expect(searches(made)).toEqual([]);
});

test("a database that fell ill is looked into after a while as well, but not one that sleeps or that others own", async () => {
  const made = bench();
  await made.makeReady();
  made.operator.reach(clusterRef, "half lost");
  expect((await made.run(100)).again).toBe(20_000);
  expect(searches(made)).toEqual([]);
  await made.run(20);
  expect(searches(made)).toHaveLength(3);
  made.operator.reach(clusterRef, "hibernated");
  await made.run(1000);
  expect(searches(made)).toHaveLength(3);
});

test("the cause is told in one event, and in no further write while nothing changes", async () => {
  const made = await starting(30);
  surround(made, unpullable);
  expect((await made.run()).writes).toEqual([`status ${claim}`, `event ${claim}`]);
  expect(events(made.kube)).toEqual([
    {
      type: "Warning",
      reason: "ImagePullFailed",
      message:
        "image registry.invalid/postgresql:16 cannot be pulled: no such host; correct the image in the PostgresClass or the nodes' access to it, or ask for a version that is there",
    },
  ]);
  for (let count = 0; count < 3; count++) {
    expect((await made.run()).writes).toEqual([]);
  }
});

test("a silent volume's events are asked for", async () => {
  const made = await starting(30);
  const words = 'storageclass.storage.k8s.io "missing" not found';
  surround(made, [
    job(),
    volume({ storageClassName: "missing" }),
    pod(unplaced("pod has unbound immediate PersistentVolumeClaims. not found")),
    event("PersistentVolumeClaim", "ProvisioningFailed", words),
  ]);
  await made.run();
  expect(made.said()[1]).toBe("StorageClassNotFound");
  expect(searches(made).slice(-1)).toEqual(["events of team-a"]);
});

test("a cause that is gone is told no more, and the database gets ready", async () => {
  const made = await starting(30);
  const clear = surround(made, unpullable);
  await made.run();
  clear();
  await made.run();
  expect(made.said()[1]).toBe("Provisioning");
  made.operator.reach(clusterRef, "healthy");
  await made.run();
  expect(made.said()).toEqual(ready);
});

test("pauses grow with the time that nothing has changed, up to five minutes", async () => {
  const made = await starting(23);
  surround(made, unpullable);
  const pauses: (number | undefined)[] = [(await made.run(0)).again];
  while ((pauses.at(-1) ?? 0) < 300_000) {
    pauses.push((await made.run((pauses.at(-1) ?? 0) / 1000)).again);
  }
  expect(pauses.slice(0, 4)).toEqual([10_000, 15_000, 22_500, 33_750]);
  expect(pauses).toHaveLength(10);
});

test("a request that fails is tried again, and until then the claim is told what the operator says", async () => {
  const made = await starting(30);
  surround(made, unpullable);
  made.kube.failAt({ at: "list pods of team-a", isDone: false });
  await expect(made.run()).rejects.toThrow("list pods");
  expect(made.said()[1]).toBe("Provisioning");
  await made.run();
  expect(made.said()[1]).toBe("ImagePullFailed");
});

test("whatever the age, a look comes within half of it again, and never sooner than in a second", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 3, max: 100_000 }), async seconds => {
      const made = await starting(seconds);
      const again = (await made.run(0)).again ?? 0;
      expect(again).toBeGreaterThanOrEqual(1000);
      expect(again).toBeLessThanOrEqual(Math.min(300_000, Math.max(20_000, seconds * 500)));
    }),
    { numRuns: 30 },
  );
});
