/** What holds while the module is away, by the schemas and CEL rules of our definitions alone. */
import { collectionPath, pathOf } from "../../../capabilities/cluster/paths";
import type { Claim } from "../../../capabilities/claim/claim";
import { definitions } from "../../../capabilities/crd/crd";
import { claim, claimResource, classResource } from "../claims";
import { messageOf, type Answer } from "../cluster";
import { startLocalCluster, untilServed, type LocalCluster } from "../local";

const startTime = 120_000;
const namespace = "default";
const strict = "fieldValidation=Strict&dryRun=All";

let cluster: LocalCluster;

beforeAll(async () => {
  cluster = await startLocalCluster();
  const list = { apiVersion: "v1", kind: "List", items: definitions };
  await cluster.kubectl(["apply", "--server-side", "-f", "-"], JSON.stringify(list));
  for (const { metadata } of definitions) await untilServed(cluster, metadata.name);
  await cluster.eventually("claims to be served", async () =>
    (await create({})).code === 201 ? true : undefined,
  );
}, startTime);

afterAll(async () => {
  await cluster.stop();
}, startTime);

/** A good claim but for this. */
type Written = {
  readonly name?: string;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly writeConnectionSecretToRef?: unknown;
};

async function create({ name = "orders-db", ...rest }: Written): Promise<Answer> {
  const path = `${collectionPath(claimResource, namespace)}?${strict}`;
  return cluster.ask({ method: "POST", path, body: { ...claim({ name, namespace }), ...rest } });
}

type Bad<T> = readonly [title: string, change: T, message: string];

const databaseIsReserved =
  "the database's name (spec.databaseName, else metadata.name with - as _) is reserved by PostgreSQL or CloudNativePG";
const ownerIsReserved =
  "the owner's name (spec.databaseOwner, else metadata.name with - as _) is reserved by PostgreSQL or CloudNativePG";
const nameIsIllegal =
  "metadata.name must begin with a letter and have only lower-case letters, digits and -";
const refsDiffer =
  "writeConnectionSecretToRef and spec.writeConnectionSecretToRef must not differ; keep one";
const shortFormDiffers =
  "spec.connectionSecretName and writeConnectionSecretToRef must not differ; keep one";
const isTheOperators =
  "the connection secret must not be named like one that the operator makes for this claim (-app, -ca, -pooler, -server, -replication, -superuser)";

const badNames: readonly Bad<Written>[] = [
  ["51 characters", { name: "o".repeat(51) }, "metadata.name must have at most 50 characters"],
  ["a digit first", { name: "1abc" }, nameIsIllegal],
  ["a dot", { name: "a.b" }, nameIsIllegal],
  ...["postgres", "template0", "template1", "streaming-replica"].map(
    name => [name, { name }, databaseIsReserved] as const,
  ),
  ["cnpg-pooler-pgbouncer", { name: "cnpg-pooler-pgbouncer" }, ownerIsReserved],
  ["cnpg-metrics-exporter", { name: "cnpg-metrics-exporter" }, ownerIsReserved],
  ["public", { name: "public" }, ownerIsReserved],
  ["none", { name: "none" }, ownerIsReserved],
  ["PostgreSQL's prefix", { name: "pg-stats" }, ownerIsReserved],
];

