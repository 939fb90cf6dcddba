/** A database that never came up heals when its claim is corrected, also where CNPG's Job or volume claim stands in the way. */
import type { Cluster } from "../../capabilities/operator/cnpg/cluster";
import { jobResource, volumeClaimResource } from "../../capabilities/operator/diagnosis/evidence";
import type { KubeObject } from "../../capabilities/kubernetes/objects";
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
import { admitted, clusterRef, password, ready, type Bench } from "./bench";
import { searches, starting, surround } from "./surround";

const claim = "PostgresInstance team-a/orders-db";
const jobName = "Job team-a/orders-db-1-initdb";
const clusterName = "Cluster team-a/orders-db";
const unpullable = pod(waiting("ErrImagePull", "no such host"));

/** A claim that is stuck with an image that is not there, for half an hour, and has been told so. */
async function stuck(more: readonly KubeObject[] = []): Promise<Bench> {
  const made = await starting(1800);
  surround(made, [jobOf(made.cluster() as Cluster), boundVolume, unpullable, ...more]);
  await made.run();
  expect(made.said()[1]).toBe("ImagePullFailed");
  return made;
}

function correct(made: Bench, version = "17"): void {
  made.editClaim(live => ({ ...live, spec: { ...live.spec, version } }));
}

test("the Job of the definition before goes, once the operator has had time to hear of the new one", async () => {
  const made = await stuck();
  correct(made);
  expect(await made.run(1)).toMatchObject({
    again: 3000,
    writes: [`apply ${clusterName}`, `status ${claim}`],
  });
  expect(await made.run(3)).toEqual({
    again: 20_000,
    writes: [`remove ${jobName}`, `event ${claim}`, `status ${claim}`],
  });
  expect(made.status().conditions?.[0]).toMatchObject({
    reason: "Unblocked",
    message:
      "removed Job team-a/orders-db-1-initdb, left over from an earlier spec that never started; CloudNativePG retries with the current one",
  });
  made.server.collect();
  expect(made.server.all(jobResource)).toEqual([]);
  expect(made.server.all(volumeClaimResource)).toHaveLength(1);
  made.operator.reach(clusterRef, "healthy");
  await made.run();
  expect(made.said()).toEqual(ready);
});

test("a Job that is of the present definition stays, however long the database is stuck", async () => {
  const made = await stuck();
  for (const seconds of [1, 10, 1000]) {
    expect((await made.run(seconds)).writes).toEqual([]);
  }
});

test("a Job that others make otherwise than the definition says is removed once, not for ever", async () => {
  const made = await stuck();
  correct(made);
  await made.run(1);
  expect((await made.run(3)).writes).toContain(`remove ${jobName}`);
  made.server.collect();
  surround(made, [job({ active: 1 }, { template: { spec: { containers: [] } } }), unpullable]);
  for (const seconds of [20, 100, 1000]) {
    expect((await made.run(seconds)).writes).not.toContain(`remove ${jobName}`);
  }
  expect(made.said()[1]).toBe("ImagePullFailed");
});

test("nothing goes that has changed since it was looked at", async () => {
  const made = await stuck();
  correct(made);
  await made.run(1);
  const { read } = made.kube;
  Object.assign(made.kube, {
    read: async (need: Parameters<typeof read>[0]) => {
      const found = await read(need);
      for (const found of need.what === "list" ? made.server.all(jobResource) : []) {
        const status = { active: 1, seen: found.metadata.resourceVersion };
        made.server.edit(found, live => ({ ...live, ...{ status } }));
      }
      return found;
    },
  });
  await made.run(3);
  expect(made.server.all(jobResource)).toHaveLength(1);
  expect(made.said()[1]).toBe("ImagePullFailed");
});

test("a database that was ever up keeps all that it has, stuck or not", async () => {
  const made = await stuck();
  const status = { phase: "Setting up primary", currentPrimary: "orders-db-1" };
  made.server.edit(made.cluster() as KubeObject, live => ({ ...live, ...{ status } }));
  correct(made);
  for (const seconds of [1, 3, 100, 1000]) {
    const { writes } = await made.run(seconds);
    expect(writes.filter(write => write.startsWith("remove"))).toEqual([]);
  }
  expect(made.said()[1]).toBe("ImagePullFailed");
});

const classFields = {
  apiVersion: "database.bizmatters.io/v1alpha1",
  kind: "PostgresClass",
  metadata: { name: "gold" },
};

