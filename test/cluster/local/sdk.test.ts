/** Databases by function call, over both operators, to a login: as an account that has the rights of docs/typescript.md alone. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import type { KubeObject, Ref } from "../../../capabilities/kubernetes/objects";
import {
  createDatabase,
  deleteDatabase,
  getDatabase,
  waitForDatabase,
  type Database,
} from "../../../sdk";
import { accessTo } from "../../../sdk/cluster/access";
import { databaseErrorOf } from "../../sdk/database-error";
import { writeKubeconfig } from "../../kubeconfig";
import { addressIn } from "../address";
import { claim, claimResource, secretResource } from "../claims";
import { ownKubeconfig, type TestCluster } from "../cluster";
import { operatorRows, type OperatorRow } from "../operators";
import { stories, type Scene } from "../story";
import { whoAmI } from "../who-am-i";

const story = stories();

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sdk-"));
});

afterAll(() => rm(folder, { recursive: true }));

/** The Role that the document shows, here with the right that it names in a comment. */
function roleIn(namespace: string): object {
  const text = readFileSync(resolve(__dirname, "../../../docs/typescript.md"), "utf8");
  const [, yaml = ""] = /^```yaml\n([^]*?)^```$/m.exec(text) ?? [];
  const role = parse(
    yaml.replace("[get, create, patch] # and delete,", "[get, create, patch, delete] #"),
  ) as KubeObject;
  return { ...role, metadata: { name: role.metadata.name, namespace } };
}

/** A kubeconfig of an account that has this Role and nothing else. */
async function programIn({ cluster, namespace }: Scene): Promise<string> {
  const name = "makes-its-database";
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } };
  const binding = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name, namespace },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
    subjects: [{ kind: "ServiceAccount", name, namespace }],
  };
  const items = [account, roleIn(namespace), binding];
  const list = { apiVersion: "v1", kind: "List", items };
  await cluster.kubectl(["create", "-f", "-"], JSON.stringify(list));
  const token = await cluster.kubectl(["create", "token", name, "-n", namespace]);
  return kubeconfigWith(cluster, token.trim());
}

async function kubeconfigWith(cluster: TestCluster, token: string): Promise<string> {
  const wanted = { file: ownKubeconfig(cluster), context: undefined, env: {} };
  const { server, tls } = await accessTo(wanted);
  const file = join(await mkdtemp(join(folder, "kubeconfig-")), "config");
  await writeKubeconfig(file, { server, token, ca: tls.ca ?? "" });
  return file;
}

/** The server's answer to what the program was given; the Service's name resolves to nothing here, the stand-in says where it listens. */
async function answerTo(
  { operator, objectName }: OperatorRow,
  { cluster, namespace }: Scene,
  { host, connectionString }: Database,
): Promise<unknown> {
  const object: Ref = { name: objectName("postgres-orders"), namespace };
  const found = await cluster.read<KubeObject>(operator.objects.resource, object);
  const address = addressIn(found);
  const uri = new URL(connectionString);
  expect(uri.hostname).toBe(host);
  uri.host = `${address.host}:${address.port}`;
  // Its certificate is for the Service's name.
  uri.searchParams.delete("sslmode");
  return whoAmI({ connectionString: uri.toString() });
}

for (const row of operatorRows) {
  story(
    `${row.operator.title}: one call gives a database, another the same, one more takes it away`,
    async scene => {
      const { cluster, namespace } = scene;
      const className = await scene.newClass(row.classSpec);
      const options = { kubeconfig: await programIn(scene) };
      const config = { name: "orders", namespace, class: className };
      const made = await createDatabase(config, options);
      expect(await answerTo(row, scene, made)).toEqual({ user: "orders", database: "orders" });
      const ref = { name: "postgres-orders", namespace };
      const before = await cluster.read<KubeObject>(claimResource, ref);
      expect(await createDatabase(config, options)).toEqual(made);
      const after = await cluster.read<KubeObject>(claimResource, ref);
      expect(after?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion);
      expect(await getDatabase(config, options)).toEqual(made);
      expect(await waitForDatabase(config, options)).toEqual(made);
      await deleteDatabase(config, options);
      expect(await cluster.read(secretResource, made.secret)).toBeUndefined();
      expect((await databaseErrorOf(getDatabase(config, options))).code).toBe("notFound");
      await deleteDatabase(config, options);
    },
  );
}

