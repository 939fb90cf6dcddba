/** A database that is put to sleep by hand is not Ready, and is again when it wakes up. */
import type { Claim } from "../../../capabilities/claim/claim";
import {
  claim,
  claimResource,
  clusterResource,
  readyClaim,
  untilReady,
  untilSays,
  valuesOf,
} from "../claims";
import { stories } from "../story";

const story = stories();

story("a database sleeps and wakes up by CNPG's annotation, and the claim says so", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: "orders-postgres" }));
  const hibernate = async (state: string): Promise<void> =>
    cluster.patch(clusterResource, ref, {
      metadata: { annotations: { "cnpg.io/hibernation": state } },
    });
  await hibernate("on");
  const { message } = await untilSays(cluster, ref, "Hibernated");
  expect(message).toBe("the database is hibernated by the annotation cnpg.io/hibernation");
  expect(await valuesOf(cluster, { name: "orders-postgres", namespace })).toBeDefined();
  await hibernate("off");
  await untilReady(cluster, ref);
});

story("a database sleeps and wakes up by the claim, and its Secret stays", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  const secret = { name: "orders-postgres", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: secret.name }));
  const values = await valuesOf(cluster, secret);
  const patch = ["patch", "pgi", ref.name, "-n", namespace, "--type", "merge", "-p"];
  const hibernate = async (wish: boolean): Promise<unknown> =>
    cluster.kubectl([...patch, JSON.stringify({ spec: { hibernate: wish } })]);
  await hibernate(true);
  const { message, status } = await untilSays(cluster, ref, "Hibernated");
  expect([status, message]).toEqual([
    "False",
    "the database is hibernated by spec.hibernate: set it to false to wake it up",
  ]);
  const found = await cluster.read<Claim>(claimResource, ref);
  expect(found?.status).toMatchObject({ phase: "Pending", readyInstances: 0 });
  expect(await valuesOf(cluster, secret)).toEqual(values);
  await hibernate(false);
  await untilReady(cluster, ref);
});
