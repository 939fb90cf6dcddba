/** A full life of claims at Pepr's most talkative levels, and then a search for their passwords in all that was said. */
import { readFile } from "node:fs/promises";
import { Agent, request } from "undici";
import type { Ref, Secret } from "../../../capabilities/kubernetes/objects";
import type { RunningModule } from "../../../local/module";
import {
  claim,
  claimResource,
  clusterResource,
  readyClaim,
  secretResource,
  untilGone,
  untilReady,
  untilSays,
  untilSpec,
  untilValues,
  valuesOf,
} from "../claims";
import { moduleName } from "../cluster";
import { installOperatorDefinitions, startLocalCluster, type LocalCluster } from "../local";
import { storiesOn, type Scene } from "../story";

const startTime = 180_000;

let cluster: LocalCluster;
let running: RunningModule;

const story = storiesOn(() => cluster);

beforeAll(async () => {
  cluster = await startLocalCluster();
  await installOperatorDefinitions(cluster);
  await cluster.startStandIn();
}, startTime);

afterAll(async () => {
  await cluster.stop();
}, startTime);

/** Not what anything else would be called, and unlike itself in a URI. */
const known = ["Geheim@1/known?", "Geheim 2:ünïcode&", "Geheim#3 applied%"];

const name = "orders-db";

/** Sets the password by hand, and gives all that the connection secret then holds. */
async function rotate(own: Ref, secret: Ref, password: string): Promise<readonly string[]> {
  await cluster.patch(secretResource, own, { stringData: { password } });
  return Object.values(await untilValues(cluster, secret, found => found["password"] === password));
}

/** A claim with a Secret of its own that came by `kubectl apply`, which writes all of it into an annotation too. */
async function bring(namespace: string): Promise<readonly string[]> {
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: "brought-credentials",
      namespace,
      labels: { "cnpg.io/reload": "true" },
    },
    type: "kubernetes.io/basic-auth",
    stringData: { username: "brought", password: known[2] ?? "" },
  };
  const applied = JSON.stringify({ ...secret, data: encoded(secret.stringData) });
  const annotations = { "kubectl.kubernetes.io/last-applied-configuration": applied };
  await cluster.create(secretResource, {
    ...secret,
    metadata: { ...secret.metadata, annotations },
  });
  const ref = { name: "brought-db", namespace };
  const credentialsSecretName = secret.metadata.name;
  await readyClaim(cluster, claim(ref, { credentialsSecretName }, { name: "brought" }));
  return Object.values((await valuesOf(cluster, { name: "brought", namespace })) ?? {});
}

function encoded(values: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = Object.entries(values);
  return Object.fromEntries(
    pairs.map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
  );
}

/** Everything that happens to a claim: gives what nobody may say, and the answers that were no. */
async function live(scene: Scene): Promise<{ secrets: string[]; answers: string[] }> {
  const { namespace } = scene;
  const ref = { name, namespace };
  const own = { name: `${name}-app`, namespace };
  const first = { name: "first", namespace };
  const second = { name: "second", namespace: await scene.newNamespace() };
  const brought = await bring(namespace);
  await readyClaim(cluster, claim(ref, {}, { name: "first" }));
  const made = Object.values((await valuesOf(cluster, first)) ?? {});
  const rotated = await rotate(own, first, known[0] ?? "");
  await cluster.patch(clusterResource, ref, { spec: { instances: 9 } });
  await untilSpec(cluster, ref, ({ instances }) => instances === 1);
  await cluster.patch(secretResource, first, { data: { password: null, uri: null } });
  await untilValues(cluster, first, values => values["uri"] !== undefined);
  await cluster.patch(claimResource, ref, { writeConnectionSecretToRef: second });
  await untilValues(cluster, second);
  await running.kill(`${moduleName}-watcher-0`);
  const again = await rotate(own, second, known[1] ?? "");
  const answers = await refusals(ref, second);
  await untilReady(cluster, ref);
  return { secrets: [...brought, ...made, ...rotated, ...again], answers };
}

/** What is refused by the webhook, and what the claim is told when someone's Secret is in the way. */
async function refusals(ref: Ref, home: Ref): Promise<string[]> {
  const refused = await cluster
    .patch(claimResource, ref, { spec: { storageGB: 1, databaseOwner: "postgres" } })
    .catch(String);
  const theirs: Secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "theirs", namespace: home.namespace },
    data: { password: Buffer.from(known[0] ?? "").toString("base64") },
  };
  await cluster.create(secretResource, theirs);
  const there = { name: "theirs", namespace: home.namespace };
  await cluster.patch(claimResource, ref, { writeConnectionSecretToRef: there });
  const { message } = await untilSays(cluster, ref, "NotOwned");
  await cluster.patch(claimResource, ref, { writeConnectionSecretToRef: home });
  return [String(refused), message];
}

/** A secret in all forms in which it could be written somewhere. Short and common values say nothing. */
function formsOf(secret: string): readonly string[] {
  const isTelling = known.some(word => secret.includes(word)) || secret.length >= passwordLength;
  if (!isTelling || secret.endsWith(".svc.cluster.local")) return [];
  const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
  return [...forms, ...forms.map(form => Buffer.from(form).toString("base64"))];
}

/** The stand-in's passwords are as long as CNPG's. */
const passwordLength = 32;

async function metrics(): Promise<string> {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  const told = running.pods.map(async pod => {
    const { body } = await request(pod.metrics ?? "", { dispatcher });
    return body.text();
  });
  const texts = await Promise.all(told);
  await dispatcher.close();
  return texts.join("\n");
}

/** All that anyone without a right to Secrets may come to see, by where it is. */
async function sayings(answers: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const shown = async (kind: string): Promise<string> =>
    cluster.kubectl(["get", kind, "-A", "-o", "json", "--show-managed-fields"]);
  return {
    log: await cluster.moduleLog(),
    events: await shown("events"),
    claims: await shown("pgi"),
    clusters: await shown("clusters.postgresql.cnpg.io"),
    namespaces: await shown("namespaces"),
    metrics: await metrics(),
    audit: await readFile(cluster.access.auditLog ?? "", "utf8"),
    answers: answers.join("\n"),
  };
}

for (const level of ["debug", "trace"]) {
  story(`at level ${level} no password is said anywhere`, async scene => {
    running = await cluster.startModule({ replicas: { admission: 1 }, env: { LOG_LEVEL: level } });
    try {
      const { secrets, answers } = await live(scene);
      const before = await sayings(answers);
      const ref = { name, namespace: scene.namespace };
      await cluster.remove(claimResource, ref);
      await untilGone(cluster, claimResource, ref);
      const after = await sayings([]);
      const needles = [...new Set(secrets.flatMap(formsOf))];
      // Passwords, URIs and their forms: of two claims.
      expect(needles.length).toBeGreaterThan(30);
      const found = [before, after].flatMap(said =>
        Object.entries(said).flatMap(([where, text]) =>
          needles.filter(needle => text.includes(needle)).map(needle => `${where}: ${needle}`),
        ),
      );
      expect(found).toEqual([]);
      expect(before["log"]).toContain('"level":20');
      expect(before["metrics"]).toContain("pepr_");
      expect(before["answers"]).toContain("is refused");
    } finally {
      await running.stop();
    }
  });
}
