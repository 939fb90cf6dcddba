/** The platform team's choices, and what becomes of claims when they change. */
import type { ClassSpec } from "../../../capabilities/claim/class";
import { collectionPath } from "../../../capabilities/cluster/paths";
import {
  amount,
  claim,
  claimResource,
  classResource,
  databaseOf,
  readyClaim,
  secretResource,
  untilReady,
  untilSpec,
  untilValues,
} from "../claims";
import { run } from "../../../local/processes";
import { messageOf, type TestCluster } from "../cluster";
import { nodes, postgresql } from "../needs";
import { stories } from "../story";

const story = stories();
const onVersion17 = story.where(postgresql("17"));
const onThreeNodes = story.where(nodes(3));

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
        requests: { cpu: amount("10m"), memory: amount("200Mi") },
        limits: { cpu: amount("1500m"), memory: amount("600Mi") },
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

onVersion17(
  "a version that is taken out of a class goes on where it runs, and new claims are refused",
  async scene => {
    const { cluster, namespace } = scene;
    const className = await scene.newClass({ sizes: { small, medium: small } });
    const ref = { name: "orders-db", namespace };
    const secret = { name: "orders-postgres", namespace };
    // The second gets an image that is not to be had: from then on nothing waits for it.
    const second = { name: "stock-db", namespace };
    await Promise.all([
      readyClaim(cluster, claim(ref, { className, version: "16" }, { name: secret.name })),
      readyClaim(cluster, claim(second, { className, version: "16" })),
    ]);
    const database = await databaseOf(cluster, ref);

    const versions = { default: "17", allowed: ["17", "18"] };
    expect(await patched(cluster, className, { versions })).toContain(
      `Warning: version 16 is no longer allowed; ${namespace}/orders-db, ${namespace}/stock-db stay as they are until their version is raised`,
    );
    const alike = claim({ name: "other-db", namespace }, { className, version: "16" });
    expect(await refusalOf(cluster, alike)).toBe(
      `spec.version is "16", but class ${className} allows 17, 18`,
    );
    // All else goes on: the claim's size, the password, the class's image.
    await cluster.patch(claimResource, ref, { spec: { size: "medium" } });
    const credentials = { name: "orders-db-app", namespace };
    const password = Buffer.from("another password").toString("base64");
    await cluster.patch(secretResource, credentials, { data: { password } });
    await untilValues(cluster, secret, values => values["password"] === "another password");
    const found = await untilReady(cluster, ref);
    expect(found.status).toMatchObject({ version: "16" });
    expect((await databaseOf(cluster, ref)).metadata.uid).toBe(database.metadata.uid);
    await cluster.patch(claimResource, ref, { spec: { version: "17" } });
    await untilReady(cluster, ref);
    const image = "registry.example.com/postgresql";
    await patched(cluster, className, { image });
    await untilSpec(cluster, second, ({ imageName }) => imageName === `${image}:16`);
  },
);

function classYaml(name: string, spec: object): string {
  const apiVersion = "database.bizmatters.io/v1alpha1";
  return JSON.stringify({ apiVersion, kind: "PostgresClass", metadata: { name }, spec });
}

/** What kubectl says on both channels, whatever comes of it: warnings are on the second. */
async function said(cluster: TestCluster, args: readonly string[], input = ""): Promise<string> {
  const [command, ...first] = cluster.access.kubectl;
  const { stdout, stderr } = await run(command, [...first, ...args], { input });
  return stderr + stdout;
}

async function patched(cluster: TestCluster, name: string, spec: object): Promise<string> {
  const patch = JSON.stringify({ spec });
  return said(cluster, ["patch", "postgresclass", name, "--type", "merge", "-p", patch]);
}