const badFields: readonly Bad<Written>[] = [
  ["a reserved database", { spec: { databaseName: "postgres" } }, databaseIsReserved],
  ["a database with PostgreSQL's prefix", { spec: { databaseName: "pg_x" } }, databaseIsReserved],
  ["a reserved owner", { spec: { databaseOwner: "public" } }, ownerIsReserved],
  ["an owner with PostgreSQL's prefix", { spec: { databaseOwner: "pg_x" } }, ownerIsReserved],
  ["a database in quotes", { spec: { databaseName: "Orders" } }, "spec.databaseName in body"],
  ["an unknown size", { spec: { size: "huge" } }, 'supported values: "small", "medium", "large"'],
  ["a version that is none", { spec: { version: "16x" } }, "spec.version in body"],
  ["a version without quotes", { spec: { version: 16 } }, "spec.version in body must be of type"],
  ["no storage", { spec: { storageGB: 0 } }, "should be greater than or equal to 1"],
  ["storage in TiB", { spec: { storageGB: 65_537 } }, "should be less than or equal to 65536"],
  ["no instances", { spec: { instances: 0 } }, "should be greater than or equal to 1"],
  ["ten instances", { spec: { instances: 10 } }, "should be less than or equal to 9"],
  ["a class that no class can be", { spec: { className: "A" } }, "spec.className in body"],
  ["an unknown field", { spec: { sise: "small" } }, 'unknown field "spec.sise"'],
];

const one = { name: "one" };
const two = { name: "two" };

const badRefs: readonly Bad<Written>[] = [
  [
    "no name",
    { writeConnectionSecretToRef: {} },
    "writeConnectionSecretToRef.name: Required value",
  ],
  [
    "a name no Secret can have",
    { writeConnectionSecretToRef: { name: "A" } },
    "in body should match",
  ],
  [
    "another namespace than any",
    { writeConnectionSecretToRef: { name: "one", namespace: "a.b" } },
    "writeConnectionSecretToRef.namespace in body should match",
  ],
  [
    "two names",
    { spec: { writeConnectionSecretToRef: one }, writeConnectionSecretToRef: two },
    refsDiffer,
  ],
  [
    "two namespaces",
    {
      spec: { writeConnectionSecretToRef: { ...one, namespace: "a" } },
      writeConnectionSecretToRef: { ...one, namespace: "b" },
    },
    refsDiffer,
  ],
  [
    "a short form that differs",
    { spec: { connectionSecretName: "one" }, writeConnectionSecretToRef: two },
    shortFormDiffers,
  ],
  [
    "a short form that differs from the ref in spec",
    { spec: { connectionSecretName: "one", writeConnectionSecretToRef: two } },
    shortFormDiffers,
  ],
  ...["-app", "-ca", "-pooler", "-server", "-replication", "-superuser"].map(
    suffix =>
      [
        `the operator's ${suffix}`,
        { writeConnectionSecretToRef: { name: `orders-db${suffix}` } },
        isTheOperators,
      ] as const,
  ),
  [
    "the operator's, in spec",
    { spec: { writeConnectionSecretToRef: { name: "orders-db-app" } } },
    isTheOperators,
  ],
  [
    "the operator's, in the short form",
    { spec: { connectionSecretName: "orders-db-app" } },
    isTheOperators,
  ],
];

const isTheConnection = "spec.credentialsSecretName must not be the connection secret";

const badCredentials: readonly Bad<Written>[] = [
  [
    "a name no Secret can have",
    { spec: { credentialsSecretName: "A" } },
    "spec.credentialsSecretName in body should match",
  ],
  ...["-app", "-ca", "-pooler", "-server", "-replication", "-superuser"].map(
    suffix =>
      [
        `the operator's ${suffix}`,
        { spec: { credentialsSecretName: `orders-db${suffix}` } },
        "spec.credentialsSecretName must not be one of the operator's own Secrets of this claim",
      ] as const,
  ),
  [
    "the connection secret",
    { spec: { credentialsSecretName: "one" }, writeConnectionSecretToRef: one },
    isTheConnection,
  ],
  [
    "the connection secret in spec",
    { spec: { credentialsSecretName: "one", writeConnectionSecretToRef: one } },
    isTheConnection,
  ],
  [
    "the connection secret in the short form",
    { spec: { credentialsSecretName: "one", connectionSecretName: "one" } },
    isTheConnection,
  ],
];

describe.each([
  { what: "a name", bad: badNames },
  { what: "credentials", bad: badCredentials },
  { what: "a field", bad: badFields },
  { what: "a ref", bad: badRefs },
])("without the webhook, $what is refused:", ({ bad }) => {
  test.each(bad)("%s", async (_title, change, message) => {
    const { code, body } = await create(change);
    expect(messageOf(body)).toContain(message);
    expect([400, 422]).toContain(code);
  });
});

