/** A database that is put to sleep by hand is not Ready, and is again when it wakes up. */
import { claim, clusterResource, readyClaim, untilReady, untilSays, valuesOf } from "../claims";
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