/** A claim of class gold that waits for a volume of a StorageClass that is not there. */
async function withoutVolume(): Promise<Bench> {
  const asked = { ...admitted, spec: { ...admitted.spec, className: "gold" } };
  const made = await starting(0, asked, server => {
    server.create({ ...classFields, ...{ spec: { storage: { storageClassName: "missing" } } } });
  });
  surround(made, [
    jobOf(made.cluster() as Cluster),
    volume({ storageClassName: "missing" }),
    pod(unplaced("pod has unbound immediate PersistentVolumeClaims. not found")),
    event(
      "PersistentVolumeClaim",
      "ProvisioningFailed",
      'storageclass.storage.k8s.io "missing" not found',
    ),
  ]);
  await made.run(1800);
  expect(made.said()[1]).toBe("StorageClassNotFound");
  return made;
}

function nameClass(made: Bench, storageClassName: string): void {
  made.server.edit(classFields as KubeObject, live => ({
    ...live,
    ...{ spec: { storage: { storageClassName } } },
  }));
}

test("a Cluster whose volume claim names another StorageClass for good is made anew", async () => {
  const made = await withoutVolume();
  const { uid } = made.cluster()?.metadata ?? {};
  nameClass(made, "fast");
  expect((await made.run(1)).writes).toContain(`apply ${clusterName}`);
  expect(await made.run(3)).toEqual({
    again: 1000,
    writes: [`remove ${clusterName}`, `event ${claim}`, `status ${claim}`],
  });
  expect(made.said()[1]).toBe("Unblocked");
  made.server.collect();
  expect((await made.run(1)).writes).toContain(`create ${clusterName}`);
  expect(made.cluster()?.metadata.uid).not.toBe(uid);
  expect(made.cluster()).toMatchObject({ spec: { storage: { storageClass: "fast" } } });
  made.operator.finish();
  await made.run();
  expect(made.said()).toEqual(ready);
});

test("a volume claim that others give another StorageClass than asked for does not have its Cluster made anew for ever", async () => {
  const made = await withoutVolume();
  nameClass(made, "fast");
  await made.run(1);
  await made.run(3);
  made.server.collect();
  await made.run(1);
  made.operator.reach(clusterRef, "setting up");
  surround(made, [
    volume({ storageClassName: "missing" }),
    event(
      "PersistentVolumeClaim",
      "ProvisioningFailed",
      'storageclass.storage.k8s.io "missing" not found',
      7,
    ),
  ]);
  for (const seconds of [30, 100, 1000]) {
    const { writes } = await made.run(seconds);
    expect(writes).not.toContain(`remove ${clusterName}`);
  }
  expect(made.said()[1]).toBe("StorageClassNotFound");
});

const downgrade = {
  code: 422,
  message: "spec.imageName: Invalid value: can't downgrade from major 16 to 15",
  causes: [],
};

/** A claim that now asks for a lower version, which the operator refuses. */
async function lowered(status: object): Promise<Bench> {
  const made = await stuck();
  const seen = { phase: "Setting up primary", pgDataImageInfo: { majorVersion: 16 }, ...status };
  made.server.edit(made.cluster() as KubeObject, live => ({ ...live, ...{ status: seen } }));
  correct(made, "15");
  made.server.objection = object =>
    object.kind === "Cluster" && made.cluster() !== undefined ? downgrade : undefined;
  return made;
}

test("a Cluster that never came up and takes no lower version is made anew", async () => {
  const made = await lowered({});
  expect((await made.run(1)).writes).toContain(`remove ${clusterName}`);
  made.server.collect();
  await made.run(1);
  expect(made.cluster()).toMatchObject({
    spec: { imageName: "ghcr.io/cloudnative-pg/postgresql:15" },
  });
});

test("one that came up is left alone, and the claim is told what the operator says", async () => {
  const made = await lowered({ currentPrimary: "orders-db-1" });
  const before = searches(made).length;
  const { writes } = await made.run(1);
  expect(writes).not.toContain(`remove ${clusterName}`);
  expect(made.said()[1]).toBe("DatabaseInvalid");
  expect(searches(made)).toHaveLength(before);
});

test("credentials of the Cluster made anew reach the connection secret", async () => {
  const made = await withoutVolume();
  nameClass(made, "fast");
  await made.run(1);
  await made.run(3);
  made.server.collect();
  await made.run(1);
  made.operator.giveCredentials(clusterRef, "another password");
  await made.run();
  expect(made.values().password).toBe("another password");
  expect(password).not.toBe("another password");
});
