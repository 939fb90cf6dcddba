/** The certificate of the server's authority goes into the connection secret, and is followed there. */
import type { PostgresClass } from "../../../capabilities/claim/class";
import { type Secret, secretResource } from "../../../capabilities/kubernetes/objects";
import { admitted, bench, clusterRef, password, ready, type Bench } from "../bench";

const authority = { name: "orders-db-ca", namespace: "team-a" };
const connection = "Secret team-a/orders-postgres";

async function readyBench(): Promise<Bench> {
  const made = bench();
  await made.run();
  made.operator.giveAuthority(clusterRef, "first");
  made.operator.giveCredentials(clusterRef, password);
  made.operator.reach(clusterRef, "healthy");
  await made.run();
  expect(made.said()).toEqual(ready);
  return made;
}

function certificateIn(made: Bench): string | undefined {
  return made.values()["ca.crt"];
}

function change(made: Bench, to: (found: Secret) => Secret): void {
  const found = made.secret(authority);
  if (!found) throw new Error("there is an authority");
  made.server.edit(found, to);
}

test("comes with the credentials, in the same write", async () => {
  const made = await readyBench();
  expect(certificateIn(made)).toBe("first");
  expect(made.kube.writes.filter(({ what }) => what === connection)).toHaveLength(1);
});

test("is not waited for: credentials alone make a connection secret", async () => {
  const made = bench();
  await made.makeReady();
  expect(made.said()).toEqual(ready);
  expect(made.values()).not.toHaveProperty(["ca.crt"]);
  made.operator.giveAuthority(clusterRef, "later");
  expect((await made.run()).writes).toEqual([`apply ${connection}`]);
  expect(certificateIn(made)).toBe("later");
});

test("is followed when it is renewed", async () => {
  const made = await readyBench();
  made.operator.giveAuthority(clusterRef, "second");
  expect((await made.run()).writes).toEqual([`apply ${connection}`]);
  expect(certificateIn(made)).toBe("second");
  expect((await made.run()).writes).toEqual([]);
});

test("stays through a change of the password", async () => {
  const made = await readyBench();
  made.operator.giveCredentials(clusterRef, "another");
  await made.run();
  expect(made.values()).toMatchObject({ password: "another", "ca.crt": "first" });
});

test("is taken from no Secret but that which the operator made for this Cluster", async () => {
  const made = await readyBench();
  change(made, found => ({
    ...found,
    metadata: { ...found.metadata, ownerReferences: [] },
    data: { "ca.crt": Buffer.from("a stranger's").toString("base64") },
  }));
  await made.run();
  expect(certificateIn(made)).toBe("first");
});

test("is not CNPG's own where someone has given the Cluster a certificate of another authority", async () => {
  const made = bench();
  await made.run();
  const cluster = made.cluster();
  if (!cluster) throw new Error("there is a Cluster");
  const certificates = { serverCASecret: "ours" };
  made.server.edit(cluster, live => ({
    ...live,
    ...{ spec: { ...(Reflect.get(live, "spec") as object), certificates } },
  }));
  made.operator.giveAuthority(clusterRef, "first");
  made.operator.giveCredentials(clusterRef, password);
  made.operator.reach(clusterRef, "healthy");
  await made.run();
  expect(made.said()).toEqual(ready);
  expect(made.values()).not.toHaveProperty(["ca.crt"]);
});

test("costs a settled claim no request, and of the authority's key nothing is remembered", async () => {
  const made = bench(admitted, "stored");
  const giveAuthority = (): void => {
    made.operator.giveAuthority(clusterRef, "first");
  };
  for (const step of [() => undefined, giveAuthority]) {
    step();
    made.deliver();
    await made.run();
  }
  expect(made.kube.store.find(secretResource, authority)).toHaveProperty("data", {
    "ca.crt": Buffer.from("first").toString("base64"),
  });
  for (const step of [made.operator.finish, () => undefined]) {
    step();
    made.deliver();
    await made.run();
  }
  expect(made.said()).toEqual(ready);
  expect(certificateIn(made)).toBe("first");
  expect(made.kube.store.find(secretResource, authority)).not.toHaveProperty("data");
  made.deliver();
  // A settled claim costs no request: one would fail.
  made.kube.failAt({ at: 0, isDone: false });
  expect((await made.run()).writes).toEqual([]);
  expect(made.kube.isFailing()).toBe(true);
});

test("what the URIs say of TLS follows the class", async () => {
  const made = bench({ ...admitted, spec: { className: "gold" } });
  const gold: PostgresClass = {
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name: "gold" },
    spec: { tls: { sslmode: "require" } },
  };
  made.server.create(gold);
  await made.makeReady();
  expect(made.values()["uri"]).toMatch(/\?sslmode=require$/);
  made.server.edit<PostgresClass>(gold, live => ({
    ...live,
    spec: { tls: { sslmode: "verify-full" } },
  }));
  await made.run();
  expect(made.values()["uri"]).toMatch(/\?sslmode=verify-full$/);
  expect(made.values()["jdbc-uri"]).toMatch(/&sslmode=verify-full$/);
});
