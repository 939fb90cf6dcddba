/** The platform team's choices, and what becomes of claims when they change. */
import type { ClassSpec } from "../../../capabilities/claim/class";
import { collectionPath } from "../../../capabilities/api";
import {
  claim,
  claimResource,
  classResource,
  databaseOf,
  readyClaim,
  secretResource,
  untilGone,
  untilReady,
  untilSays,
  untilSpec,
  valuesOf,
} from "../claims";
import { messageOf, type TestCluster } from "../cluster";
import { stories } from "../story";

const story = stories();

const small = {
  instances: 1,
  storageGB: 1,
  cpu: { request: "10m", limit: "1500m" },
  memory: { request: "200Mi", limit: "600Mi" },
} as const;

const ofThePlatform: ClassSpec = {
  backend: "cnpg",
  versions: { default: "15", allowed: ["15", "16"] },
  image: "registry.example.com/mirror/postgresql",
  storage: { defaultGB: 7, storageClassName: "fast" },
  placement: {
    nodeSelector: { "example.com/databases": "true" },
    tolerations: [{ key: "example.com/databases", operator: "Exists", effect: "NoSchedule" }],
  },
  sizes: { small, medium: { ...small, storageGB: 3, instances: 2 } },
};

story(
  "a class decides on image, version, storage, placement and what the sizes mean",
  async scene => {
    const { cluster, namespace } = scene;
    const className = await scene.newClass(ofThePlatform);
    const ref = { name: "orders-db", namespace };
    const made = await cluster.create(claimResource, claim(ref, { className, size: "medium" }));
    expect(made.spec).toEqual({ className, size: "medium", version: "15", storageGB: 3 });
    const { spec } = await databaseOf(cluster, ref);
    expect(spec).toMatchObject({
      instances: 2,
      imageName: "registry.example.com/mirror/postgresql:15",
      storage: { size: "3Gi", storageClass: "fast" },
      affinity: ofThePlatform.placement as object,
      resources: {
        requests: { cpu: "10m", memory: "200Mi" },
        limits: { cpu: "1500m", memory: "600Mi" },
      },
    });
  },
);

story("what a class leaves out is as in the built-in one", async scene => {
  const { cluster, namespace } = scene;
  const className = await scene.newClass({ storage: { defaultGB: 2 } });
  const ref = { name: "orders-db", namespace };
  const made = await cluster.create(claimResource, claim(ref, { className }));
  expect(made.spec).toEqual({ className, size: "small", version: "16", storageGB: 2 });
  const { spec } = await databaseOf(cluster, ref);
  expect(spec.imageName).toBe("ghcr.io/cloudnative-pg/postgresql:16");
});

story(
  "a size that the class does not offer, or a version that it does not allow, is refused",
  async scene => {
    const className = await scene.newClass(ofThePlatform);
    const wanted = claim(
      { name: "orders-db", namespace: scene.namespace },
      { className, size: "large", version: "14" },
    );
    await expect(scene.cluster.create(claimResource, wanted)).rejects.toThrow(
      `is refused:
  - spec.size is "large", but class ${className} offers small, medium
  - spec.version is "14", but class ${className} allows 15, 16`,
    );
  },
);

story(
  "a changed class reaches its claims; what is no longer in it leaves the Cluster",
  async scene => {
    const { cluster, namespace } = scene;
    const { placement } = ofThePlatform;
    const className = await scene.newClass({ placement: placement ?? {}, sizes: { small } });
    const ref = { name: "orders-db", namespace };
    await cluster.create(claimResource, claim(ref, { className }));
    await untilSpec(cluster, ref, ({ affinity }) => affinity?.nodeSelector !== undefined);
    const changed = { ...small, cpu: { request: "20m", limit: "2000m" } };
    await cluster.patch(
      classResource,
      { name: className, namespace: "" },
      { spec: { placement: null, sizes: { small: changed }, storage: { defaultGB: 9 } } },
    );
    const { spec } = await untilSpec(
      cluster,
      ref,
      ({ resources }) => resources.requests["cpu"] === "20m",
    );
    expect(spec.affinity).not.toHaveProperty("nodeSelector");
    expect(spec.affinity).not.toHaveProperty("tolerations");
    // What a claim got when it was made stays.
    expect(spec.storage.size).toBe("1Gi");
  },
);