story("a class with faults is refused, with all of them at once", async ({ cluster }) => {
  const file = classYaml("never-made", {
    image: "registry.example.com/postgresql:16",
    versions: { default: "12", allowed: ["12", "16"] },
    placement: { tolerations: [{ key: "databases", operator: "Exists", value: "true" }] },
    sizes: {
      small: { ...small, memory: { request: "512m", limit: "a lot" } },
      large: { ...small, cpu: { request: "3", limit: "2" } },
    },
  });
  expect(await said(cluster, ["apply", "-f", "-"], file)).toContain(
    `denied the request: PostgresClass "never-made" is refused:
  - spec.sizes.small.memory.limit is "a lot", but must match ^[0-9]+(\\.[0-9]{1,3})?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$
  - spec.versions.allowed[0] is "12", but CloudNativePG runs 14, 15, 16, 17, 18
  - spec.image is "registry.example.com/postgresql:16", but the claim's version becomes the tag: write "registry.example.com/postgresql"
  - spec.placement.tolerations[0] has operator Exists and a value: leave the value out, or use Equal
  - spec.sizes.large.cpu.request is "3", which is above the limit of "2"`,
  );
  const shadow = classYaml("built-in", {});
  expect(await said(cluster, ["apply", "-f", "-"], shadow)).toContain(
    'PostgresClass "built-in" is refused: metadata.name is "built-in", the name of the class where there is no other',
  );
});

story("a class that claims have is not deleted, and they are named", async scene => {
  const { cluster, namespace } = scene;
  const className = await scene.newClass({ sizes: { small } });
  const ref = { name: "orders-db", namespace };
  await cluster.create(claimResource, claim(ref, { className }));
  const deleting = async (): Promise<string> =>
    cluster.kubectl(["delete", "postgresclass", className]);
  await expect(deleting()).rejects.toThrow(
    `PostgresClass "${className}" is refused: metadata.name is the class of 1 claim, ${namespace}/orders-db: delete it first`,
  );
  await cluster.kubectl(["delete", "pgi/orders-db", "-n", namespace]);
  await deleting();
});

story(
  "a size that claims have is not taken away, and a change says what it brings about",
  async scene => {
    const { cluster, namespace } = scene;
    const spec = { sizes: { small, medium: small } };
    const className = await scene.newClass(spec);
    const ref = { name: "orders-db", namespace };
    await cluster.create(claimResource, claim(ref, { className, size: "medium" }));
    expect(await patched(cluster, className, { sizes: { medium: null } })).toContain(
      `PostgresClass "${className}" is refused: spec.sizes has no medium any more, which ${namespace}/orders-db has: keep it, or change them first`,
    );
    const image = "registry.example.com/postgresql";
    expect(await patched(cluster, className, { image })).toContain(
      `Warning: PostgreSQL restarts in ${namespace}/orders-db: image, resources or placement of their instances change`,
    );
  },
);

story("kubectl shows what a class comes to and how many claims it has", async scene => {
  const { cluster, namespace } = scene;
  const className = await scene.newClass({ versions: { default: "15", allowed: ["15"] } });
  const names = ["one-db", "two-db", "three-db"];
  await Promise.all(
    names.map(async name =>
      cluster.create(claimResource, claim({ name, namespace }, { className })),
    ),
  );
  const row = async (): Promise<string[]> =>
    (await cluster.kubectl(["get", "postgresclass", className, "--no-headers"])).split(/ +/);
  const shows = async (count: string): Promise<void> => {
    await cluster.eventually(`class ${className} to show ${count} claims`, async () =>
      (await row())[3] === count ? true : undefined,
    );
  };
  await shows("3");
  expect((await row()).slice(0, 4)).toEqual([className, "cnpg", "15", "3"]);
  await cluster.kubectl(["delete", "pgi/two-db", "-n", namespace]);
  await shows("2");
});

