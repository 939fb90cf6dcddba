/** Databases in Pulumi programs: the claim that each door makes, and what a program gets of it. */
import * as pulumi from "@pulumi/pulumi";
import { createDatabase, PostgresDatabase, PostgresInstance } from "../../pulumi";
import { askedOf, ended, mocked, valueOf, type Asked } from "./mocks";

const instanceType = "kubernetes:database.bizmatters.io/v1alpha1:PostgresInstance";
const databaseType = "kubernetes:database.bizmatters.io/v1alpha1:PostgresDatabase";
const secretType = "kubernetes:core/v1:Secret";

afterEach(ended);

async function claimOf(asked: readonly Asked[], type: string): Promise<unknown> {
  const [claim] = await askedOf(asked, type);
  return claim?.inputs;
}

test("an instance of one's own is a claim that Pulumi waits for", async () => {
  const asked = await mocked();
  const made = new PostgresInstance("orders", {
    namespace: "shop",
    size: "medium",
    storageSize: "20Gi",
  });
  await valueOf(made.host);
  expect(await claimOf(asked, instanceType)).toEqual({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresInstance",
    metadata: {
      name: "postgres-orders",
      namespace: "shop",
      annotations: { "pulumi.com/waitFor": "condition=Ready" },
    },
    spec: { databaseName: "orders", databaseOwner: "orders", size: "medium", storageGB: 20 },
    writeConnectionSecretToRef: { name: "postgres-orders-connection" },
  });
});

test("a database in a shared instance is a claim of that kind", async () => {
  const asked = await mocked();
  const made = new PostgresDatabase("invoices", {
    namespace: "shop",
    instance: "platform/home",
    connectionLimit: 5,
    deletionPolicy: "Delete",
  });
  await valueOf(made.host);
  expect(await claimOf(asked, databaseType)).toMatchObject({
    metadata: { name: "invoices", namespace: "shop" },
    spec: {
      instanceRef: { name: "home", namespace: "platform" },
      connectionLimit: 5,
      deletionPolicy: "Delete",
    },
    writeConnectionSecretToRef: { name: "invoices-connection" },
  });
});

test("a database may name an instance of the same program, and so comes after it", async () => {
  const asked = await mocked();
  const home = new PostgresInstance("home", { namespace: "platform", share: {} });
  const made = new PostgresDatabase("invoices", { namespace: "shop", instance: home.claim });
  await valueOf(made.host);
  const names = asked.filter(({ type }) => type.includes("v1alpha1")).map(({ name }) => name);
  expect(names).toEqual(["home", "invoices"]);
  expect(await claimOf(asked, databaseType)).toMatchObject({
    spec: { instanceRef: { name: "postgres-home", namespace: "platform" } },
  });
});

test("the connection is read from its Secret, which is not made", async () => {
  const asked = await mocked();
  const made = new PostgresInstance("orders", { namespace: "shop" });
  expect(await valueOf(made.connectionString)).toBe(
    "postgresql://orders:secret@orders-rw.shop.svc:5432/orders",
  );
  expect(await valueOf(made.port)).toBe(5432);
  const [secret] = await askedOf(asked, secretType);
  expect(secret?.id).toBe("shop/postgres-orders-connection");
});

test("what is secret is so to Pulumi, and nothing else is", async () => {
  await mocked();
  const made = new PostgresInstance("orders");
  const isSecret = Object.entries(made.outputs()).map(async ([name, output]) => {
    await valueOf(output);
    return (await pulumi.isSecret(output)) ? name : undefined;
  });
  const secrets = (await Promise.all(isSecret)).filter(name => name !== undefined);
  expect(secrets.sort()).toEqual(["connectionString", "password"]);
});

test("a word may be another resource's output", async () => {
  const asked = await mocked();
  const made = new PostgresInstance("orders", { namespace: pulumi.output("later") });
  await valueOf(made.host);
  expect(await claimOf(asked, instanceType)).toMatchObject({ metadata: { namespace: "later" } });
});

test("in a preview nothing is known of a connection that is not there yet", async () => {
  await mocked(true);
  const made = new PostgresInstance("orders");
  const known = await Promise.all(
    Object.values(made.outputs()).map(async output => isKnown(output)),
  );
  expect(known).not.toContain(true);
});

/** Pulumi's own field of outputs, which its types keep to itself. */
async function isKnown(output: pulumi.Output<unknown>): Promise<boolean> {
  return Reflect.get(output, "isKnown") as Promise<boolean>;
}

test("a container's environment refers to the Secret, and holds no value", async () => {
  await mocked();
  const made = new PostgresInstance("orders", { namespace: "shop" });
  const env = await valueOf(pulumi.output(made.env({ prefix: "AUDIT_" })));
  expect(env.map(({ name }) => name)).toEqual([
    "AUDIT_PGHOST",
    "AUDIT_PGPORT",
    "AUDIT_PGDATABASE",
    "AUDIT_PGUSER",
    "AUDIT_PGPASSWORD",
    "AUDIT_DATABASE_URL",
  ]);
  expect(env[4]).toEqual({
    name: "AUDIT_PGPASSWORD",
    valueFrom: { secretKeyRef: { name: "postgres-orders-connection", key: "password" } },
  });
});

describe("createDatabase", () => {
  test("makes an instance of one's own, and gives its connection", async () => {
    const asked = await mocked();
    const found = createDatabase({ name: "orders-app", namespace: "shop" });
    expect(found.database).toBe("orders_app");
    expect(await valueOf(found.password)).toBe("secret");
    expect(await askedOf(asked, instanceType)).toHaveLength(1);
  });

  test("makes a database in the instance that it names", async () => {
    const asked = await mocked();
    const found = createDatabase({ name: "orders", instance: "home" });
    await valueOf(found.host);
    expect(await askedOf(asked, databaseType)).toHaveLength(1);
    expect(await askedOf(asked, instanceType)).toEqual([]);
  });

  test("tells a wrong word before anything is made", async () => {
    await mocked();
    const wrong = { name: "orders", sise: "large" } as unknown as Parameters<
      typeof createDatabase
    >[0];
    expect(() => createDatabase(wrong)).toThrow("sise is not known");
  });
});
