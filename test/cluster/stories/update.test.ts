/** A claim that asks for more. */
import type { Claim } from "../../../capabilities/claim/claim";
import {
  amount,
  claim,
  claimResource,
  databaseOf,
  readyClaim,
  untilReady,
  untilSpec,
  valuesOf,
} from "../claims";
import { run } from "../../../local/processes";
import { postgresql } from "../needs";
import { stories } from "../story";

const story = stories();
const onVersion17 = story.where(postgresql("17"));

const className = "built-in";

story("size and storage reach the Cluster, and the claim is Ready again", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref, { className, storageGB: 1 }, { name: "orders-postgres" }));
  const before = await valuesOf(cluster, { name: "orders-postgres", namespace });
  await cluster.patch(claimResource, ref, { spec: { size: "medium", storageGB: 2 } });
  const { spec } = await untilSpec(cluster, ref, ({ storage }) => storage.size === "2Gi");
  expect(spec.resources).toEqual({
    requests: { cpu: amount("500m"), memory: amount("512Mi") },
    limits: { cpu: amount("2000m"), memory: amount("2Gi") },
  });
  const { status } = await untilReady(cluster, ref);
  expect(status?.observedGeneration).toBe(2);
  expect(await valuesOf(cluster, { name: "orders-postgres", namespace })).toEqual(before);
});

onVersion17("a higher version becomes the image, and Ready waits for it", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref, { className, version: "16" }));
  await cluster.patch(claimResource, ref, { spec: { version: "17" } });
  await untilReady(cluster, ref);
  const { spec, status } = (await databaseOf(cluster, ref)) as Upgraded;
  expect(spec.imageName).toMatch(/:17$/);
  expect(status).toMatchObject({ image: spec.imageName, pgDataImageInfo: { majorVersion: 17 } });
});

type Upgraded = Awaited<ReturnType<typeof databaseOf>> & { readonly status: object };

story("more instances are counted before the claim is Ready", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref));
  await cluster.patch(claimResource, ref, { spec: { instances: 2 } });
  const { status } = await untilReady(cluster, ref);
  expect(status?.conditions?.[0]?.message).toContain("2 of 2 instances are ready");
  expect(status).toMatchObject({ instances: 2, readyInstances: 2, primary: "orders-db-1" });
  expect((await databaseOf(cluster, ref)).spec.instances).toBe(2);
});

story(
  "a claim that is replaced keeps what it got when it was made",
  async ({ cluster, namespace }) => {
    const ref = { name: "orders-db", namespace };
    const asked = { className, version: "17", storageGB: 1, databaseOwner: "orders" } as const;
    const made = await cluster.create(
      claimResource,
      claim(ref, asked, { name: "orders-postgres" }),
    );
    const bare = claim(ref, { size: "medium" }, { name: "orders-postgres" });
    await cluster.kubectl(["replace", "-f", "-"], JSON.stringify(bare));
    const found = await cluster.read<Claim>(claimResource, ref);
    expect(found?.spec).toEqual({ ...made.spec, size: "medium" });
    expect(found?.metadata.finalizers).toEqual(["database.bizmatters.io/connection-secret"]);
  },
);

story(
  "kubectl warns of a version that gets no more fixes, where the class still has it",
  async scene => {
    const { cluster, namespace } = scene;
    const old = await scene.newClass({ versions: { default: "14", allowed: ["14", "16"] } });
    const [command, ...first] = cluster.access.kubectl;
    const made = claim({ name: "orders-db", namespace }, { className: old });
    const input = JSON.stringify(made);
    const { code, stderr } = await run(command, [...first, "create", "-f", "-"], { input });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        "Warning: spec.version: PostgreSQL 14 has had no fixes since 2026-11-12: use a newer one\n",
    });
  },
);

story("kubectl warns of what a change brings about, and of nothing else", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  const asked = { className, version: "15", storageGB: 1, instances: 2 };
  await cluster.create(claimResource, claim(ref, asked, { name: "orders-postgres" }));
  const said = async (spec: object): Promise<string> => {
    const [command, ...first] = cluster.access.kubectl;
    const patch = ["patch", "pgi", ref.name, "-n", namespace, "--type", "merge"];
    const args = [...first, ...patch, "-p", JSON.stringify({ spec })];
    return (await run(command, args)).stderr;
  };
  expect(await said({ instances: 3 })).toBe("");
  const change = { version: "16", size: "large", storageGB: 2, instances: 1 };
  expect(await said(change)).toBe(
    `Warning: spec.version: offline major upgrade from 15 to 16: the database is away while it runs, and there is no way back; take a backup first
Warning: spec.size: PostgreSQL restarts with the cpu and memory of large; connections are cut
Warning: spec.storageGB: volumes grow from 1 to 2 GiB, if their StorageClass has allowVolumeExpansion, and never shrink again
Warning: spec.instances: from 3 to 1: replicas go, with their volumes; the one that stays is away whenever its node is
`,
  );
});

story(
  "settings of PostgreSQL reach the Cluster, and leave it when they are taken out",
  async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: "orders-db", namespace };
    const bad = claim(ref, {
      parameters: { fsync: "off", archive_command: "true", work_mem: "lots" },
    });
    await expect(cluster.create(claimResource, bad)).rejects.toThrow(
      `is refused:
  - spec.parameters has "archive_command", which CloudNativePG decides on: leave it out
  - spec.parameters has "fsync", with which acknowledged commits could be lost: leave it out
  - spec.parameters has work_mem: "lots", but it must be an amount of memory such as "64MB"`,
    );
    const parameters = { work_mem: "64MB", statement_timeout: "30s" };
    await readyClaim(cluster, claim(ref, { className, parameters }));
    const { spec } = await databaseOf(cluster, ref);
    expect(spec.postgresql?.parameters).toMatchObject(parameters);
    await cluster.patch(claimResource, ref, { spec: { parameters: { statement_timeout: null } } });
    const after = await untilSpec(
      cluster,
      ref,
      ({ postgresql }) => postgresql?.parameters?.["statement_timeout"] === undefined,
    );
    // CNPG's own, and what is left of ours, stay.
    expect(after.spec.postgresql?.parameters).toMatchObject({
      work_mem: "64MB",
      wal_level: "logical",
    });
    await untilReady(cluster, ref);
  },
);
