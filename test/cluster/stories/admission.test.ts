/** What is refused, in which words, and what is not. */
import { randomBytes } from "node:crypto";
import { collectionPath, pathOf } from "../../../capabilities/cluster/paths";
import type { Claim } from "../../../capabilities/claim/claim";
import { claim, claimResource, clusterResource, readyClaim } from "../claims";
import { messageOf, type Answer } from "../cluster";
import { clusterUnderTest, makeNamespace, removeNamespace, stories } from "../story";

const story = stories();
const cluster = clusterUnderTest();
const namespace = `story-${randomBytes(4).toString("hex")}`;

const denied = 'admission webhook "admission.database.bizmatters.io" denied the request: ';
const kept = "which PostgreSQL or CloudNativePG keeps for itself";
const legal =
  'must begin with a letter, end with a letter or digit, and have only lower-case letters, digits and "-" between';

/** What a user may write: a good claim but for this. */
type Written = {
  readonly name?: string;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly writeConnectionSecretToRef?: unknown;
};

beforeAll(async () => {
  await makeNamespace(cluster, namespace);
});

afterAll(async () => {
  await removeNamespace(cluster, namespace);
  await cluster.close();
});

async function post({ name = "orders-db", spec = {}, ...rest }: Written): Promise<Answer> {
  const { apiVersion, kind } = claim({ name, namespace });
  const body = { apiVersion, kind, metadata: { name }, ...rest };
  return cluster.ask({
    method: "POST",
    path: collectionPath(claimResource, namespace),
    body: { ...body, spec: { className: "built-in", ...spec } },
  });
}

const badClaims: readonly (readonly [title: string, change: Written, fault: string])[] = [
  [
    "a name that begins with a digit",
    { name: "1abc" },
    `metadata.name "1abc" ${legal}: use for example "db-1abc"`,
  ],
  ["a name with a dot", { name: "a.b" }, `metadata.name "a.b" ${legal}: use for example "a-b"`],
  [
    "a name of the API server's taste alone",
    { name: "Orders_DB-" },
    `metadata.name "Orders_DB-" ${legal}: use for example "orders-db"`,
  ],
  [
    "a name of 51 characters",
    { name: "o".repeat(51) },
    `metadata.name "${"o".repeat(51)}" has 51 characters, but a cluster name has at most 50: use for example "${"o".repeat(47)}"`,
  ],
  [
    "a name that becomes PostgreSQL's superuser",
    { name: "postgres" },
    `metadata.name "postgres" makes the database and owner "postgres", ${kept}: use for example "postgres-db", or set spec.databaseName and spec.databaseOwner`,
  ],
  [
    "a name with PostgreSQL's own prefix",
    { name: "pg-stats" },
    `metadata.name "pg-stats" makes the database and owner "pg_stats", ${kept}: use for example "db-pg-stats", or set spec.databaseName and spec.databaseOwner`,
  ],
  [
    "a name that becomes CNPG's replication user",
    { name: "streaming-replica" },
    `metadata.name "streaming-replica" makes the database and owner "streaming_replica", ${kept}: use for example "streaming-replica-db", or set spec.databaseName and spec.databaseOwner`,
  ],
  [
    "a name that only roles must not have",
    { name: "public" },
    `metadata.name "public" makes the owner "public", ${kept}: use for example "public-db", or set spec.databaseName and spec.databaseOwner`,
  ],
  [
    "a reserved database",
    { spec: { databaseName: "template0" } },
    `spec.databaseName is "template0", ${kept}: use for example "template0_db"`,
  ],
  [
    "a reserved owner",
    { spec: { databaseOwner: "none" } },
    `spec.databaseOwner is "none", ${kept}: use for example "none_db"`,
  ],
  [
    "a database that would need quotes",
    { spec: { databaseName: "Orders" } },
    'spec.databaseName is "Orders", but must match ^[a-z_][a-z0-9_]*$',
  ],
  [
    "an unknown size",
    { spec: { size: "huge" } },
    'spec.size is "huge", but must be one of small, medium, large',
  ],
  [
    "an unknown version",
    { spec: { version: "9" } },
    'spec.version is "9", but class built-in allows 15, 16, 17, 18',
  ],
  [
    "a version without quotes",
    { spec: { version: 16 } },
    'spec.version must be of type string, not number: write "16", in quotes',
  ],
  ["no storage", { spec: { storageGB: 0 } }, "spec.storageGB is 0, but must be from 1 to 65536"],
  [
    "storage with a unit",
    { spec: { storageGB: "20Gi" } },
    "spec.storageGB must be of type integer, not string",
  ],
  [
    "too many instances",
    { spec: { instances: 10 } },
    "spec.instances is 10, but must be from 1 to 9",
  ],
  [
    "two refs that differ",
    {
      spec: { writeConnectionSecretToRef: { name: "one", namespace } },
      writeConnectionSecretToRef: { name: "two" },
    },
    `spec.writeConnectionSecretToRef asks for ${namespace}/one, but writeConnectionSecretToRef for ${namespace}/two: keep one of them`,
  ],
  [
    "a short form that differs from the ref",
    { spec: { connectionSecretName: "one" }, writeConnectionSecretToRef: { name: "two" } },
    `spec.connectionSecretName asks for ${namespace}/one, but writeConnectionSecretToRef for ${namespace}/two: keep one of them`,
  ],
  [
    "a ref without a name",
    { writeConnectionSecretToRef: { namespace } },
    "writeConnectionSecretToRef.name is required",
  ],
  ...["-app", "-ca", "-server", "-replication", "-superuser"].map(
    suffix =>
      [
        `a connection secret named like the operator's own, ${suffix}`,
        { writeConnectionSecretToRef: { name: `orders-db${suffix}` } },
        `writeConnectionSecretToRef is "orders-db${suffix}", the name of a Secret that the operator makes for this claim: use for example "orders-db-connection"`,
      ] as const,
  ),
];

