/** From a claim to a database and the Secret to connect with. */
import {
  amount,
  claim,
  claimResource,
  databaseOf,
  readyClaim,
  untilReady,
  untilValues,
} from "../claims";
import { stories } from "../story";

const story = stories();

const claimOfFiveLines = (namespace: string): string => `
apiVersion: database.bizmatters.io/v1alpha1
kind: PostgresInstance
metadata: { name: agent-executor-db, namespace: ${namespace} }
spec: { size: small }
writeConnectionSecretToRef: { name: agent-executor-postgres, namespace: ${namespace} }
`;

story("a claim of five lines becomes Ready, and kubectl can wait for it", async scene => {
  const { cluster, namespace } = scene;
  const { kubectl, access } = cluster;
  await kubectl(["apply", "-f", "-"], claimOfFiveLines(namespace));
  const options = ["--for=condition=Ready", "-n", namespace, `--timeout=${access.patience}s`];
  await kubectl(["wait", "pgi/agent-executor-db", ...options]);
  const { status } = await untilReady(cluster, { name: "agent-executor-db", namespace });
  expect(status).toMatchObject({
    phase: "Ready",
    endpoint: `agent-executor-db-rw.${namespace}.svc.cluster.local`,
    binding: { name: "agent-executor-postgres" },
    connectionSecretRef: { name: "agent-executor-postgres", namespace },
    observedGeneration: 1,
    conditions: [
      { type: "Ready", status: "True", reason: "Available", observedGeneration: 1 },
      { type: "DatabaseReady", status: "True", reason: "DatabaseHealthy", observedGeneration: 1 },
      { type: "ConnectionSecretReady", status: "True", reason: "SecretWritten" },
    ],
  });
});

story(
  "Property 2: once the cluster is ready, the secret has endpoint, port, username, password and database",
  async ({ cluster, namespace }) => {
    const ref = { name: "orders-db", namespace };
    await readyClaim(cluster, claim(ref, {}, { name: "orders-postgres" }));
    const values = await untilValues(cluster, { name: "orders-postgres", namespace });
    expect(values).toMatchObject({
      endpoint: `orders-db-rw.${namespace}.svc.cluster.local`,
      port: "5432",
      username: "orders_db",
      password: expect.stringMatching(/./) as string,
      database: "orders_db",
    });
  },
);

story(
  "Properties 5 and 6: the -app secret has username, password, dbname, host and port, and the connection secret the same",
  async ({ cluster, namespace }) => {
    const ref = { name: "orders-db", namespace };
    await readyClaim(cluster, claim(ref, {}, { name: "orders-postgres" }));
    const made = await untilValues(cluster, { name: "orders-db-app", namespace });
    expect(made).toMatchObject({
      username: "orders_db",
      password: expect.stringMatching(/./) as string,
      dbname: "orders_db",
      host: "orders-db-rw",
      port: "5432",
    });
    const mirrored = await untilValues(cluster, { name: "orders-postgres", namespace });
    const { username, password, database } = mirrored;
    expect({ username, password, dbname: database }).toEqual({
      username: made["username"],
      password: made["password"],
      dbname: made["dbname"],
    });
  },
);

story("the secret also has what Service Binding and drivers look for", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: "orders-postgres" }));
  const secret = { name: "orders-postgres", namespace };
  const values = await untilValues(cluster, secret, found => "ca.crt" in found);
  const { endpoint = "", password = "" } = values;
  expect(values).toEqual({
    "ca.crt": values["ca.crt"],
    endpoint,
    port: "5432",
    username: "orders_db",
    password,
    database: "orders_db",
    type: "postgresql",
    provider: "cloudnative-pg",
    host: endpoint,
    uri: `postgresql://orders_db:${password}@${endpoint}:5432/orders_db`,
    "jdbc-uri": `jdbc:postgresql://${endpoint}:5432/orders_db?user=orders_db&password=${password}`,
  });
});

