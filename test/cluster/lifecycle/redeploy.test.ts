/** One build of the module takes the place of another while claims are made: none is refused, and nothing is made anew. */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { RunningModule } from "../../../local/module";
import { removeFolder } from "../../../local/processes";
import { claim, readyClaim } from "../claims";
import { moduleName } from "../cluster";
import { installOperatorDefinitions, startLocalCluster, type LocalCluster } from "../local";
import { storiesOn } from "../story";
import { buildCopy } from "./builds";
import { auditMark, everythingIn, writesSince } from "./audit";
import { callWhile } from "./calls";

const startTime = 240_000;
const checkout = join(__dirname, "..", "..", "..");

let cluster: LocalCluster;
let running: RunningModule;
let other: string;

const story = storiesOn(() => cluster);

beforeAll(async () => {
  cluster = await startLocalCluster();
  await installOperatorDefinitions(cluster);
  [running] = await Promise.all([cluster.startModule(), cluster.startStandIn("--no-postgres")]);
  other = await buildCopy();
}, startTime);

afterAll(async () => {
  await cluster.stop();
  removeFolder(other);
}, startTime);

/** Enough that a gap of half a second would be seen. */
const fewestCalls = 200;

story("no call fails while the admission pods are replaced one by one", async ({ namespace }) => {
  const calls = await callWhile(cluster, namespace, async () => running.restart("admission"));
  expect(calls.failures).toEqual([]);
  expect(calls.made).toBeGreaterThan(fewestCalls);
});

story("no call fails while another build is deployed, and then the first again", async scene => {
  const { namespace, newNamespace } = scene;
  const settled = { name: "settled-db", namespace: await newNamespace() };
  await readyClaim(cluster, claim(settled, {}, { name: "settled-pg" }));
  const before = await everythingIn(cluster, settled.namespace);
  const mark = await auditMark(cluster);
  for (const build of [other, checkout]) {
    const calls = await callWhile(cluster, namespace, async () => running.redeploy(build));
    expect(calls.failures).toEqual([]);
    expect(calls.made).toBeGreaterThan(fewestCalls);
  }
  // By the time that a claim which came last is Ready, those that were there have had their turn.
  const last = { name: "last-db", namespace: await newNamespace() };
  await readyClaim(cluster, claim(last, {}, { name: "last-pg" }));
  expect(await everythingIn(cluster, settled.namespace)).toEqual(before);
  const deeds = await writesSince(cluster, mark);
  expect(deeds.filter(({ path }) => path.includes(settled.namespace))).toEqual([]);
});

story("webhook configurations that are replaced as a whole are mended", async ({ namespace }) => {
  const kind = "mutatingwebhookconfiguration";
  const [generated, ...more] = JSON.parse(
    await cluster.kubectl(["get", kind, moduleName, "-o", "jsonpath={.webhooks}"]),
  ) as { name: string; objectSelector: object }[];
  expect(more.map(({ name }) => name)).toEqual(["admission.database.bizmatters.io"]);
  const patch = [
    { op: "replace", path: "/webhooks", value: [{ ...generated, objectSelector: {} }] },
  ];
  await cluster.kubectl(["patch", kind, moduleName, "--type=json", "-p", JSON.stringify(patch)]);
  await cluster.eventually("our entry to be there again", async () => {
    const args = ["get", kind, moduleName, "-o", "jsonpath={.webhooks[*].name}"];
    const names = await cluster.kubectl(args);
    return names.includes("admission.database.bizmatters.io") ? true : undefined;
  });
  const calls = await callWhile(cluster, namespace, async () => pause(2000));
  expect(calls.failures).toEqual([]);
});
