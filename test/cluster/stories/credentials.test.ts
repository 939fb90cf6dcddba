/** Credentials that users bring, as External Secrets does: it makes the Secret some time, and owns it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Claim } from "../../../capabilities/claim/claim";
import type {
  KubeObject,
  OwnerReference,
  Ref,
  Secret,
} from "../../../capabilities/kubernetes/objects";
import {
  claim,
  claimResource,
  clusterResource,
  databaseOf,
  readyClaim,
  secretResource,
  untilReady,
  untilSays,
  untilValues,
} from "../claims";
import type { TestCluster } from "../cluster";
import { stories, type Scene } from "../story";

const story = stories();

type Given = {
  readonly type?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, string>>;
};

const good = { username: "orders_user", password: "first: /@?&" };

function example(file: string, namespace: string): KubeObject {
  const path = join(__dirname, "../../../examples/external-credentials", file);
  const object = parse(readFileSync(path, "utf8")) as KubeObject;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

type ExternalSecret = KubeObject & {
  readonly spec: {
    readonly target: {
      readonly template: {
        readonly type: string;
        readonly metadata: { readonly labels: Readonly<Record<string, string>> };
        readonly data: Readonly<Record<string, string>>;
      };
    };
  };
};

function given(ref: Ref, changes: Given = {}): KubeObject & { readonly stringData: object } {
  const { type = "kubernetes.io/basic-auth", labels = { "cnpg.io/reload": "true" } } = changes;
  const { values = good } = changes;
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { ...ref, labels },
    ...{ type, stringData: values },
  };
}

async function give(cluster: TestCluster, ref: Ref, changes?: Given): Promise<void> {
  await cluster.create(secretResource, given(ref, changes));
}

/** Names of a story's own: credentials, connection secret and claim. */
function namesIn({ namespace }: Scene): { credentials: Ref; secret: Ref; ref: Ref } {
  return {
    credentials: { name: "orders-credentials", namespace },
    secret: { name: "orders-postgres", namespace },
    ref: { name: "orders-db", namespace },
  };
}

function bringing(ref: Ref, spec: Claim["spec"] = {}): Claim {
  const credentials = { credentialsSecretName: "orders-credentials" };
  return claim(ref, { ...credentials, ...spec }, { name: "orders-postgres" });
}

async function hasDatabase(cluster: TestCluster, ref: Ref): Promise<boolean> {
  return (await cluster.read(clusterResource, ref)) !== undefined;
}

/** Stands for the ExternalSecret, whose kind is not served here: the Secret goes with it. */
async function owner(cluster: TestCluster, { name, namespace }: Ref): Promise<OwnerReference> {
  const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace } };
  const configMaps = { group: "", version: "v1", kind: "ConfigMap", plural: "configmaps" };
  const { metadata } = await cluster.create(configMaps, map as KubeObject);
  const { uid = "" } = metadata;
  return { apiVersion: "v1", kind: "ConfigMap", name, uid, controller: true };
}

story("the example works as typed beside a zero-touch claim, its Secret made late", async scene => {
  const { cluster, namespace } = scene;
  const wanted = example("claim.yaml", namespace) as Claim;
  const ref = { name: wanted.metadata.name, namespace };
  const credentials = { name: wanted.spec.credentialsSecretName ?? "", namespace };
  await cluster.kubectl(["apply", "-f", "-"], JSON.stringify(wanted));
  await cluster.kubectl(
    ["apply", "-f", "-"],
    JSON.stringify(example("application.yaml", namespace)),
  );
  const { message } = await untilSays(cluster, ref, "CredentialsNotFound");
  expect(message).toContain(`waiting for Secret ${namespace}/${credentials.name}`);
  await readyClaim(cluster, claim({ name: "zero-touch", namespace }, {}, { name: "zero" }));
  expect(await hasDatabase(cluster, ref)).toBe(false);

  const external = example("external-secret.yaml", namespace) as ExternalSecret;
  const { type, metadata, data } = external.spec.target.template;
  const values = { ...data, password: "from / the : store" };
  const made = given(credentials, { type, labels: metadata.labels, values });
  const ownerReferences = [await owner(cluster, credentials)];
  await cluster.create(secretResource, {
    ...made,
    metadata: { ...made.metadata, ownerReferences },
  });
  await untilReady(cluster, ref);

  const { spec } = await databaseOf(cluster, ref);
  expect(spec.bootstrap.initdb).toMatchObject({
    database: "agent_executor_db_prod",
    owner: "agent_executor",
    secret: { name: credentials.name },
  });
  expect(await untilValues(cluster, { name: "agent-executor-postgres", namespace })).toMatchObject({
    endpoint: `${ref.name}-rw.${namespace}.svc.cluster.local`,
    port: "5432",
    database: "agent_executor_db_prod",
    username: "agent_executor",
    password: "from / the : store",
  });
  const app = await cluster.read(secretResource, { name: `${ref.name}-app`, namespace });
  expect(app).toBeUndefined();
});

story("the owner is the Secret's username where the claim names none", async scene => {
  const { cluster } = scene;
  const { credentials, secret, ref } = namesIn(scene);
  await give(cluster, credentials);
  await readyClaim(cluster, bringing(ref));
  expect((await databaseOf(cluster, ref)).spec.bootstrap.initdb).toMatchObject({
    database: "orders_db",
    owner: "orders_user",
  });
  expect(await untilValues(cluster, secret)).toMatchObject({ ...good, database: "orders_db" });
});