const good: readonly (readonly [title: string, claim: Written])[] = [
  ["no spec at all", { spec: {} }],
  ["50 characters", { name: "o".repeat(50) }],
  ["a reserved name with another database", { name: "public", spec: { databaseOwner: "p" } }],
  [
    "a name that is no owner, with credentials that say who is",
    { name: "public", spec: { credentialsSecretName: "given", databaseName: "p" } },
  ],
  [
    "credentials named like the connection secret of another namespace",
    {
      spec: { credentialsSecretName: "one" },
      writeConnectionSecretToRef: { ...one, namespace: "elsewhere" },
    },
  ],
  [
    "the same ref in all places",
    {
      spec: { connectionSecretName: "one", writeConnectionSecretToRef: one },
      writeConnectionSecretToRef: { ...one, namespace },
    },
  ],
];

test.each(good)("without the webhook, a claim is taken: %s", async (_title, change) => {
  const { code, body } = await create(change);
  expect({ code, message: code === 201 ? "" : messageOf(body) }).toEqual({
    code: 201,
    message: "",
  });
});

test("a claim of which nothing is said yet is not taken for done: its status is of no generation", async () => {
  const made = await cluster.create(claimResource, claim({ name: "new-db", namespace }));
  const found = await cluster.read<Claim>(claimResource, { name: "new-db", namespace });
  expect([made.status, found?.status]).toEqual([
    { observedGeneration: -1 },
    { observedGeneration: -1 },
  ]);
});

const asked = {
  className: "gold",
  version: "9",
  storageGB: 20,
  databaseName: "orders",
  databaseOwner: "orders",
} as const;

/** A change to a claim that asks for all of the above. */
const badChanges: readonly Bad<object>[] = [
  ["another class", { className: "silver" }, "spec.className is immutable"],
  ["no class any more", { className: null }, "spec.className is immutable"],
  ["less storage", { storageGB: 19 }, "spec.storageGB may grow, but volumes cannot shrink"],
  ["no storage any more", { storageGB: null }, "spec.storageGB may grow"],
  [
    "a lower version",
    { version: "8" },
    "spec.version may go up, but PostgreSQL cannot be downgraded",
  ],
  ["no version any more", { version: null }, "spec.version may go up"],
  ["another database", { databaseName: "billing" }, "spec.databaseName is immutable"],
  ["the default database", { databaseName: null }, "spec.databaseName is immutable"],
  ["another owner", { databaseOwner: "billing" }, "spec.databaseOwner is immutable"],
  [
    "credentials where there were none",
    { credentialsSecretName: "given" },
    "spec.credentialsSecretName may change, but not be added or dropped",
  ],
];

