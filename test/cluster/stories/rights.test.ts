/** Nobody gets a secret further than they could carry it by hand. */
import { clusterResource, claim, claimResource, untilReady, untilValues } from "../claims";
import type { TestCluster } from "../cluster";
import { stories, type Scene } from "../story";

const story = stories();

const author = "jane";
const as = ["--as", author, "--as-group", "system:authenticated"];

/** Jane may make claims in the story's namespace, and nothing else anywhere. */
async function letJaneClaim({ cluster, namespace }: Scene): Promise<void> {
  const rights = "--verb=get,list,create,update,patch,delete";
  await cluster.kubectl([
    ...["create", "role", "claims", "-n", namespace, rights],
    "--resource=postgresinstances.database.bizmatters.io",
  ]);
  await bind(cluster, namespace, "claims");
}

async function bind(cluster: TestCluster, namespace: string, role: string): Promise<void> {
  const binding = ["create", "rolebinding", `jane-${role}`, "-n", namespace];
  await cluster.kubectl([...binding, `--role=${role}`, `--user=${author}`]);
}

async function applyAsJane(cluster: TestCluster, object: object): Promise<string> {
  return cluster.kubectl([...as, "apply", "-f", "-"], JSON.stringify(object));
}

story(
  "a ref into a namespace where the author may not write Secrets is refused, with both ways out",
  async scene => {
    const { cluster, namespace } = scene;
    const target = await scene.newNamespace();
    await letJaneClaim(scene);
    const secret = { name: "orders-postgres", namespace: target };
    const wanted = claim({ name: "orders-db", namespace }, {}, secret);
    const remedy = `let the owner of namespace ${target} grant it, or annotate the namespace with database.bizmatters.io/accept-connections-from: "${namespace}"`;
    await expect(applyAsJane(cluster, wanted)).rejects.toThrow(
      `PostgresInstance "orders-db" is refused:
  - writeConnectionSecretToRef needs the right to create Secret ${target}/orders-postgres, which "jane" does not have: ${remedy}
  - writeConnectionSecretToRef needs the right to update Secret ${target}/orders-postgres, which "jane" does not have: ${remedy}`,
    );
    expect(await cluster.list(claimResource, namespace)).toEqual([]);
  },
);

story("the right to create and update Secrets there is enough", async scene => {
  const { cluster, namespace } = scene;
  const target = await scene.newNamespace();
  await letJaneClaim(scene);
  const rights = ["--verb=create,update", "--resource=secrets"];
  await cluster.kubectl(["create", "role", "secrets", "-n", target, ...rights]);
  await bind(cluster, target, "secrets");
  const secret = { name: "orders-postgres", namespace: target };
  await applyAsJane(cluster, claim({ name: "orders-db", namespace }, {}, secret));
  expect(await untilValues(cluster, secret)).toMatchObject({ port: "5432" });
});

story("so is the namespace's owner saying so by annotation", async scene => {
  const { cluster, namespace } = scene;
  const target = await scene.newNamespace();
  await letJaneClaim(scene);
  const note = `database.bizmatters.io/accept-connections-from=team-a, ${namespace}`;
  await cluster.kubectl(["annotate", "namespace", target, note]);
  const secret = { name: "orders-postgres", namespace: target };
  await applyAsJane(cluster, claim({ name: "orders-db", namespace }, {}, secret));
  expect(await untilValues(cluster, secret)).toMatchObject({ port: "5432" });
});

story("in the claim's own namespace no right to Secrets is needed", async scene => {
  const { cluster, namespace } = scene;
  await letJaneClaim(scene);
  const ref = { name: "orders-db", namespace };
  await applyAsJane(cluster, claim(ref, {}, { name: "orders-postgres" }));
  expect(await untilValues(cluster, { name: "orders-postgres", namespace })).toMatchObject({
    username: "orders_db",
  });
});

story(
  "credentials that are there leave the namespace only by someone who may read them",
  async scene => {
    const { cluster, namespace } = scene;
    const target = await scene.newNamespace();
    await letJaneClaim(scene);
    await cluster.kubectl([
      ...["annotate", "namespace", target],
      "database.bizmatters.io/accept-connections-from=*",
    ]);
    const ref = { name: "orders-db", namespace };
    await applyAsJane(cluster, claim(ref));
    await untilReady(cluster, ref);
    const moved = claim(ref, {}, { name: "orders-postgres", namespace: target });
    await expect(applyAsJane(cluster, moved)).rejects.toThrow(
      `PostgresInstance "orders-db" is refused: writeConnectionSecretToRef needs the right to get Secret ${namespace}/orders-db-app, which "jane" does not have: they would go to Secret ${target}/orders-postgres; someone who may read them where they are can make this change`,
    );
    await cluster.kubectl(["apply", "-f", "-"], JSON.stringify(moved));
    await untilValues(cluster, { name: "orders-postgres", namespace: target });
    // What Jane changes besides is hers to change.
    await applyAsJane(cluster, claim(ref, { size: "medium" }, moved.writeConnectionSecretToRef));
    expect(await cluster.read(clusterResource, ref)).toBeDefined();
  },
);

story("nor may they be steered within it by someone who may not read them", async scene => {
  const { cluster, namespace } = scene;
  await letJaneClaim(scene);
  const ref = { name: "orders-db", namespace };
  await applyAsJane(cluster, claim(ref, {}, { name: "orders-postgres" }));
  await untilReady(cluster, ref);
  const rights = ["--verb=get", "--resource=secrets"];
  const readsOne = ["create", "role", "one", "-n", namespace, ...rights, "--resource-name=mine"];
  await cluster.kubectl(readsOne);
  await bind(cluster, namespace, "one");
  const moved = claim(ref, {}, { name: "mine" });
  await expect(applyAsJane(cluster, moved)).rejects.toThrow(
    `PostgresInstance "orders-db" is refused: writeConnectionSecretToRef needs the right to get Secret ${namespace}/orders-db-app, which "jane" does not have: they would go to Secret ${namespace}/mine; someone who may read them where they are can make this change`,
  );
  // A claim without a ref any more only loses its copy.
  await applyAsJane(cluster, claim(ref));
});