const bad: readonly (readonly [title: string, given: Given, reason: string, message: string])[] = [
  ["of another type", { type: "Opaque" }, "CredentialsInvalid", 'is of type "Opaque"'],
  [
    "without a password",
    { values: { username: "orders_user", password: "" } },
    "CredentialsInvalid",
    "has no value in password",
  ],
  [
    "for another user",
    { values: { ...good, username: "someone" } },
    "OwnerMismatch",
    'is not "orders_user", the owner that the claim asks for',
  ],
];

for (const [title, changes, reason, message] of bad) {
  story(
    `credentials ${title} make no database, and the claim goes on when they are mended`,
    async scene => {
      const { cluster } = scene;
      const { credentials, secret, ref } = namesIn(scene);
      await give(cluster, credentials, changes);
      await cluster.create(claimResource, bringing(ref, { databaseOwner: "orders_user" }));
      expect((await untilSays(cluster, ref, reason)).message).toContain(message);
      expect(await hasDatabase(cluster, ref)).toBe(false);
      await cluster.remove(secretResource, credentials);
      await give(cluster, credentials);
      await untilReady(cluster, ref);
      expect(await untilValues(cluster, secret)).toMatchObject(good);
    },
  );
}

story(
  "a Secret without the label is found too, and the claim says that it is not followed",
  async scene => {
    const { cluster } = scene;
    const { credentials, ref } = namesIn(scene);
    await cluster.create(claimResource, bringing(ref));
    await untilSays(cluster, ref, "CredentialsNotFound");
    await give(cluster, credentials, { labels: {} });
    const { status } = await untilReady(cluster, ref);
    const ready = status?.conditions?.find(({ type }) => type === "Ready");
    expect(ready?.message).toContain('will not be followed: label it cnpg.io/reload: "true"');
    await cluster.patch(secretResource, credentials, {
      metadata: { labels: { "cnpg.io/reload": "true" } },
    });
    await cluster.eventually("the hint to go", async () => {
      const found = await cluster.read<Claim>(claimResource, ref);
      return JSON.stringify(found?.status).includes("reload") ? undefined : true;
    });
  },
);

story(
  "credentials that go, or are no longer the owner's, leave database and secret as they are",
  async scene => {
    const { cluster } = scene;
    const { credentials, secret, ref } = namesIn(scene);
    await give(cluster, credentials);
    await readyClaim(cluster, bringing(ref));
    const before = await databaseOf(cluster, ref);
    await cluster.patch(secretResource, credentials, { stringData: { username: "someone" } });
    expect((await untilSays(cluster, ref, "OwnerMismatch")).message).toContain(
      'is not "orders_user", the role of the database',
    );
    await cluster.remove(secretResource, credentials);
    await untilSays(cluster, ref, "CredentialsNotFound");
    const after = await databaseOf(cluster, ref);
    expect([after.metadata.uid, after.metadata.generation]).toEqual([
      before.metadata.uid,
      before.metadata.generation,
    ]);
    expect(await untilValues(cluster, secret)).toMatchObject(good);
    await give(cluster, credentials);
    await untilReady(cluster, ref);
  },
);

story("the module only reads what users bring", async scene => {
  const { cluster } = scene;
  const { credentials, secret, ref } = namesIn(scene);
  await give(cluster, credentials);
  const before = await cluster.read<Secret>(secretResource, credentials);
  await readyClaim(cluster, bringing(ref));
  await untilValues(cluster, secret);
  await cluster.remove(claimResource, ref);
  await cluster.eventually("the connection secret to be gone", async () =>
    (await cluster.read(secretResource, secret)) ? undefined : true,
  );
  expect(await cluster.read<Secret>(secretResource, credentials)).toEqual(before);
});

story("who may not read a Secret cannot have a claim hand it on", async scene => {
  const { cluster, namespace } = scene;
  const { credentials, ref } = namesIn(scene);
  await give(cluster, credentials);
  const rights = "--verb=get,list,create,update,patch";
  const resource = "--resource=postgresinstances.database.bizmatters.io";
  await cluster.kubectl(["create", "role", "claims", "-n", namespace, rights, resource]);
  const binding = ["create", "rolebinding", "jane", "-n", namespace, "--user=jane"];
  await cluster.kubectl([...binding, "--role=claims"]);
  const asJane = ["--as", "jane", "--as-group", "system:authenticated", "apply", "-f", "-"];
  const wanted = JSON.stringify(bringing(ref));
  await expect(cluster.kubectl(asJane, wanted)).rejects.toThrow(
    `PostgresInstance "orders-db" is refused: spec.credentialsSecretName needs the right to get Secret ${namespace}/orders-credentials, which "jane" does not have: the claim hands on what is in it; someone who may read it can ask for that`,
  );
  const one = ["--verb=get", "--resource=secrets", "--resource-name=orders-credentials"];
  await cluster.kubectl(["create", "role", "credentials", "-n", namespace, ...one]);
  const other = ["create", "rolebinding", "jane-too", "-n", namespace, "--user=jane"];
  await cluster.kubectl([...other, "--role=credentials"]);
  await cluster.eventually("jane to be allowed", async () =>
    cluster.kubectl(asJane, wanted).then(
      () => true,
      () => undefined,
    ),
  );
});
