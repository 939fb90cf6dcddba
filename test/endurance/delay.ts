/** Whether claims wait for one that always fails. */
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { Claim } from "../../capabilities/claim/claim";
import { claim, claimResource, readyOf } from "../cluster/claims";
import { makeNamespace } from "../cluster/story";
import { removeClaims, sideBySide } from "./claims";
import type { Rig } from "./rig";

const betweenLooks = 20;
const kind = "validatingwebhookconfiguration";
const name = "never-answers";

/** ms from a claim's creation to Ready, the median and the longest. */
export type Times = { readonly p50: number; readonly slowest: number };

/** Without and with one claim whose every write to its Cluster hangs for 10 s and is then refused. */
export async function besideAFailingClaim(
  rig: Rig,
  count: number,
): Promise<{ readonly alone: Times; readonly beside: Times }> {
  const alone = await timesToReady(rig, "alone", count);
  const server = await hangWrites(rig, "failing");
  const { cluster } = rig;
  await makeNamespace(cluster, "failing");
  await cluster.create(claimResource, claim({ name: "failing-db", namespace: "failing" }));
  const beside = await timesToReady(rig, "beside", count);
  await cluster.kubectl(["delete", kind, name]);
  server.close();
  await removeClaims(rig, "failing");
  return { alone, beside };
}

/** One after the other, so that each time is that of a single claim. */
async function timesToReady(
  { cluster, ...rest }: Rig,
  namespace: string,
  count: number,
): Promise<Times> {
  await makeNamespace(cluster, namespace);
  const times: number[] = [];
  const names = Array.from({ length: count }, (_, index) => `claim-${index}`);
  await sideBySide(names, async one => {
    const begun = performance.now();
    const ref = { name: one, namespace };
    await cluster.create(claimResource, claim(ref, {}, { name: `${one}-pg` }));
    const isReady = async (): Promise<boolean> => {
      const found = await cluster.read<Claim>(claimResource, ref);
      return found !== undefined && readyOf(found)?.status === "True";
    };
    while (!(await isReady())) await pause(betweenLooks);
    times.push(performance.now() - begun);
  });
  await removeClaims({ cluster, ...rest }, namespace);
  times.sort((a, b) => a - b);
  return { p50: times[Math.floor(times.length / 2)] ?? NaN, slowest: times.at(-1) ?? NaN };
}

/** A webhook that takes connections and says nothing, for Clusters of this namespace. */
async function hangWrites({ cluster }: Rig, namespace: string): Promise<Server> {
  const server = createServer(socket => socket.on("error", () => undefined));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const webhook = {
    name: "never-answers.test.example",
    clientConfig: { url: `https://127.0.0.1:${address.port}/` },
    rules: [
      {
        apiGroups: ["postgresql.cnpg.io"],
        apiVersions: ["*"],
        resources: ["clusters"],
        operations: ["CREATE", "UPDATE"],
      },
    ],
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    timeoutSeconds: 10,
    failurePolicy: "Fail",
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
  };
  const configuration = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name },
    webhooks: [webhook],
  };
  await cluster.kubectl(["create", "-f", "-"], JSON.stringify(configuration));
  return server;
}
