/** The claim that a program's words become. */
import { judge } from "../../capabilities/admission/instance/judgement";
import { gibibytesIn } from "../../capabilities/claim/storage-size";
import { claimFor, claimRef, type DatabaseConfig } from "../../sdk/config";

test("a name is enough; all else is the class's choice", () => {
  expect(claimFor({ name: "order-book" })).toEqual({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresInstance",
    metadata: { name: "postgres-order-book", namespace: "default" },
    spec: { databaseName: "order_book", databaseOwner: "order_book" },
    writeConnectionSecretToRef: { name: "postgres-order-book-connection" },
  });
});

const everything: DatabaseConfig = {
  ...{ name: "orders", namespace: "shop", claim: "orders-db", owner: "shopkeeper" },
  ...{ class: "home-cluster", size: "large", version: "16", storageSize: "1.5Ti", instances: 3 },
  ...{ share: { namespaces: ["agents"] }, deletionPolicy: "Retain", deletionProtection: true },
  ...{ extensions: ["pg_trgm", { name: "vector", version: "0.8.0" }], secret: "orders-postgres" },
};

test("each word has its field", () => {
  expect(claimFor(everything)).toMatchObject({
    metadata: { name: "orders-db", namespace: "shop" },
    spec: {
      ...{ databaseName: "orders", databaseOwner: "shopkeeper", className: "home-cluster" },
      ...{ size: "large", version: "16", storageGB: 1536, instances: 3 },
      ...{ share: { namespaces: ["agents"] }, deletionPolicy: "Retain", deletionProtection: true },
      extensions: [{ name: "pg_trgm" }, { name: "vector", version: "0.8.0" }],
    },
    writeConnectionSecretToRef: { name: "orders-postgres" },
  });
});

test("with an instance it is a claim for a database in that, under its own name", () => {
  expect(
    claimFor({
      ...{ name: "order-book", namespace: "shop", instance: "platform/home", owner: "shopkeeper" },
      ...{ connectionLimit: 5, deletionPolicy: "Delete", extensions: ["pg_trgm"] },
    }),
  ).toEqual({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresDatabase",
    metadata: { name: "order-book", namespace: "shop" },
    spec: {
      instanceRef: { name: "home", namespace: "platform" },
      ...{ databaseName: "order_book", owner: "shopkeeper", connectionLimit: 5 },
      ...{ deletionPolicy: "Delete", extensions: [{ name: "pg_trgm" }] },
    },
    writeConnectionSecretToRef: { name: "order-book-connection" },
  });
});

test.each([
  [
    { name: "orders", instance: "home", size: "large" },
    'size is decided by instance "home": leave it out',
  ],
  [
    { name: "orders", connectionLimit: 5 },
    "connectionLimit is for a database in a shared instance: name that with instance, or leave it out",
  ],
  [
    { name: "orders", instance: "a/b/c" },
    'instance is "a/b/c", but must be a name, or namespace/name',
  ],
])("%j goes with another claim", (config, message) => {
  expect(() => claimFor(config as DatabaseConfig)).toThrow(message);
});

test("the claim is one that admission takes", () => {
  const { violations } = judge(claimFor({ name: "orders", storageSize: "10Gi" }), null, [], []);
  expect(violations).toEqual([]);
});

test("an instance of one's own name keeps the database's", () => {
  expect(claimRef({ name: "orders", claim: "x" })).toEqual({
    kind: "PostgresInstance",
    ...{ name: "x", namespace: "default" },
  });
});

test.each([
  ["10Gi", 10],
  ["2048Mi", 2],
  ["1.5Ti", 1536],
  ["500Mi", { mustBe: 'whole GiB: write "1Gi"' }],
  ["1500Mi", { mustBe: 'whole GiB: write "1Gi" or "2Gi"' }],
  ["10G", { mustBe: 'whole GiB: write "9Gi" or "10Gi"' }],
  ["0Gi", { mustBe: 'whole GiB: write "1Gi"' }],
  ["10", { mustBe: 'whole GiB with the unit: write "10Gi"' }],
  ["ten", { mustBe: 'whole GiB, such as "10Gi"' }],
])("a size of %s is %j", (text, found) => {
  expect(gibibytesIn(text)).toEqual(found);
});

test.each([
  [
    { name: "orders", storageSize: "500Mi" },
    'storageSize is "500Mi", but must be whole GiB: write "1Gi"',
  ],
  [{ name: "" }, "name must be a text that is not empty"],
  [{ name: undefined }, "name must be a text that is not empty"],
  [{ name: "orders", storageSize: 10 }, "storageSize must be a text that is not empty"],
  [{ name: "orders", extensions: "pg_trgm" }, "extensions must be a list"],
  [{ name: "orders", instances: "2" }, "instances must be a number"],
  [{ name: "orders", share: true }, "share must be an object"],
  [{ name: "orders", deletionProtection: "yes" }, "deletionProtection must be true or false"],
  [{ name: "a/../b" }, 'name is "a/../b", but no name in Kubernetes has / or %, or is . or ..'],
  [
    { name: "orders", claim: ".." },
    'claim is "..", but no name in Kubernetes has / or %, or is . or ..',
  ],
  [undefined, "name must be a text that is not empty"],
  [
    { name: "orders", sise: "small" },
    "sise is not known: there are name, namespace, claim, secret, owner, class, size, version, storageSize, instances, extensions, share, instance, connectionLimit, deletionPolicy, deletionProtection",
  ],
  [{ name: "orders", namespace: "" }, "namespace must be a text that is not empty"],
])("%j is refused before a cluster is asked", (config, message) => {
  const fault = (): unknown => {
    try {
      return claimFor(config as DatabaseConfig);
    } catch (caught) {
      return caught;
    }
  };
  expect(fault()).toMatchObject({ code: "configuration", message });
});