story("the Cluster is the claim's, and exactly as the design maps it", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  const spec = { className: "built-in", size: "medium", databaseOwner: "orders_owner" } as const;
  const { metadata } = await cluster.create(claimResource, claim(ref, spec));
  const database = await databaseOf(cluster, ref);
  expect(database.metadata.ownerReferences).toEqual([
    {
      apiVersion: "database.bizmatters.io/v1alpha1",
      kind: "PostgresInstance",
      name: "orders-db",
      uid: metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    },
  ]);
  expect(database.spec).toMatchObject({
    instances: 1,
    imageName: "ghcr.io/cloudnative-pg/postgresql:16",
    enableSuperuserAccess: false,
    bootstrap: { initdb: { database: "orders_db", owner: "orders_owner" } },
    storage: { size: "20Gi" },
    resources: {
      requests: { cpu: amount("500m"), memory: amount("512Mi") },
      limits: { cpu: amount("2000m"), memory: amount("2Gi") },
    },
  });
  expect(database.spec.bootstrap.initdb).not.toHaveProperty("secret");
  expect(database.spec.storage).not.toHaveProperty("storageClass");
});

story("kubectl get shows size, version, phase, secret and age", async ({ cluster, namespace }) => {
  const ref = { name: "orders-db", namespace };
  await readyClaim(
    cluster,
    claim(ref, { className: "built-in", size: "medium" }, { name: "orders-postgres" }),
  );
  const lines = (await cluster.kubectl(["get", "pgi", "-n", namespace])).split("\n");
  const table = lines.map(line => line.trim().split(/\s+/));
  expect(table[0]).toEqual(["NAME", "SIZE", "VERSION", "PHASE", "SECRET", "AGE"]);
  expect(table[1]?.slice(0, -1)).toEqual(["orders-db", "medium", "16", "Ready", "orders-postgres"]);
  const wide = await cluster.kubectl(["get", "pgi", "-n", namespace, "-o", "wide"]);
  expect(wide).toMatch(
    /REASON +READY +PRIMARY +ENDPOINT +BACKUP +AGE\n.* Available +1 +orders-db-1 +orders-db-rw\.\S+\.svc\.cluster\.local/,
  );
});

story("kubectl explain teaches every field", async ({ cluster }) => {
  const size = await cluster.kubectl(["explain", "pgi.spec.size"]);
  expect(size.replaceAll(/\s+/g, " ")).toContain(
    "ENUM: small medium large DESCRIPTION: How much cpu, memory and how many instances",
  );
  const all = await cluster.kubectl(["explain", "pgi", "--recursive"]);
  expect(all).toContain("writeConnectionSecretToRef");
  const described = await cluster.kubectl(["explain", "pgi.spec"]);
  expect(described).not.toContain("<no description>");
});

story("the password is in no claim, Cluster, event or log", async ({ cluster, namespace }) => {
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: "orders-postgres" }));
  const { password = "" } = await untilValues(cluster, { name: "orders-postgres", namespace });
  const kinds = "pgi,clusters.postgresql.cnpg.io,events";
  const objects = await cluster.kubectl(["get", kinds, "-n", namespace, "-o", "yaml"]);
  expect(objects).toContain("Provisioned");
  expect(objects).not.toContain(password);
  expect(objects).not.toContain(Buffer.from(password).toString("base64"));
  const log = await cluster.moduleLog();
  expect(log).not.toContain(password);
  expect(log).not.toContain(Buffer.from(password).toString("base64"));
});

story("one event tells that it was provisioned", async ({ cluster, namespace }) => {
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: "orders-postgres" }));
  const args = ["get", "events", "-n", namespace, "-o", "json"];
  const ofClaim = await cluster.eventually("an event of the claim", async () => {
    const { items } = JSON.parse(await cluster.kubectl(args)) as { items: Told[] };
    const own = items.filter(({ involvedObject }) => involvedObject.kind === "PostgresInstance");
    return own.length > 0 ? own : undefined;
  });
  expect(ofClaim).toEqual([
    expect.objectContaining({
      type: "Normal",
      reason: "Provisioned",
      message: `CloudNativePG: 1 of 1 instances are ready; credentials are in Secret ${namespace}/orders-postgres`,
    }),
  ]);
});

type Told = { readonly involvedObject: { readonly kind: string } };