describe("refuses with the fault and a way out", () => {
  test.each(badClaims)("%s", async (_title, change, fault) => {
    const { name = "orders-db" } = change;
    const answer = await post(change);
    expect(messageOf(answer.body)).toBe(`${denied}PostgresInstance "${name}" is refused: ${fault}`);
    expect(answer.code).toBe(422);
    const read = { method: "GET", path: pathOf(claimResource, { name, namespace }) } as const;
    expect((await cluster.ask(read)).code).toBe(404);
  });
});

test("refuses an unknown class, and names those that are there", async () => {
  const { body } = await post({ spec: { className: "no-such-class" } });
  expect(messageOf(body)).toMatch(
    /is refused: spec\.className is "no-such-class", but no PostgresClass has this name: (there is no PostgresClass yet|there are \S.*); leave it out for the default class$/,
  );
});

test("tells all faults of a claim at once", async () => {
  const { body } = await post({
    name: "Postgres",
    spec: { size: "huge", version: "9", storageGB: -1, connectionSecretName: "Postgres-app" },
    writeConnectionSecretToRef: { name: "postgres-secret" },
  });
  expect(messageOf(body)).toBe(
    `${denied}PostgresInstance "Postgres" is refused:
  - spec.connectionSecretName is "Postgres-app", but must match ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$
  - spec.size is "huge", but must be one of small, medium, large
  - spec.storageGB is -1, but must be from 1 to 65536
  - metadata.name "Postgres" ${legal}: use for example "postgres-db"
  - spec.version is "9", but class built-in allows 15, 16, 17, 18`,
  );
});

type Change = readonly [title: string, change: object, fault: string];

const badChanges: readonly Change[] = [
  [
    "less storage",
    { storageGB: 19 },
    "spec.storageGB was 20 and cannot shrink to 19: volumes only grow; make a new claim and move the data",
  ],
  [
    "a lower version",
    { version: "15" },
    'spec.version was "16" and cannot go down to "15": PostgreSQL has no downgrade; make a new claim and move the data',
  ],
  [
    "another database",
    { databaseName: "billing" },
    'spec.databaseName was "orders_db" and cannot become "billing": it is immutable; make a new claim instead',
  ],
  [
    "another owner",
    { databaseOwner: "billing" },
    'spec.databaseOwner was "orders_db" and cannot become "billing": it is immutable; make a new claim instead',
  ],
];

for (const [title, change, fault] of badChanges) {
  story(`refuses a change to ${title}, and leaves the claim as it was`, async scene => {
    const ref = { name: "orders-db", namespace: scene.namespace };
    const spec = { className: "built-in", version: "16", storageGB: 20 };
    await scene.cluster.create(claimResource, claim(ref, spec));
    const patched = scene.cluster.patch(claimResource, ref, { spec: change });
    await expect(patched).rejects.toThrow(
      `${denied}PostgresInstance "orders-db" is refused: ${fault}`,
    );
    const found = await scene.cluster.read<Claim>(claimResource, ref);
    expect(found).toMatchObject({ spec, metadata: { generation: 1 } });
  });
}

