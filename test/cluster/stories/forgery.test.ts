/** What someone without rights to a Secret may write elsewhere does not make the module do it for them. */
import type { Claim } from "../../../capabilities/claim/claim";
import type { Ref, Secret } from "../../../capabilities/kubernetes/objects";
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
import { stories, type Scene } from "../story";

const story = stories();

const forger = "mallory";

/** Mallory may do with claims whatever she likes, their status included, and nothing with Secrets. */
async function letMalloryForge({ cluster, namespace }: Scene): Promise<void> {
  await cluster.kubectl([
    ...["create", "role", "claims", "-n", namespace, "--verb=*"],
    "--resource=postgresinstances.database.bizmatters.io,postgresinstances.database.bizmatters.io/status",
  ]);
  const binding = ["create", "rolebinding", forger, "-n", namespace];
  await cluster.kubectl([...binding, "--role=claims", `--user=${forger}`]);
}

/** Has the claim's status say that the module wrote this Secret. */
async function forgeRecord(
  cluster: TestCluster,
  { name, namespace }: Ref,
  { metadata }: Secret,
): Promise<void> {
  const record = { name: metadata.name, namespace: metadata.namespace, uid: metadata.uid };
  await cluster.kubectl([
    ...["--as", forger, "patch", "pgi", name, "-n", namespace, "--subresource=status"],
    ...["--type=merge", "-p", JSON.stringify({ status: { connectionSecretRef: record } })],
  ]);
}

async function payroll(cluster: TestCluster, namespace: string, marks = {}): Promise<Secret> {
  return cluster.create<Secret>(secretResource, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "payroll", namespace, ...marks },
    type: "Opaque",
    data: { password: "dGhlaXJz" },
  });
}

/** The claim once the module has put its status right. */
async function untilRecorded(cluster: TestCluster, ref: Ref, name: string): Promise<void> {
  await cluster.eventually("the status to be put right", async () => {
    const found = await cluster.read<Claim>(claimResource, ref);
    return found?.status?.connectionSecretRef?.name === name ? true : undefined;
  });
}

story("a forged status neither removes nor changes a Secret of another namespace", async scene => {
  const { cluster, namespace } = scene;
  const theirs = await payroll(cluster, await scene.newNamespace());
  const ref = { name: "orders-db", namespace };
  await letMalloryForge(scene);
  await readyClaim(cluster, claim(ref, {}, { name: "orders-postgres" }));
  await forgeRecord(cluster, ref, theirs);
  await untilRecorded(cluster, ref, "orders-postgres");
  await forgeRecord(cluster, ref, theirs);
  await cluster.kubectl(["--as", forger, "delete", "pgi/orders-db", "-n", namespace]);
  await untilGone(cluster, claimResource, ref);
  expect(await cluster.read(secretResource, theirs.metadata as Ref)).toEqual(theirs);
});

story("a forged status does not have the Secret in the way overwritten", async scene => {
  const { cluster, namespace } = scene;
  const theirs = await payroll(cluster, namespace);
  const ref = { name: "orders-db", namespace };
  await letMalloryForge(scene);
  await cluster.create(claimResource, claim(ref, {}, { name: "payroll" }));
  await untilSays(cluster, ref, "NotOwned");
  await forgeRecord(cluster, ref, theirs);
  // By the time that a later claim is Ready this one has had its turn.
  await readyClaim(cluster, claim({ name: "later-db", namespace }));
  await untilSays(cluster, ref, "NotOwned");
  expect(await cluster.read(secretResource, theirs.metadata as Ref)).toEqual(theirs);
});

story(
  "a Secret with a claim's labels and the proof of another place is not written to",
  async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: "orders-db", namespace };
    await readyClaim(cluster, claim(ref, {}, { name: "orders-postgres" }));
    const place = { name: "orders-postgres", namespace };
    const written = await cluster.read<Secret>(secretResource, place);
    const { labels = {}, annotations = {} } = written?.metadata ?? {};
    expect(Object.keys(annotations)).toEqual(["database.bizmatters.io/proof"]);
    const theirs = await payroll(cluster, namespace, { labels, annotations });
    await cluster.patch(claimResource, ref, { writeConnectionSecretToRef: { name: "payroll" } });
    await untilSays(cluster, ref, "NotOwned");
    expect(await cluster.read(secretResource, theirs.metadata as Ref)).toEqual(theirs);
    await cluster.remove(claimResource, ref);
    await untilGone(cluster, claimResource, ref);
    await untilGone(cluster, secretResource, place);
    expect(await cluster.read(secretResource, theirs.metadata as Ref)).toEqual(theirs);
  },
);

story("a copy of a connection secret, labels, proof and all, outlives the claim", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  const place = { name: "orders-postgres", namespace: await scene.newNamespace() };
  await readyClaim(cluster, claim(ref, {}, place));
  const { metadata, ...rest } = (await cluster.read<Secret>(secretResource, place)) as Secret;
  const { labels = {}, annotations = {} } = metadata;
  const elsewhere = { name: place.name, namespace: await scene.newNamespace() };
  await cluster.create(secretResource, {
    ...rest,
    metadata: { ...elsewhere, labels, annotations },
  });
  await cluster.remove(claimResource, ref);
  await untilGone(cluster, secretResource, place);
  await untilGone(cluster, claimResource, ref);
  expect(await cluster.read(secretResource, elsewhere)).toBeDefined();
});

story("a proof or labels that were taken off are put back", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  const place = { name: "orders-postgres", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: place.name }));
  const marksOf = async (): Promise<object> => {
    const { labels, annotations } = (await cluster.read(secretResource, place))?.metadata ?? {};
    return { labels, annotations };
  };
  const before = await marksOf();
  for (const field of ["labels", "annotations"]) {
    await cluster.patch(secretResource, place, { metadata: { [field]: null } });
    await cluster.eventually(`the ${field} to be put back`, async () =>
      JSON.stringify(await marksOf()) === JSON.stringify(before) ? true : undefined,
    );
  }
  await untilReady(cluster, ref);
  await untilValues(cluster, place);
});
