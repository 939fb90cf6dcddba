/**
 * The same stories over every operator, each played by its stand-in: an application cannot tell which one serves it. What differs is in
 * the rows of `operators.ts`.
 */
import type { Claim } from "../../../capabilities/claim/claim";
import type { KubeObject, Ref } from "../../../capabilities/kubernetes/objects";
import { addressIn } from "../address";
import {
  claim,
  claimResource,
  readyClaim,
  secretResource,
  untilGone,
  untilReady,
  untilSays,
  untilValues,
} from "../claims";
import type { TestCluster } from "../cluster";
import { lastValue } from "../last-value";
import { operatorRows, zalandoRow, type OperatorRow } from "../operators";
import { stories, type Scene } from "../story";
import { whoAmI } from "../who-am-i";

const story = stories();

const connection = "orders-postgres";

type Made = { readonly ref: Ref; readonly object: Ref; readonly claim: Claim };

async function ordersDb(
  { operator, classSpec, objectName }: OperatorRow,
  scene: Scene,
): Promise<Made> {
  const { cluster, namespace } = scene;
  const className = await scene.newClass(classSpec);
  const ref = { name: "orders-db", namespace };
  const made = await readyClaim(cluster, claim(ref, { className }, { name: connection }));
  const object = { name: objectName("orders-db"), namespace };
  expect(await cluster.read(operator.objects.resource, object)).toBeDefined();
  return { ref, object, claim: made };
}

/** The values that an application has, with the place at which the stand-in listens in place of the Service's name. */
async function loginOf(
  { operator }: OperatorRow,
  cluster: TestCluster,
  object: Ref,
): Promise<{ readonly host: string; readonly port: number }> {
  return addressIn(await cluster.read<KubeObject>(operator.objects.resource, object));
}

for (const row of operatorRows) {
  const { operator, secretName, service, furtherKeys, drift, refused } = row;

  story(`${operator.title}: a claim becomes Ready, and its Secret logs in`, async scene => {
    const { cluster, namespace } = scene;
    const made = await ordersDb(row, scene);
    const endpoint = `${service}.${namespace}.svc.cluster.local`;
    expect(made.claim.status).toMatchObject({ phase: "Ready", endpoint, readyInstances: 1 });
    const values = await untilValues(cluster, { name: connection, namespace }, found =>
      furtherKeys.every(key => key in found),
    );
    const { username = "", password = "", database = "" } = values;
    expect(values).toEqual({
      endpoint,
      host: endpoint,
      port: "5432",
      username: "orders_db",
      password,
      database: "orders_db",
      type: "postgresql",
      provider: operator.provider,
      uri: `postgresql://orders_db:${password}@${endpoint}:5432/orders_db`,
      "jdbc-uri": `jdbc:postgresql://${endpoint}:5432/orders_db?user=orders_db&password=${password}`,
      ...Object.fromEntries(furtherKeys.map(key => [key, values[key]])),
    });
    const login = { ...(await loginOf(row, cluster, made.object)), user: username, password };
    expect(await whoAmI({ ...login, database })).toEqual({ user: username, database });
  });

  story(`${operator.title}: a password that changes is followed, and logs in`, async scene => {
    const { cluster, namespace } = scene;
    const { object } = await ordersDb(row, scene);
    const password = "another-password";
    const own = { name: secretName, namespace };
    await cluster.patch(secretResource, own, { stringData: { password } });
    const { username: user, database } = await untilValues(
      cluster,
      { name: connection, namespace },
      found => found["password"] === password,
    );
    const address = await loginOf(row, cluster, object);
    const found = await cluster.eventually("the new password to log in", async () =>
      whoAmI({ ...address, user, password, database }).catch(() => undefined),
    );
    expect(found).toEqual({ user, database });
  });

  story(`${operator.title}: its Secret that is removed is made again and followed`, async scene => {
    const { cluster, namespace } = scene;
    await ordersDb(row, scene);
    const own = { name: secretName, namespace };
    const target = { name: connection, namespace };
    const before = await untilValues(cluster, target);
    await cluster.remove(secretResource, own);
    const made = await untilValues(cluster, own, found => found["password"] !== before["password"]);
    await untilValues(cluster, target, found => found["password"] === made["password"]);
  });

  story(`${operator.title}: what is changed by hand is put right`, async scene => {
    const { cluster } = scene;
    const { object, ref } = await ordersDb(row, scene);
    await cluster.patch(operator.objects.resource, object, drift.byHand);
    await cluster.eventually("the object to be as the claim asks for it", async () => {
      const found = await cluster.read(operator.objects.resource, object);
      return found && holds(found, drift.asAsked) ? found : undefined;
    });
    await untilReady(cluster, ref);
  });

  story(
    `${operator.title}: a larger claim is followed, and Ready for what it asks`,
    async scene => {
      const { cluster } = scene;
      const { ref } = await ordersDb(row, scene);
      await cluster.patch(claimResource, ref, { spec: { instances: 2, size: "medium" } });
      const { status, metadata } = await untilReady(cluster, ref);
      expect(status).toMatchObject({ instances: 2, readyInstances: 2 });
      expect(status?.observedGeneration).toBe(metadata.generation);
    },
  );

  story(
    `${operator.title}: what has the object's name and is another's is left alone`,
    async scene => {
      const { cluster, namespace } = scene;
      const className = await scene.newClass(row.classSpec);
      const other = await ordersDb(row, { ...scene, namespace: await scene.newNamespace() });
      const found = await cluster.read<KubeObject>(operator.objects.resource, other.object);
      const { name } = other.object;
      const foreign = { ...found, metadata: { name, namespace } } as KubeObject;
      await cluster.create(operator.objects.resource, foreign);
      await cluster.create(claimResource, claim({ name: "orders-db", namespace }, { className }));
      await untilSays(cluster, { name: "orders-db", namespace }, "NotOwned");
      const left = await cluster.read<KubeObject>(operator.objects.resource, { name, namespace });
      expect(left?.metadata.ownerReferences).toBeUndefined();
    },
  );

  story(
    `${operator.title}: with its claim go the object and the connection secret`,
    async scene => {
      const { cluster, namespace } = scene;
      const { ref, object } = await ordersDb(row, scene);
      await cluster.remove(claimResource, ref);
      await untilGone(cluster, secretResource, { name: connection, namespace });
      await cluster.eventually("the operator's object to be gone", async () =>
        (await cluster.read(operator.objects.resource, object)) ? undefined : true,
      );
    },
  );

  story(`${operator.title}: a claim made again gets a database of its own`, async scene => {
    const { cluster, namespace } = scene;
    const { ref, claim: first } = await ordersDb(row, scene);
    const target = { name: connection, namespace };
    const before = await untilValues(cluster, target);
    await cluster.remove(claimResource, ref);
    await untilGone(cluster, claimResource, ref);
    const { className } = first.spec;
    await readyClaim(
      cluster,
      claim(ref, { ...(className ? { className } : {}) }, { name: connection }),
    );
    const after = await untilValues(cluster, target, found => found["password"] !== undefined);
    expect(after["password"]).not.toBe(before["password"]);
  });

  story(
    `${operator.title}: a database that outlives its claim is taken over, rows and all`,
    async scene => {
      const { cluster, namespace } = scene;
      const { ref, object, claim: first } = await ordersDb(row, scene);
      await cluster.patch(claimResource, ref, { spec: { deletionPolicy: "Retain" } });
      const { uid = "" } = await cluster.eventually("the object to have no owner", async () => {
        const found = await cluster.read<KubeObject>(operator.objects.resource, object);
        return found?.metadata.ownerReferences === undefined ? found?.metadata : undefined;
      });
      const target = { name: connection, namespace };
      const askFor = async (...statements: readonly string[]): Promise<unknown> => {
        const { username: user, password, database } = await untilValues(cluster, target);
        return lastValue(
          { ...(await loginOf(row, cluster, object)), user, password, database },
          statements,
        );
      };
      await askFor(
        "create table orders (what text)",
        "insert into orders values ('two of the blue ones')",
      );
      await cluster.kubectl(["delete", "pgi/orders-db", "-n", namespace, "--cascade=foreground"]);
      await untilGone(cluster, claimResource, ref);
      const { className } = first.spec;
      const next = claim(ref, { ...(className ? { className } : {}) }, { name: connection });
      const annotations = { "database.bizmatters.io/adopt": uid };
      await readyClaim(cluster, { ...next, metadata: { ...next.metadata, annotations } });
      expect(await askFor("select what from orders")).toBe("two of the blue ones");
      const found = await cluster.read<KubeObject>(operator.objects.resource, object);
      expect(found?.metadata.uid).toBe(uid);
    },
  );

  for (const [field, spec] of refused) {
    story(`${operator.title}: ${field} is refused, and the operator named`, async scene => {
      const { cluster, namespace } = scene;
      const className = await scene.newClass(row.classSpec);
      const asked = claim({ name: "orders-db", namespace }, { ...spec, className });
      const answer = cluster.kubectl(["create", "-f", "-"], JSON.stringify(asked));
      await expect(answer).rejects.toThrow(new RegExp(`${field} .*(Zalando|CloudNativePG)`));
    });
  }
}