story("refuses another class for a claim that has one", async scene => {
  const ref = { name: "orders-db", namespace: scene.namespace };
  await scene.cluster.create(claimResource, claim(ref, { className: "built-in" }));
  const patched = scene.cluster.patch(claimResource, ref, { spec: { className: "other" } });
  await expect(patched).rejects.toThrow(
    'spec.className was "built-in" and cannot become "other": it is immutable; make a new claim instead',
  );
});

story(
  "refuses a secret that another claim holds, or that the operator makes for one",
  async scene => {
    const { namespace: own } = scene;
    await readyClaim(
      scene.cluster,
      claim({ name: "first", namespace: own }, {}, { name: "billing-ca" }),
    );
    const refusalOf = async (name: string, secret: string): Promise<string> => {
      const wanted = claim({ name, namespace: own }, {}, { name: secret });
      return scene.cluster.eventually("the webhook to have heard of the first claim", async () => {
        const path = `${collectionPath(claimResource, own)}?dryRun=All`;
        const { code, body } = await scene.cluster.ask({ method: "POST", path, body: wanted });
        return code === 422 ? messageOf(body).replace(denied, "") : undefined;
      });
    };
    expect(await refusalOf("second", "billing-ca")).toBe(
      `PostgresInstance "second" is refused: writeConnectionSecretToRef asks for Secret ${own}/billing-ca, which claim ${own}/first already writes: use another name`,
    );
    expect(await refusalOf("second", "first-app")).toBe(
      `PostgresInstance "second" is refused: writeConnectionSecretToRef asks for Secret ${own}/first-app, which the operator makes for claim ${own}/first: use another name`,
    );
    expect(await refusalOf("billing", "billing-secret")).toBe(
      `PostgresInstance "billing" is refused: metadata.name "billing" makes the operator need Secret ${own}/billing-ca, which claim ${own}/first already writes: use another name`,
    );
  },
);

story("kubectl shows the refusal, and says an unknown field by itself", async scene => {
  const apply = async (spec: object): Promise<string> =>
    scene.cluster
      .kubectl(
        ["apply", "-f", "-"],
        JSON.stringify({ ...claim({ name: "orders-db", namespace: scene.namespace }), spec }),
      )
      .catch(String);
  expect(await apply({ size: "huge" })).toContain(
    `${denied}PostgresInstance "orders-db" is refused: spec.size is "huge", but must be one of small, medium, large`,
  );
  expect(await apply({ sise: "small" })).toContain('unknown field "spec.sise"');
  expect(await scene.cluster.list(claimResource, scene.namespace)).toEqual([]);
});

story("takes labels and annotations without judging the claim anew", async scene => {
  const ref = { name: "orders-db", namespace: scene.namespace };
  await scene.cluster.create(claimResource, claim(ref, { className: "built-in" }));
  await scene.cluster.kubectl(["label", "pgi/orders-db", "-n", scene.namespace, "team=orders"]);
  const found = await scene.cluster.read<Claim>(claimResource, ref);
  expect(found?.metadata).toMatchObject({ generation: 1, labels: { team: "orders" } });
});

story("fills in what was left out", async scene => {
  const ref = { name: "orders-db", namespace: scene.namespace };
  const bare = claim(ref, { className: "built-in" }, { name: "orders-postgres" });
  const made = await scene.cluster.create(claimResource, bare);
  expect(made.spec).toEqual({ className: "built-in", size: "small", version: "16", storageGB: 20 });
  expect(made.writeConnectionSecretToRef).toEqual({
    name: "orders-postgres",
    namespace: scene.namespace,
  });
  expect(made.metadata.finalizers).toEqual(["database.bizmatters.io/connection-secret"]);
});

story(
  "a claim may leave its name to the API server, and is judged by the one it gets",
  async scene => {
    const create = async (generateName: string): Promise<Answer> =>
      scene.cluster.ask({
        method: "POST",
        path: collectionPath(claimResource, scene.namespace),
        body: { ...claim({ name: "", namespace: scene.namespace }), metadata: { generateName } },
      });
    const good = await create("orders-");
    expect(good.code).toBe(201);
    const { metadata } = good.body as Claim;
    const ref = { name: metadata.name, namespace: scene.namespace };
    await scene.cluster.eventually(`Cluster ${ref.name}`, async () =>
      scene.cluster.read(clusterResource, ref),
    );
    const bad = await create("pg-");
    expect(bad.code).toBe(422);
    expect(messageOf(bad.body)).toContain("is reserved by PostgreSQL or CloudNativePG");
  },
);
