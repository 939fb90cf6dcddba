/**
 * examples/application, as its Deployment would run it: a process with the environment that examples/application.yaml takes from the
 * Secret, since no kubelet is here to run a pod. It writes a row and reads it.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { addressIn } from "../address";
import { claim, databaseOf, readyClaim, untilValues } from "../claims";
import { exampleEnvironment, exampleVariables } from "../example-application";
import { stories } from "../story";

const story = stories();
const project = resolve(__dirname, "../../..");

/** The port that the program says it listens on. Throws what it says otherwise. */
async function portOf({ stdout, stderr }: ChildProcess): Promise<string> {
  if (!stdout || !stderr) throw new Error("the process has no streams");
  let said = "";
  stderr.on("data", (text: Buffer) => (said += text.toString()));
  for await (const line of createInterface({ input: stdout })) {
    const [, port] = /^listens on port (\d+)$/.exec(line) ?? [];
    if (port !== undefined) return port;
  }
  throw new Error(`the application ended: ${said}`);
}

story("the example application writes and reads a row through its environment", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref, {}, { name: "orders-postgres" }));
  const values = await untilValues(cluster, { name: "orders-postgres", namespace });
  const secrets = exampleVariables().map(({ valueFrom }) => valueFrom.secretKeyRef.name);
  expect(new Set(secrets)).toEqual(new Set(["orders-postgres"]));
  const { host, port } = addressIn(await databaseOf(cluster, ref));
  const env = {
    ...{ PATH: process.env["PATH"], PORT: "0" },
    ...exampleEnvironment(values),
    // The Service's name resolves to nothing here.
    ...{ PGHOST: host, PGPORT: String(port) },
  };
  const words = ["--import", "tsx", "examples/application/server.ts"];
  const application = spawn(process.execPath, words, { cwd: project, env });
  try {
    const url = `http://127.0.0.1:${await portOf(application)}`;
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