story("a class keeps its operator, also where the webhook is away", async scene => {
  const { cluster } = scene;
  const name = await scene.newClass({ backend: "cnpg" });
  const patch = JSON.stringify({ spec: { backend: "zalando", zalando: { teamId: "shop" } } });
  const args = ["patch", "postgresclass", name, "--type", "merge", "-p", patch];
  await expect(cluster.kubectl(args)).rejects.toThrow(/spec.backend/);
});

story(
  "Zalando's operator: a version that goes up is refused, since nobody would know",
  async scene => {
    const { ref } = await ordersDb(zalandoRow, scene);
    const patch = JSON.stringify({ spec: { version: "17" } });
    const args = ["patch", "pgi", ref.name, "-n", ref.namespace, "--type", "merge", "-p", patch];
    await expect(scene.cluster.kubectl(args)).rejects.toThrow(
      /spec.version was "16" and cannot become "17"/,
    );
  },
);

story("Zalando's operator: what it could not do is told in its words", async scene => {
  const { cluster } = scene;
  const { object, ref } = await ordersDb(zalandoRow, scene);
  const mark = "stand-in.zero-touch-postgres/fails-sync";
  const annotate = async (value: string | null): Promise<unknown> =>
    cluster.patch(zalandoRow.operator.objects.resource, object, {
      metadata: { annotations: { [mark]: value } },
    });
  await annotate("could not create secret for user orders_db");
  const { message } = await untilSays(cluster, ref, "OperatorFailed");
  expect(message).toContain(
    "SyncFailed: could not sync cluster: could not create secret for user orders_db",
  );
  await annotate(null);
  await untilReady(cluster, ref);
});

/** Whether the object has these values. */
function holds(object: unknown, wanted: unknown): boolean {
  try {
    expect(object).toMatchObject(wanted as object);
    return true;
  } catch {
    return false;
  }
}