/** What the webhook says to a new claim like this. */
async function refusalOf(cluster: TestCluster, wanted: ReturnType<typeof claim>): Promise<string> {
  return cluster.eventually("the webhook to refuse", async () => {
    const path = `${collectionPath(claimResource, wanted.metadata.namespace)}?dryRun=All`;
    const { code, body } = await cluster.ask({ method: "POST", path, body: wanted });
    return code === 422 ? messageOf(body).replace(/^.* is refused: /, "") : undefined;
  });
}

story(
  "a claim that breaks a rule which came later is kept, and told what a new one would be",
  async scene => {
    const { cluster, namespace } = scene;
    const className = await scene.newClass({ sizes: { small } });
    const classRef = { name: className, namespace: "" };
    const ref = { name: "orders-db", namespace };
    const secret = { name: "orders-postgres", namespace };
    await readyClaim(cluster, claim(ref, { className, version: "16" }, { name: secret.name }));
    const [database, values] = [await databaseOf(cluster, ref), await valuesOf(cluster, secret)];

    const versions = { default: "17", allowed: ["17", "18"] };
    await cluster.patch(classResource, classRef, { spec: { versions } });
    const { message } = await untilSays(cluster, ref, "Invalid");
    expect(message).toBe(`spec.version is "16", but class ${className} allows 17, 18`);
    const alike = claim({ name: "other-db", namespace }, { className, version: "16" });
    expect(await refusalOf(cluster, alike)).toBe(message);
    expect((await databaseOf(cluster, ref)).spec).toEqual(database.spec);
    expect(await valuesOf(cluster, secret)).toEqual(values);

    await cluster.kubectl(["annotate", "pgi/orders-db", "-n", namespace, "note=still-mine"]);
    await cluster.patch(claimResource, ref, { spec: { version: "17" } });
    await untilReady(cluster, ref);
  },
);

story(
  "a claim whose class is gone is kept and told so, and goes on once it is back",
  async scene => {
    const { cluster, namespace } = scene;
    const className = await scene.newClass({ sizes: { small } });
    const ref = { name: "orders-db", namespace };
    const secret = { name: "orders-postgres", namespace };
    await readyClaim(cluster, claim(ref, { className }, { name: secret.name }));
    const database = await databaseOf(cluster, ref);
    const found = await cluster.read(classResource, { name: className, namespace: "" });

    await cluster.remove(classResource, { name: className, namespace: "" });
    const { message } = await untilSays(cluster, ref, "Invalid");
    expect(message).toContain(
      `spec.className is "${className}", but no PostgresClass has this name: there `,
    );
    expect((await databaseOf(cluster, ref)).metadata.uid).toBe(database.metadata.uid);
    expect(await valuesOf(cluster, secret)).toMatchObject({ username: "orders_db" });

    if (!found) throw new Error("the class was not there");
    const { apiVersion, kind } = found;
    await cluster.create(classResource, {
      ...found,
      apiVersion,
      kind,
      metadata: { name: className },
    });
    await untilReady(cluster, ref);
  },
);

story("a claim that breaks a rule can be deleted like any other", async scene => {
  const { cluster, namespace } = scene;
  const className = await scene.newClass({ sizes: { small } });
  const ref = { name: "orders-db", namespace };
  const secret = { name: "orders-postgres", namespace: await scene.newNamespace() };
  await readyClaim(cluster, claim(ref, { className }, secret));
  await cluster.remove(classResource, { name: className, namespace: "" });
  await untilSays(cluster, ref, "Invalid");
  await cluster.kubectl(["delete", "pgi/orders-db", "-n", namespace]);
  await untilGone(cluster, secretResource, secret);
});
