/** That the secrets open the database: on this machine, where the stand-in for CNPG says at which port it listens. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Claim } from "../../../capabilities/claim/claim";
import { makeAuthority } from "../../../local/stand-in/certificate";
import { addressIn } from "../address";
import {
  claim,
  claimResource,
  databaseOf,
  readyClaim,
  secretResource,
  untilReady,
  untilValues,
} from "../claims";
import type { TestCluster } from "../cluster";
import { exampleEnvironment } from "../../../local/example-application";
import { stories } from "../story";
import { whoAmI } from "../who-am-i";

const story = stories();

/** Where the server of the Cluster listens; its own name resolves to nothing without a kubelet. */
async function addressOf(
  cluster: TestCluster,
  ref: { readonly name: string; readonly namespace: string },
): Promise<{ host: string; port: number }> {
  return addressIn(await databaseOf(cluster, ref));
}

story("username, password and database of the connection secret log in", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: "orders-postgres" }));
  const {
    username: user,
    password,
    database,
  } = await untilValues(cluster, {
    name: "orders-postgres",
    namespace,
  });
  const address = await addressOf(cluster, ref);
  expect(await whoAmI({ ...address, user, password, database })).toEqual({
    user: "orders_db",
    database: "orders_db",
  });
});

story("so do the URIs, whatever characters the password has", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  const secret = { name: "orders-postgres", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: secret.name }));
  const password = "p@ss:w/o?r#d%&=+ 'é\\";
  await cluster.patch(
    secretResource,
    { name: "orders-db-app", namespace },
    { stringData: { password } },
  );
  const { uri = "", endpoint = "" } = await untilValues(
    cluster,
    secret,
    found => found["password"] === password,
  );
  const { host, port } = await addressOf(cluster, ref);
  const connectionString = uri.replace(`${endpoint}:5432`, `${host}:${port}`);
  // The operator needs a moment to give the role its new password.
  const row = await cluster.eventually("the new password to log in", async () =>
    whoAmI({ connectionString }).catch(() => undefined),
  );
  expect(row).toEqual({ user: "orders_db", database: "orders_db" });
});

story(
  "with verify-full, ca.crt and endpoint prove the server, and nothing else does",
  async scene => {
    const { cluster, namespace } = scene;
    const className = await scene.newClass({ tls: { sslmode: "verify-full" } });
    const ref = { name: "orders-db", namespace };
    const home = { name: "orders-postgres", namespace: await scene.newNamespace() };
    await readyClaim(cluster, claim(ref, { className }, home));
    const { endpoint, username, password, database, ...values } = await untilValues(
      cluster,
      home,
      found => Boolean(found["ca.crt"]),
    );
    const login = { ...(await addressOf(cluster, ref)), user: username, password, database };
    // The name is what a client would have resolved.
    const logIn = async (
      ca: string | undefined,
      servername: string | undefined,
    ): Promise<unknown> => whoAmI({ ...login, ssl: { ca, servername } });

    const own = values["ca.crt"];
    expect(await logIn(own, endpoint)).toEqual({ user: "orders_db", database: "orders_db" });
    await expect(logIn(own, `${endpoint}.example.com`)).rejects.toThrow("does not match");
    const { certificate: foreign } = makeAuthority(ref.name, new Date());
    await expect(logIn(foreign, endpoint)).rejects.toThrow("certificate");

    // A pooler shows the server's certificate, which takes its name up when the pooler comes.
    const pooled = `orders-db-pooler.${namespace}.svc.cluster.local`;
    await expect(logIn(own, pooled)).rejects.toThrow("does not match");
    await cluster.patch(claimResource, ref, { spec: { pooler: {} } });
    const { "pooled-endpoint": name } = await untilValues(cluster, home, found => {
      return Boolean(found["pooled-endpoint"]);
    });
    expect(name).toBe(pooled);
    await cluster.eventually("the certificate to name the pooler", async () =>
      logIn(own, pooled).catch(() => undefined),
    );
  },
);

story(
  "a password of one's own logs in, whatever its characters, and so does the next one",
  async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: "orders-db", namespace };
    const given = { name: "orders-credentials", namespace };
    const secret = { name: "orders-postgres", namespace };
    const first = "/ : @ % ? # & + = ' \" \\ $(x) ${y} ; 密码 🔑 é";
    await cluster.create(secretResource, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { ...given, labels: { "cnpg.io/reload": "true" } },
      ...{
        type: "kubernetes.io/basic-auth",
        stringData: { username: "orders_user", password: first },
      },
    });
    const spec = { credentialsSecretName: given.name, databaseName: "orders" };
    await readyClaim(cluster, claim(ref, spec, { name: secret.name }));
    const { host, port } = await addressOf(cluster, ref);
    for (const password of [first, "a%2Fnother@one"]) {
      await cluster.patch(secretResource, given, { stringData: { password } });
      const { uri = "", endpoint = "" } = await untilValues(
        cluster,
        secret,
        found => found["password"] === password,
      );
      const connectionString = uri.replace(`${endpoint}:5432`, `${host}:${port}`);
      const row = await cluster.eventually("the password to log in", async () =>
        whoAmI({ connectionString }).catch(() => undefined),
      );
      expect(row).toEqual({ user: "orders_user", database: "orders" });
    }
  },
);

story("a password that was changed shuts out the old one", async ({ cluster, namespace }) => {
  const ref = { name: "orders-db", namespace };
  const secret = { name: "orders-postgres", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: secret.name }));
  const before = await untilValues(cluster, secret);
  await cluster.patch(
    secretResource,
    { name: "orders-db-app", namespace },
    { stringData: { password: "a-new-one" } },
  );
  await untilValues(cluster, secret, found => found["password"] === "a-new-one");
  const address = await addressOf(cluster, ref);
  const { username: user, database } = before;
  const refusal = await cluster.eventually("the old password to be refused", async () =>
    whoAmI({ ...address, user, database, password: before["password"] }).then(
      () => undefined,
      String,
    ),
  );
  expect(refusal).toContain('password authentication failed for user "orders_db"');
  await untilReady(cluster, ref);
});

function example(file: string): unknown {
  return parse(readFileSync(join(__dirname, "../../../examples", file), "utf8"));
}

story("the environment of examples/application.yaml is all that a client needs", async scene => {
  const { cluster, namespace } = scene;
  const wanted = example("claim.yaml") as Claim;
  const ref = { name: wanted.metadata.name, namespace };
  const { metadata } = await readyClaim(cluster, { ...wanted, metadata: ref });
  const secret = { name: wanted.writeConnectionSecretToRef?.name ?? "", namespace };
  const values = await untilValues(cluster, secret);
  const env = exampleEnvironment(values);
  expect(env["PGHOST"]).toBe(`${metadata.name}-rw.${namespace}.svc.cluster.local`);
  const { PGUSER: user, PGPASSWORD: password, PGDATABASE: database } = env;
  const row = await whoAmI({ ...(await addressOf(cluster, ref)), user, password, database });
  expect(row).toEqual({ user, database });
});
