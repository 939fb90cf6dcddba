/** Where the connection secret goes: nowhere, here, elsewhere, somewhere else from now on. */
import type { Claim, ClaimSpec } from "../../../capabilities/claim/claim";
import {
  claim,
  claimResource,
  databaseOf,
  readyClaim,
  secretResource,
  untilGone,
  untilReady,
  untilSays,
  untilValues,
  valuesOf,
} from "../claims";
import { makeNamespace, stories } from "../story";

const story = stories();

story(
  "without a ref there is no further secret: the operator's own is the one to bind to",
  async scene => {
    const { cluster, namespace } = scene;
    const { status, metadata } = await readyClaim(cluster, claim({ name: "orders-db", namespace }));
    expect(status?.binding).toEqual({ name: "orders-db-app" });
    expect(status?.connectionSecretRef).toBeUndefined();
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({
        type: "ConnectionSecretReady",
        status: "True",
        reason: "SecretNotRequested",
        message: `credentials are in Secret ${namespace}/orders-db-app`,
      }),
    );
    expect(metadata.finalizers ?? []).toEqual([]);
    const secrets = await cluster.list(secretResource, namespace);
    const names = secrets.map(secret => secret.metadata.name);
    expect(names.filter(name => !name.startsWith("orders-db-"))).toEqual([]);
  },
);

const forms: readonly { form: string; spec: ClaimSpec }[] = [
  { form: "spec.connectionSecretName", spec: { connectionSecretName: "orders-postgres" } },
  {
    form: "spec.writeConnectionSecretToRef",
    spec: { writeConnectionSecretToRef: { name: "orders-postgres" } },
  },
];

for (const { form, spec } of forms) {
  story(`${form} names a secret in the claim's own namespace`, async ({ cluster, namespace }) => {
    const { status } = await readyClaim(cluster, claim({ name: "orders-db", namespace }, spec));
    expect(status?.connectionSecretRef).toMatchObject({ name: "orders-postgres", namespace });
    expect(status?.binding).toEqual({ name: "orders-postgres" });
    const values = await valuesOf(cluster, { name: "orders-postgres", namespace });
    expect(values).toMatchObject({ username: "orders_db" });
  });
}

story(
  "the secret can go to another namespace; bound to is what is in the claim's own",
  async scene => {
    const { cluster, namespace } = scene;
    const target = await scene.newNamespace();
    const ref = { name: "orders-postgres", namespace: target };
    const { status } = await readyClaim(cluster, claim({ name: "orders-db", namespace }, {}, ref));
    expect(status?.connectionSecretRef).toMatchObject(ref);
    expect(status?.binding).toEqual({ name: "orders-db-app" });
    expect(await valuesOf(cluster, ref)).toMatchObject({
      endpoint: `orders-db-rw.${namespace}.svc.cluster.local`,
      username: "orders_db",
    });
    expect(await valuesOf(cluster, { ...ref, namespace })).toBeUndefined();
  },
);

story("a namespace that is not there is told, and the claim goes on once it comes", async scene => {
  const { cluster, namespace } = scene;
  const target = scene.unusedNamespace();
  const ref = { name: "orders-postgres", namespace: target };
  await cluster.create(claimResource, claim({ name: "orders-db", namespace }, {}, ref));
  const { message } = await untilSays(
    cluster,
    { name: "orders-db", namespace },
    "NamespaceNotFound",
  );
  expect(message).toBe(
    `namespace ${target} for the connection secret is not there: create it, or ask for another; the claim goes on by itself`,
  );
  await databaseOf(cluster, { name: "orders-db", namespace });
  await makeNamespace(cluster, target);
  await untilReady(cluster, { name: "orders-db", namespace });
  expect(await valuesOf(cluster, ref)).toMatchObject({ username: "orders_db" });
});

story(
  "a moved ref takes the secret with it, to another name and to another namespace",
  async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: "orders-db", namespace };
    await readyClaim(cluster, claim(ref, {}, { name: "first" }));
    const first = await untilValues(cluster, { name: "first", namespace });

    await cluster.patch(claimResource, ref, { writeConnectionSecretToRef: { name: "second" } });
    expect(await untilValues(cluster, { name: "second", namespace })).toEqual(first);
    await untilGone(cluster, secretResource, { name: "first", namespace });

    const target = await scene.newNamespace();
    const third = { name: "third", namespace: target };
    await cluster.patch(claimResource, ref, { writeConnectionSecretToRef: third });
    expect(await untilValues(cluster, third)).toEqual(first);
    await untilGone(cluster, secretResource, { name: "second", namespace });
    const { status } = await untilReady(cluster, ref);
    expect(status?.connectionSecretRef).toMatchObject(third);
    expect(status?.binding).toEqual({ name: "orders-db-app" });
  },
);

story(
  "a ref that is moved to where nothing can be written keeps the old secret until then",
  async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: "orders-db", namespace };
    await readyClaim(cluster, claim(ref, {}, { name: "first" }));
    const target = scene.unusedNamespace();
    const second = { name: "second", namespace: target };
    await cluster.patch(claimResource, ref, { writeConnectionSecretToRef: second });
    await untilSays(cluster, ref, "NamespaceNotFound");
    expect(await valuesOf(cluster, { name: "first", namespace })).toMatchObject({ port: "5432" });
    await makeNamespace(cluster, target);
    await untilValues(cluster, second);
    await untilGone(cluster, secretResource, { name: "first", namespace });
  },
);

story("a ref that is taken away takes its secret with it", async ({ cluster, namespace }) => {
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: "orders-postgres" }));
  await cluster.patch(claimResource, ref, { writeConnectionSecretToRef: null });
  await untilGone(cluster, secretResource, { name: "orders-postgres", namespace });
  const { status } = await untilReady(cluster, ref);
  expect(status?.connectionSecretRef).toBeUndefined();
  expect(status?.binding).toEqual({ name: "orders-db-app" });
});

story(
  "a target namespace that goes away under a Ready claim is told, and written to again",
  async scene => {
    const { cluster, namespace } = scene;
    const target = await scene.newNamespace();
    const ref = { name: "orders-db", namespace };
    const secret = { name: "orders-postgres", namespace: target };
    await readyClaim(cluster, claim(ref, {}, secret));
    await cluster.kubectl(["delete", "namespace", target]);
    await untilSays(cluster, ref, "NamespaceNotFound");
    await makeNamespace(cluster, target);
    await untilReady(cluster, ref);
    expect(await valuesOf(cluster, secret)).toMatchObject({ username: "orders_db" });
  },
);

story(
  "a claim applied by Argo CD or Flux stays as it was applied",
  async ({ cluster, namespace }) => {
    const ref = { name: "orders-db", namespace };
    const file = JSON.stringify(claim(ref, { size: "small" }, { name: "orders-postgres" }));
    const apply = async (text: string): Promise<string> =>
      cluster.kubectl(["apply", "--server-side", "--field-manager=flux", "-f", "-"], text);
    await apply(file);
    await untilReady(cluster, ref);
    const settled = await cluster.read<Claim>(claimResource, ref);
    await apply(file);
    expect(await cluster.read<Claim>(claimResource, ref)).toEqual(settled);
    await apply(JSON.stringify(claim(ref, { size: "small" })));
    await untilGone(cluster, secretResource, { name: "orders-postgres", namespace });
  },
);