story("with an instance it is a database in that, with a role of its own", async scene => {
  const { cluster, namespace } = scene;
  const options = { kubeconfig: ownKubeconfig(cluster) };
  await createDatabase({ name: "home", namespace, claim: "home" }, options);
  await cluster.patch(claimResource, { name: "home", namespace }, { spec: { share: {} } });
  const config = { name: "order-book", namespace, instance: "home" };
  const made = await createDatabase(config, options);
  expect(made).toMatchObject({
    database: "order_book",
    username: "order_book",
    secret: { name: "order-book-connection", namespace },
  });
  expect(await getDatabase(config, options)).toEqual(made);
  const cnpg = operatorRows.find(({ operator }) => operator.title === "CloudNativePG");
  if (!cnpg) throw new Error("there is CloudNativePG");
  const found = await cluster.read<KubeObject>(cnpg.operator.objects.resource, {
    ...{ name: "home", namespace },
  });
  const { host, port } = addressIn(found);
  const uri = new URL(made.connectionString);
  Object.assign(uri, { hostname: host, port: String(port) });
  expect(await whoAmI({ connectionString: uri.toString() })).toEqual({
    user: "order_book",
    database: "order_book",
  });
  await deleteDatabase(config, options);
  expect((await databaseErrorOf(getDatabase(config, options))).code).toBe("notFound");
});

story("one that is being deleted is made anew once it is gone", async scene => {
  const { cluster, namespace } = scene;
  const options = { kubeconfig: await programIn(scene) };
  const ref = { name: "postgres-orders", namespace };
  const config = { name: "orders", namespace };
  const first = await createDatabase(config, options);
  // What the deletion has to wait for.
  const finalizers = ["zero-touch-postgres/test"];
  await cluster.patch(secretResource, first.secret, { metadata: { finalizers } });
  await cluster.remove(claimResource, ref);
  const second = createDatabase(config, {
    ...options,
    onProgress: message => {
      if (message.includes("its deletion") || message.includes("finalizers of its own")) {
        void cluster.patch(secretResource, first.secret, { metadata: { finalizers: null } });
      }
    },
  });
  expect((await second).password).not.toBe(first.password);
});

story(
  "what breaks rules is refused with every fault at once, in the words of admission",
  async scene => {
    const options = { kubeconfig: await programIn(scene) };
    const { namespace } = scene;
    const config = { name: "postgres", namespace, owner: "pg_owner", version: "9" };
    const fault = await databaseErrorOf(createDatabase(config, options));
    expect(fault.code).toBe("refused");
    for (const part of ["spec.databaseName", "spec.databaseOwner", "spec.version"]) {
      expect(fault.message).toContain(part);
    }
  },
);

story("a field that another tool has set otherwise is refused, and stays", async scene => {
  const { cluster, namespace } = scene;
  const options = { kubeconfig: await programIn(scene) };
  const ref = { name: "postgres-orders", namespace };
  const spec = { databaseName: "orders", databaseOwner: "orders", storageGB: 2 };
  await cluster.create(claimResource, claim(ref, spec));
  const config = { name: "orders", namespace, storageSize: "3Gi" };
  expect(await databaseErrorOf(createDatabase(config, options))).toMatchObject({
    code: "refused",
    message: expect.stringContaining(".spec.storageGB") as string,
  });
});

story(
  "a namespace that is not there, and one that is not the account's, are told apart",
  async scene => {
    const { cluster } = scene;
    const kubeconfig = await programIn(scene);
    const elsewhere = await scene.newNamespace();
    const foreign = { name: "orders", namespace: elsewhere };
    expect((await databaseErrorOf(createDatabase(foreign, { kubeconfig }))).code).toBe("forbidden");
    const admin = ownKubeconfig(cluster);
    const nowhere = { name: "orders", namespace: scene.unusedNamespace() };
    expect((await databaseErrorOf(createDatabase(nowhere, { kubeconfig: admin }))).code).toBe(
      "notFound",
    );
  },
);
