import type { KubeObject, Secret } from "../../../../capabilities/kubernetes/objects";
import type { Api } from "../../../../local/stand-in/api";
import type { Cluster } from "../../../../local/stand-in/cnpg/cluster";
import { reconciler } from "../../../../local/stand-in/cnpg/reconcile";
import { noDatabase } from "../../../../local/stand-in/database";
import { feed } from "../../../../local/stand-in/watch";
import { good, withSpec } from "./clusters";

type Request = { readonly call: string; readonly path: string; readonly body?: unknown };

/** An API server that accepts all and keeps nothing but a list of what it was asked. */
function accepting(): { api: Api; requests: Request[] } {
  const requests: Request[] = [];
  const none = { metadata: { resourceVersion: "1" }, items: [] };
  const api: Api = {
    server: "https://127.0.0.1:1",
    read: path => {
      requests.push({ call: "read", path });
      return Promise.resolve(undefined);
    },
    list: () => Promise.resolve(none),
    create: (path, body) => {
      requests.push({ call: "create", path, body });
      return Promise.resolve(versioned(body as KubeObject, requests.length));
    },
    patch: (path, body) => {
      requests.push({ call: "patch", path, body });
      const status = (body as { op: string; value: object }[]).find(({ op }) => op === "add");
      return Promise.resolve({ ...versioned(good, requests.length), status: status?.value });
    },
    refusal: () => Promise.resolve(undefined),
    remove: () => Promise.resolve(true),
    watch: async function* () {
      await Promise.resolve();
    },
  };
  return { api, requests };
}

function versioned(object: KubeObject, step: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(1000 + step) } };
}

test("without PostgreSQL a Cluster takes two writes and no read, then nothing more", async () => {
  const { api, requests } = accepting();
  const ignore = (): void => undefined;
  const clusters = feed<Cluster>(api, "/clusters", ignore);
  const secrets = feed<Secret>(api, "/secrets", ignore);
  clusters.note(good);
  const play = { database: noDatabase(), pause: 0, isWhole: false };
  const work = reconciler(play, { api, clusters, secrets, say: ignore });
  expect(await work("demo/orders-db")).toBeUndefined();
  expect(await work("demo/orders-db")).toBeUndefined();
  expect(requests.map(({ call, path }) => `${call} ${path}`)).toEqual([
    "create /api/v1/namespaces/demo/secrets",
    "patch /apis/postgresql.cnpg.io/v1/namespaces/demo/clusters/orders-db/status",
  ]);
  expect(clusters.get("demo/orders-db")?.status).toMatchObject({
    phase: "Cluster in healthy state",
    readyInstances: 1,
  });
});

test("a password is 64 letters and digits, and another each time", async () => {
  const passwords = await Promise.all([1, 2].map(passwordMade));
  expect(new Set(passwords).size).toBe(2);
  for (const password of passwords) expect(password).toMatch(/^[A-Za-z0-9]{64}$/);
});

async function passwordMade(): Promise<string> {
  const { api, requests } = accepting();
  const ignore = (): void => undefined;
  const clusters = feed<Cluster>(api, "/clusters", ignore);
  const secrets = feed<Secret>(api, "/secrets", ignore);
  clusters.note(good);
  const play = { database: noDatabase(), pause: 0, isWhole: false };
  await reconciler(play, { api, clusters, secrets, say: ignore })("demo/orders-db");
  const made = requests[0]?.body as Secret;
  return Buffer.from(made.data?.["password"] ?? "", "base64").toString();
}

test("a secret that was given is taken whoever owns it, and no other is made", async () => {
  const { api, requests } = accepting();
  const ignore = (): void => undefined;
  const clusters = feed<Cluster>(api, "/clusters", ignore);
  const secrets = feed<Secret>(api, "/secrets", ignore);
  clusters.note(withSpec({ bootstrap: { initdb: { owner: "app", secret: { name: "given" } } } }));
  const owner = { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", name: "given" };
  secrets.note({
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      ...{ name: "given", namespace: "demo", resourceVersion: "1" },
      ownerReferences: [{ ...owner, uid: "another", controller: true }],
    },
    ...{ data: { username: "YXBw", password: "cHc=" } },
  });
  const play = { database: noDatabase(), pause: 0, isWhole: false };
  expect(await reconciler(play, { api, clusters, secrets, say: ignore })("demo/orders-db")).toBe(
    undefined,
  );
  expect(requests.map(({ call }) => call)).toEqual(["patch"]);
  expect(clusters.get("demo/orders-db")?.status?.readyInstances).toBe(1);
});
