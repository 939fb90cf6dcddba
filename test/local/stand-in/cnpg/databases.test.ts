/** What the stand-in makes of Databases, where PostgreSQL is played too. */
import type { KubeObject } from "../../../../capabilities/kubernetes/objects";
import type { Api } from "../../../../local/stand-in/api";
import type { Cluster } from "../../../../local/stand-in/cnpg/cluster";
import { databasePart, type DatabaseObject } from "../../../../local/stand-in/cnpg/databases";
import { declaredReconciler } from "../../../../local/stand-in/cnpg/declared";
import { feed, type Feed } from "../../../../local/stand-in/watch";
import { merged } from "../../../merge";
import { good } from "./clusters";

const key = "demo/orders-db";

const asked: DatabaseObject = {
  apiVersion: "postgresql.cnpg.io/v1",
  kind: "Database",
  metadata: {
    name: "orders-db",
    namespace: "demo",
    uid: "d",
    generation: 1,
    resourceVersion: "400",
  },
  spec: {
    cluster: { name: "orders-db" },
    name: "orders",
    owner: "orders",
    extensions: [{ name: "pg_trgm" }, { name: "vector" }],
  },
};

type Stage = {
  readonly databases: Feed<DatabaseObject>;
  readonly work: () => Promise<number | undefined>;
  readonly found: () => DatabaseObject | undefined;
  readonly extended: readonly string[];
};

type Trouble = {
  /** What PostgreSQL has against the extension vector. */
  readonly fault?: string;
  readonly isUp?: boolean;
  /** What it has against dropping the database. */
  readonly sessions?: string;
};

/** One Database, and a Cluster if there is one. */
function stage(
  cluster: Cluster | undefined,
  { fault, isUp = true, sessions }: Trouble = {},
): Stage {
  let version = 1000;
  const none = { metadata: { resourceVersion: "1" }, items: [] };
  const api: Api = {
    server: "",
    read: () => Promise.resolve(undefined),
    list: () => Promise.resolve(none),
    create: () => Promise.resolve(undefined),
    refusal: () => Promise.resolve(undefined),
    patch: (_path, change) => {
      version += 1;
      const after = merged(databases.get(key), undefined, change) as KubeObject;
      return Promise.resolve({
        ...after,
        metadata: { ...after.metadata, resourceVersion: String(version) },
      });
    },
    remove: () => Promise.resolve(true),
    watch: async function* () {
      await Promise.resolve();
    },
  };
  const databases = feed<DatabaseObject>(api, "/databases", () => undefined);
  const clusters = feed<Cluster>(api, "/clusters", () => undefined);
  if (cluster) clusters.note(cluster);
  databases.note(asked);
  const extended: string[] = [];
  const server = {
    server: () => (isUp ? {} : undefined),
    extend: (uid: string, database: string, { name }: { readonly name: string }) => {
      extended.push(`${uid} ${database} ${name}`);
      return Promise.resolve(name === "vector" ? fault : undefined);
    },
  };
  const part = databasePart({
    ...server,
    found: () => Promise.resolve(undefined),
    drop: () => Promise.resolve(sessions),
  });
  const reconcile = declaredReconciler(server, part, {
    ...{ api, clusters, declared: databases, say: () => undefined },
  });
  return {
    databases,
    work: async () => reconcile(key),
    found: () => databases.get(key),
    extended,
  };
}

test("the extensions are applied once for each generation, and the Database is held by CNPG's finalizer", async () => {
  const { work, found, extended } = stage(good);
  expect(await work()).toBeUndefined();
  expect(await work()).toBeUndefined();
  expect(extended).toEqual(["8928fb7e orders pg_trgm", "8928fb7e orders vector"]);
  expect(found()).toMatchObject({
    metadata: { finalizers: ["cnpg.io/deleteDatabase"] },
    status: { applied: true, observedGeneration: 1 },
  });
});

test("what PostgreSQL refuses is said, the generation does not count as observed, and it is tried again after 30 s", async () => {
  const { work, found } = stage(good, { fault: "ERROR: no" });
  expect(await work()).toBe(30_000);
  expect(found()?.status).toEqual({
    applied: false,
    message: "database object reconciliation failed",
    extensions: [
      { name: "pg_trgm", applied: true },
      { name: "vector", applied: false, message: "ERROR: no" },
    ],
  });
});

test("a server that is not up yet is waited for", async () => {
  const { work, extended } = stage(good, { isUp: false });
  expect(await work()).toBe(500);
  expect(extended).toEqual([]);
});

test("once its Cluster has gone a Database is called failed, and never looked at again", async () => {
  const { databases, work, found, extended } = stage(undefined);
  const status = { applied: true, observedGeneration: 1 };
  databases.note({
    ...asked,
    metadata: { ...asked.metadata, resourceVersion: "401" },
    ...{ status },
  });
  expect(await work()).toBeUndefined();
  expect(found()?.status).toEqual({
    applied: false,
    message: "cluster resource has been deleted, skipping reconciliation",
    observedGeneration: 1,
  });
  expect(extended).toEqual([]);
});

test("a Database on its way out is let go", async () => {
  const { databases, work, found } = stage(good);
  const metadata = {
    ...asked.metadata,
    resourceVersion: "401",
    deletionTimestamp: "2026-11-21T12:00:00Z",
    finalizers: ["cnpg.io/deleteDatabase", "example.com/keep"],
  };
  databases.note({ ...asked, metadata });
  await work();
  expect(found()?.metadata.finalizers).toEqual(["example.com/keep"]);
});

test("a Database that is to be dropped stays while sessions are connected, and its status does not say why", async () => {
  const { databases, work, found } = stage(good, { sessions: "ERROR: is being accessed" });
  const metadata = {
    ...asked.metadata,
    resourceVersion: "401",
    deletionTimestamp: "2026-11-21T12:00:00Z",
    finalizers: ["cnpg.io/deleteDatabase"],
  };
  const spec = { ...asked.spec, databaseReclaimPolicy: "delete" } as const;
  databases.note({ ...asked, metadata, ...{ spec } });
  expect(await work()).toBe(30_000);
  expect(found()).toMatchObject({ metadata: { finalizers: ["cnpg.io/deleteDatabase"] } });
  expect(found()?.status).toBeUndefined();
});