story(
  "a changed image and placement reach all claims of the class, and only those",
  async scene => {
    const { cluster, namespace } = scene;
    const [className, other] = [await scene.newClass({}), await scene.newClass({})];
    const names = Array.from({ length: 10 }, (_, index) => `claim-${index}`);
    const make = async (name: string, of: string): Promise<unknown> =>
      cluster.create(claimResource, claim({ name, namespace }, { className: of }));
    await Promise.all([...names.map(async name => make(name, className)), make("other-db", other)]);
    await Promise.all(names.map(async name => databaseOf(cluster, { name, namespace })));
    const image = "registry.example.com/postgresql";
    const nodeSelector = { "example.com/databases": "true" };
    await cluster.patch(
      classResource,
      { name: className, namespace: "" },
      { spec: { image, placement: { nodeSelector } } },
    );
    for (const name of names) {
      const { spec } = await untilSpec(cluster, { name, namespace }, ({ imageName }) =>
        imageName.startsWith(image),
      );
      expect(spec.affinity).toMatchObject({ nodeSelector });
    }
    const { spec } = await databaseOf(cluster, { name: "other-db", namespace });
    expect(spec.imageName).toBe("ghcr.io/cloudnative-pg/postgresql:16");
  },
);

story("databases stay in the StorageClass that they were made in", async scene => {
  const { cluster, namespace } = scene;
  const className = await scene.newClass({ storage: { storageClassName: "fast" } });
  await cluster.create(claimResource, claim({ name: "old-db", namespace }, { className }));
  await databaseOf(cluster, { name: "old-db", namespace });
  const image = "registry.example.com/postgresql";
  const storage = { storageClassName: "slow" };
  expect(await patched(cluster, className, { image, storage })).toContain(
    `Warning: volumes do not move: ${namespace}/old-db keep fast, new claims get slow`,
  );
  await cluster.create(claimResource, claim({ name: "new-db", namespace }, { className }));
  const isChanged = ({ imageName }: { readonly imageName: string }): boolean =>
    imageName.startsWith(image);
  const old = await untilSpec(cluster, { name: "old-db", namespace }, isChanged);
  expect(old.spec.storage.storageClass).toBe("fast");
  const made = await untilSpec(cluster, { name: "new-db", namespace }, isChanged);
  expect(made.spec.storage.storageClass).toBe("slow");
});

const apart: ClassSpec = {
  durability: "required",
  imagePullSecrets: ["mirror-pull"],
  placement: { spread: "required" },
  sizes: { small: { ...small, instances: 3 } },
};

story(
  "a class has instances kept apart and commits wait for a second one, until it says so no more",
  async scene => {
    const { cluster, namespace } = scene;
    const className = await scene.newClass(apart);
    const ref = { name: "orders-db", namespace };
    const alone = claim(ref, { className, instances: 1 });
    await expect(cluster.create(claimResource, alone)).rejects.toThrow(
      `spec.instances is 1, but class ${className} keeps every write on two instances (durability: required): use at least 2, or 3 to go on without one`,
    );
    await cluster.create(claimResource, claim(ref, { className }));
    const { spec } = await databaseOf(cluster, ref);
    expect(spec).toMatchObject({
      instances: 3,
      imagePullSecrets: [{ name: "mirror-pull" }],
      affinity: { podAntiAffinityType: "required" },
      postgresql: {
        synchronous: { method: "any", number: 1, dataDurability: "required", failoverQuorum: true },
      },
    });
    await cluster.patch(
      classResource,
      { name: className, namespace: "" },
      { spec: { durability: null } },
    );
    await untilSpec(cluster, ref, ({ postgresql }) => postgresql?.synchronous === undefined);
  },
);

onThreeNodes("a claim whose instances are kept apart is Ready with all of them", async scene => {
  const { cluster, namespace } = scene;
  const className = await scene.newClass(apart);
  const ref = { name: "orders-db", namespace };
  const { status } = await readyClaim(cluster, claim(ref, { className }));
  expect(status).toMatchObject({ instances: 3, readyInstances: 3, primary: "orders-db-1" });
  const wide = await cluster.kubectl(["get", "pgi", "-n", namespace, "-o", "wide"]);
  expect(wide).toMatch(/REASON +READY +PRIMARY/);
  expect(wide).toMatch(/Available +3 +orders-db-1/);

  await cluster.patch(
    classResource,
    { name: className, namespace: "" },
    { spec: { durability: null } },
  );
  await untilSpec(cluster, ref, ({ postgresql }) => postgresql?.synchronous === undefined);
});
