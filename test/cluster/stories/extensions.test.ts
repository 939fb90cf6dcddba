/** Extensions of the database: on the first day and on the hundredth, and not those that the class does not allow. */
import { databaseResource, type Database } from "../../../capabilities/operator/cnpg/extensions";
import type { ClaimSpec } from "../../../capabilities/claim/claim";
import type { KubeObject, Ref } from "../../../capabilities/kubernetes/objects";
import { claim, claimResource, readyClaim, readyOf, untilReady, untilSays } from "../claims";
import type { TestCluster } from "../cluster";
import { stories } from "../story";

const story = stories();

async function extensionsOf(cluster: TestCluster, ref: Ref): Promise<unknown> {
  return (await cluster.read<Database>(databaseResource, ref))?.spec.extensions;
}

async function ask(cluster: TestCluster, ref: Ref, spec: ClaimSpec): Promise<void> {
  await cluster.patch(claimResource, ref, { spec });
}

story("extensions of the first day are installed before the claim is Ready", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  const { status } = await readyClaim(cluster, claim(ref, { extensions: [{ name: "pg_trgm" }] }));
  expect(status?.conditions?.map(({ type, reason }) => [type, reason])).toEqual([
    ["Ready", "Available"],
    ["DatabaseReady", "DatabaseHealthy"],
    ["ConnectionSecretReady", "SecretNotRequested"],
    ["ExtensionsReady", "ExtensionsApplied"],
  ]);
  const database = await cluster.read<Database>(databaseResource, ref);
  expect(database).toMatchObject({
    spec: { extensions: [{ name: "pg_trgm", ensure: "present" }] },
    status: { applied: true },
  });
});

story(
  "extensions of the hundredth day are installed, and their Database goes when none is asked for",
  async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: "orders-db", namespace };
    await readyClaim(cluster, claim(ref));
    await ask(cluster, ref, { extensions: [{ name: "citext" }] });
    await untilReady(cluster, ref);
    expect(await extensionsOf(cluster, ref)).toMatchObject([{ name: "citext" }]);
    await ask(cluster, ref, { extensions: [{ name: "citext", ensure: "absent" }] });
    await untilReady(cluster, ref);
    expect(await extensionsOf(cluster, ref)).toEqual([{ name: "citext", ensure: "absent" }]);
    await ask(cluster, ref, { extensions: [] });
    await cluster.eventually("the Database to be gone", async () =>
      (await cluster.read(databaseResource, ref)) ? undefined : true,
    );
    const { status } = await untilReady(cluster, ref);
    expect(status?.conditions?.map(({ type }) => type)).not.toContain("ExtensionsReady");
  },
);

story(
  "an extension that the class does not allow is refused, with those that it does",
  async scene => {
    const { cluster, namespace, newClass } = scene;
    const className = await newClass({ extensions: { allowed: ["pg_trgm", "hstore"] } });
    const ref = { name: "orders-db", namespace };
    const wanted = claim(ref, {
      className,
      extensions: [{ name: "file_fdw" }, { name: "hstore" }],
    });
    await expect(cluster.create(claimResource, wanted)).rejects.toThrow(
      `spec.extensions[0].name is "file_fdw", but class ${className} allows pg_trgm, hstore; ask the platform team for others`,
    );
  },
);

story(
  "an extension that PostgreSQL refuses is told in its words, and the claim recovers",
  async scene => {
    const { cluster, namespace, newClass } = scene;
    const className = await newClass({ extensions: { allowed: ["no_such_extension", "hstore"] } });
    const ref = { name: "orders-db", namespace };
    const wanted = claim(ref, { className, extensions: [{ name: "no_such_extension" }] });
    await cluster.create(claimResource, wanted);
    const { message } = await untilSays(cluster, ref, "ExtensionsFailed");
    expect(message).toMatch(/^no_such_extension: .*extension "no_such_extension" is not available/);
    await ask(cluster, ref, { extensions: [{ name: "hstore" }] });
    expect(readyOf(await untilReady(cluster, ref))?.reason).toBe("Available");
  },
);

story(
  "a Database of someone else's is left as it is, and the claim says so until it is out of the way",
  async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: "orders-db", namespace };
    const foreign = await cluster.create<KubeObject & { readonly spec: object }>(databaseResource, {
      apiVersion: "postgresql.cnpg.io/v1",
      kind: "Database",
      metadata: { ...ref },
      spec: { cluster: { name: "another" }, name: "theirs", owner: "theirs" },
    });
    await cluster.create(claimResource, claim(ref, { extensions: [{ name: "hstore" }] }));
    const { message } = await untilSays(cluster, ref, "NotOwned");
    expect(message).toContain(`Database ${namespace}/orders-db, which spec.extensions needs`);
    const found = await cluster.read(databaseResource, ref);
    expect(found?.metadata.uid).toBe(foreign.metadata.uid);
    expect(found).toMatchObject({ spec: foreign.spec });
    await cluster.remove(databaseResource, ref);
    await untilReady(cluster, ref);
    expect(await extensionsOf(cluster, ref)).toMatchObject([{ name: "hstore" }]);
  },
);

story(
  "drift in the Database is put right, and it is made again when it is deleted",
  async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: "orders-db", namespace };
    await readyClaim(cluster, claim(ref, { extensions: [{ name: "hstore" }] }));
    await cluster.patch(databaseResource, ref, { spec: { extensions: [] } });
    await cluster.eventually("the extensions to be there again", async () =>
      ((await extensionsOf(cluster, ref)) as unknown[]).length === 1 ? true : undefined,
    );
    const uid = (await cluster.read(databaseResource, ref))?.metadata.uid;
    await cluster.remove(databaseResource, ref);
    await cluster.eventually("a new Database", async () => {
      const found = await cluster.read(databaseResource, ref);
      return found && found.metadata.uid !== uid ? found : undefined;
    });
    await untilReady(cluster, ref);
  },
);

story("the Database goes with its claim", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref, { extensions: [{ name: "hstore" }] }));
  await cluster.remove(claimResource, ref);
  await cluster.eventually("the Database to be gone", async () =>
    (await cluster.read(databaseResource, ref)) ? undefined : true,
  );
});
