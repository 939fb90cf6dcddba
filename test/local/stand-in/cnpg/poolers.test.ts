/** What the stand-in makes of Poolers. */
import type { KubeObject } from "../../../../capabilities/kubernetes/objects";
import type { Api } from "../../../../local/stand-in/api";
import type { Cluster } from "../../../../local/stand-in/cnpg/cluster";
import { poolerReconciler, type PoolerObject } from "../../../../local/stand-in/cnpg/poolers";
import { feed } from "../../../../local/stand-in/watch";
import { good } from "./clusters";

const asked: PoolerObject = {
  apiVersion: "postgresql.cnpg.io/v1",
  kind: "Pooler",
  metadata: { name: "orders-db-pooler", namespace: "demo", uid: "p", resourceVersion: "400" },
  spec: { cluster: { name: "orders-db" }, instances: 2 },
};

test("once the server is up a Pooler gets its Service and is called active, once", async () => {
  const requests: string[] = [];
  const none = { metadata: { resourceVersion: "1" }, items: [] };
  const api: Api = {
    server: "",
    read: () => Promise.resolve(undefined),
    list: () => Promise.resolve(none),
    create: (path, body) => {
      requests.push(`create ${path}/${(body as KubeObject).metadata.name}`);
      return Promise.resolve(undefined);
    },
    patch: (path, change) => {
      requests.push(`patch ${path}`);
      const metadata = { ...asked.metadata, resourceVersion: "401" };
      return Promise.resolve({ ...asked, ...change, metadata });
    },
    refusal: () => Promise.resolve(undefined),
    remove: () => Promise.resolve(true),
    watch: async function* () {
      await Promise.resolve();
    },
  };
  const poolers = feed<PoolerObject>(api, "/poolers", () => undefined);
  const clusters = feed<Cluster>(api, "/clusters", () => undefined);
  poolers.note(asked);
  clusters.note(good);
  let isUp = false;
  const server = { server: () => (isUp ? {} : undefined) };
  const work = poolerReconciler(server, { api, clusters, poolers, say: () => undefined });
  expect(await work("demo/orders-db-pooler")).toBe(500);
  expect(requests).toEqual([]);
  isUp = true;
  expect(await work("demo/orders-db-pooler")).toBeUndefined();
  expect(await work("demo/orders-db-pooler")).toBeUndefined();
  expect(requests).toEqual([
    "create /api/v1/namespaces/demo/services/orders-db-pooler",
    "patch /apis/postgresql.cnpg.io/v1/namespaces/demo/poolers/orders-db-pooler/status",
  ]);
  expect(poolers.get("demo/orders-db-pooler")?.status).toEqual({ phase: "active", instances: 2 });
});
