/**
 * examples/application, as its Deployment would run it: a process with the environment that examples/application.yaml takes from the
 * Secret, since no kubelet is here to run a pod. It writes a row and reads it.
 */
import { once } from "node:events";
import { addressIn } from "../address";
import { claim, databaseOf, readyClaim, untilValues } from "../claims";
import {
  applicationUrl,
  exampleVariables,
  startApplication,
} from "../../../local/example-application";
import { stories } from "../story";

const story = stories();

story("the example application writes and reads a row through its environment", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: "orders-postgres" }));
  const values = await untilValues(cluster, { name: "orders-postgres", namespace });
  const secrets = exampleVariables().map(({ valueFrom }) => valueFrom.secretKeyRef.name);
  expect(new Set(secrets)).toEqual(new Set(["orders-postgres"]));
  const address = addressIn(await databaseOf(cluster, ref));
  const application = startApplication(values, address);
  try {
    const url = await applicationUrl(application);
    const made = await fetch(`${url}/orders`, { method: "POST", body: "two of the blue ones" });
    expect([made.status, await made.json()]).toEqual([201, { id: "1" }]);
    const found = await fetch(`${url}/orders`);
    expect(await found.json()).toEqual([{ id: "1", what: "two of the blue ones" }]);
    const long = await fetch(`${url}/orders`, { method: "POST", body: "x".repeat(1001) });
    expect(long.status).toBe(413);
    const ended = once(application, "exit");
    application.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  } finally {
    application.kill("SIGKILL");
  }
});
