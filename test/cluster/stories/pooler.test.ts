/** A connection pooler before the database: its Pooler, and the way to it in the connection secret. */
import { X509Certificate } from "node:crypto";
import { poolerResource, type Pooler } from "../../../capabilities/operator/cnpg/pooler";
import { claim, claimResource, readyClaim, untilReady, untilValues, valuesOf } from "../claims";
import { stories } from "../story";

const story = stories();
const pooledKeys = ["pooled-endpoint", "pooled-uri", "pooled-jdbc-uri"] as const;

story("a pooler comes with the claim or later, and goes when it is given up", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  const pooler = { name: "orders-db-pooler", namespace };
  const secret = { name: "orders-postgres", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: secret.name }));
  expect(await valuesOf(cluster, secret)).not.toHaveProperty("pooled-uri");

  await cluster.patch(claimResource, ref, { spec: { pooler: { mode: "transaction" } } });
  const { status } = await untilReady(cluster, ref);
  expect(status?.conditions?.find(({ type }) => type === "PoolerReady")?.reason).toBe(
    "PoolerActive",
  );
  const values = await untilValues(cluster, secret, found => pooledKeys.every(key => found[key]));
  const host = `orders-db-pooler.${namespace}.svc.cluster.local`;
  expect(values["pooled-endpoint"]).toBe(host);
  expect(values["pooled-uri"]).toBe(values["uri"]?.replace(values["endpoint"] ?? "", host));
  expect(await cluster.read<Pooler>(poolerResource, pooler)).toMatchObject({
    spec: { type: "rw", instances: 1, pgbouncer: { poolMode: "transaction" } },
  });

  await cluster.patch(claimResource, ref, { spec: { pooler: { instances: 2 } } });
  await cluster.eventually("two poolers", async () =>
    (await cluster.read<Pooler>(poolerResource, pooler))?.spec.instances === 2 ? true : undefined,
  );
  await cluster.patch(claimResource, ref, { spec: { pooler: null } });
  await cluster.eventually("the Pooler to be gone", async () =>
    (await cluster.read(poolerResource, pooler)) ? undefined : true,
  );
  await untilValues(cluster, secret, found => pooledKeys.every(key => !(key in found)));
  await untilReady(cluster, ref);
});

story(
  "the server's certificate, which PgBouncer shows, names the pooler too, also when that comes later",
  async scene => {
    const { cluster, namespace } = scene;
    const className = await scene.newClass({ tls: { sslmode: "verify-full" } });
    const ref = { name: "orders-db", namespace };
    const secret = { name: "orders-postgres", namespace };
    await readyClaim(cluster, claim(ref, { className }, { name: secret.name }));
    await cluster.patch(claimResource, ref, { spec: { pooler: {} } });
    const values = await untilValues(cluster, secret, found => "pooled-uri" in found);
    expect(values["pooled-uri"]).toMatch(/[?]sslmode=verify-full$/);
    const hosts = [values["endpoint"] ?? "", values["pooled-endpoint"] ?? ""];
    const server = { name: "orders-db-server", namespace };
    const authority = new X509Certificate(values["ca.crt"] ?? "");
    await untilValues(cluster, server, found => {
      const certificate = new X509Certificate(found["tls.crt"] ?? "");
      expect(certificate.verify(authority.publicKey)).toBe(true);
      return hosts.every(host => certificate.checkHost(host) === host);
    });
  },
);

story(
  "a claim with the name of another's pooler is refused, whichever of them comes first",
  async scene => {
    const { cluster, namespace } = scene;
    const one = { name: "orders", namespace };
    const two = { name: "orders-pooler", namespace };
    await cluster.create(claimResource, claim(one, { pooler: {} }));
    // The admission pods hear of a claim by their watches.
    await cluster.eventually("the second to be refused", async () => {
      const refused = await cluster
        .create(claimResource, claim(two))
        .then(async () => cluster.remove(claimResource, two))
        .catch((fault: unknown) => String(fault));
      const words = `metadata.name is "orders-pooler", the name of the pooler of claim ${namespace}/orders: use another name`;
      return refused?.includes(words) ? true : undefined;
    });
  },
);