describe("without the webhook, a change is refused:", () => {
  beforeAll(async () => {
    await cluster.create(claimResource, claim({ name: "full-db", namespace }, asked));
    await cluster.create(claimResource, claim({ name: "bare-db", namespace }));
    const brought = { credentialsSecretName: "given" };
    await cluster.create(claimResource, claim({ name: "brought-db", namespace }, brought));
  });

  async function change(name: string, spec: object): Promise<Answer> {
    return cluster.ask({
      method: "PATCH",
      path: `${pathOf(claimResource, { name, namespace })}?${strict}`,
      body: { spec },
      contentType: "application/merge-patch+json",
    });
  }

  test.each(badChanges)("%s", async (_title, spec, message) => {
    const { code, body } = await change("full-db", spec);
    expect(messageOf(body)).toContain(message);
    expect(code).toBe(422);
  });

  test("a database of its own for a claim that had the default", async () => {
    const { body } = await change("bare-db", { databaseName: "orders" });
    expect(messageOf(body)).toContain("spec.databaseName is immutable");
  });

  test("credentials that are dropped", async () => {
    const { body } = await change("brought-db", { credentialsSecretName: null });
    expect(messageOf(body)).toContain("may change, but not be added or dropped");
  });

  test("a version whose upgrade has not come through, but for the one that the database has", async () => {
    const ref = { name: "upgraded-db", namespace };
    await cluster.create(claimResource, claim(ref, { version: "17" }));
    await cluster.ask({
      method: "PATCH",
      path: `${pathOf(claimResource, ref)}/status`,
      body: { status: { version: "15" } },
      contentType: "application/merge-patch+json",
    });
    for (const version of ["14", "16"]) {
      const { body } = await change(ref.name, { version });
      expect(messageOf(body)).toContain("spec.version may go up");
    }
    expect((await change(ref.name, { version: "15" })).code).toBe(200);
  });

  test("but not other credentials for those that are brought, nor the owner written out", async () => {
    const { code } = await change("brought-db", {
      credentialsSecretName: "another",
      databaseOwner: "app",
    });
    expect(code).toBe(200);
  });

  test("nor more of everything, nor a version of more digits", async () => {
    const more = { size: "large", storageGB: 21, instances: 3, version: "10" };
    const { code, body } = await change("full-db", more);
    expect({ code, spec: (body as Claim).spec }).toEqual({
      code: 200,
      spec: { ...asked, ...more },
    });
  });

  test("nor what was left out until now, the default database included", async () => {
    const { code } = await change("bare-db", {
      ...asked,
      databaseName: "bare_db",
      databaseOwner: null,
    });
    expect(code).toBe(200);
  });
});

const amount = { request: "1", limit: "1" };
const size = { cpu: amount, memory: { request: "1Gi", limit: "1Gi" } };

/** A class of this name and spec. */
const badClasses: readonly (readonly [
  title: string,
  wanted: readonly [name: string, spec: object],
  message: string,
])[] = [
  [
    "a faulty amount",
    ["gold", { sizes: { small: { ...size, cpu: { request: "1 cup", limit: "1" } } } }],
    "spec.sizes.small.cpu.request in body should match",
  ],
  [
    "a request above the limit, in whatever unit",
    ["gold", { sizes: { small: { ...size, cpu: { request: "1001m", limit: "1" } } } }],
    "the request must not be above the limit",
  ],
  [
    "a default that is not allowed",
    ["gold", { versions: { default: "15", allowed: ["16"] } }],
    "spec.versions.default: Invalid value: default must be one of allowed",
  ],
  [
    "no version",
    ["gold", { versions: { default: "15", allowed: [] } }],
    "spec.versions.allowed in body should have at least 1 items",
  ],
  ["no size", ["gold", { sizes: {} }], "spec.sizes in body should have at least 1 properties"],
  ["the built-in one's name", ["built-in", {}], "metadata.name must not be built-in"],
];

describe("without the webhook, a class is refused:", () => {
  test.each(badClasses)("%s", async (_title, [name, spec], message) => {
    expect(await answerTo(name, spec)).toContain(message);
  });

  test("but not a good one", async () => {
    const small = { cpu: { request: "1000m", limit: "1" }, memory: size.memory };
    expect(await answerTo("gold", { sizes: { small } })).toBe("no reason given");
  });

  async function answerTo(name: string, spec: object): Promise<string> {
    const { apiVersion } = claim({ name: "x", namespace });
    const body = { apiVersion, kind: "PostgresClass", metadata: { name }, spec };
    const path = `${collectionPath(classResource)}?${strict}`;
    return messageOf((await cluster.ask({ method: "POST", path, body })).body);
  }
});

test("kubectl refuses unknown fields by itself", async () => {
  const file = { ...claim({ name: "orders-db", namespace }), spec: { sise: "small" } };
  await expect(cluster.kubectl(["apply", "-f", "-"], JSON.stringify(file))).rejects.toThrow(
    'strict decoding error: unknown field "spec.sise"',
  );
});
