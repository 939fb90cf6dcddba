/** An application that takes its connection from the secret: the one of examples/, as it stands there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { parse } from "yaml";
import type { Claim } from "../../../capabilities/claim/claim";
import { readyClaim, untilValues } from "../claims";
import type { TestCluster } from "../cluster";
import { realNodes } from "../needs";
import { stories } from "../story";

type EnvVariable = {
  readonly name: string;
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
};

type Deployment = {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly env: readonly EnvVariable[] }[] };
    };
  };
};

const story = stories();

function example(file: string): unknown {
  return parse(readFileSync(join(__dirname, "../../../examples", file), "utf8"));
}

function within<T extends { readonly metadata: object }>(object: T, namespace: string): T {
  return { ...object, metadata: { ...object.metadata, namespace } };
}

/** Beside the application's own program, which needs Node and nothing else. */
const file = "server.cjs";

/** The example's program in one file, with PostgreSQL's client in it. */
async function program(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, "../../../examples/application/server.ts")],
    ...{ bundle: true, platform: "node", target: "node20", format: "cjs", write: false },
    // A faster client in C, where somebody has installed it.
    external: ["pg-native"],
  });
  return outputFiles[0]?.text ?? "";
}

/** The module's own, since every cluster of these stories has it, and Node is in it. */
async function imageWithNode(cluster: TestCluster): Promise<string> {
  const path = "/apis/apps/v1/namespaces/pepr-system/deployments/pepr-zero-touch-postgres";
  const { body } = await cluster.ask({ method: "GET", path });
  const { spec } = body as {
    spec: { template: { spec: { containers: readonly { readonly image: string }[] } } };
  };
  return spec.template.spec.containers[0]?.image ?? "";
}

/** The example's Deployment with its program, in this namespace. */
async function deployed(cluster: TestCluster, namespace: string): Promise<object[]> {
  const { spec, ...application } = within(example("application.yaml") as Deployment, namespace);
  const { template } = spec;
  const [container] = template.spec.containers;
  const volumes = [{ name: "program", configMap: { name: "program" } }];
  const running = {
    ...container,
    image: await imageWithNode(cluster),
    command: ["node", `/program/${file}`],
    volumeMounts: [{ name: "program", mountPath: "/program" }],
    readinessProbe: { httpGet: { path: "/healthz", port: 8080 } },
  };
  const securityContext = { runAsUser: 65532, runAsNonRoot: true };
  return [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "program", namespace },
      data: { [file]: await program() },
    },
    {
      ...application,
      spec: {
        ...spec,
        template: { ...template, spec: { volumes, securityContext, containers: [running] } },
      },
    },
  ];
}

/** Writes an order, and reads what there is, by way of the API server to the only pod. */
async function orderOf(cluster: TestCluster, namespace: string, what: string): Promise<unknown> {
  const pods = ["get", "pods", "-l", "app=orders", "-n", namespace, "-o", "name"];
  const [, name = ""] = (await cluster.kubectl(pods)).trim().split("/");
  const pod = `/api/v1/namespaces/${namespace}/pods/${name}:8080/proxy/orders`;
  await cluster.kubectl(["create", "--raw", pod, "-f", "-"], what);
  return JSON.parse(await cluster.kubectl(["get", "--raw", pod]));
}

async function rollOut(cluster: TestCluster, namespace: string): Promise<void> {
  for (const object of await deployed(cluster, namespace)) {
    await cluster.kubectl(["apply", "--server-side", "-f", "-"], JSON.stringify(object));
  }
  const rollout = ["rollout", "status", "deployment/orders", "-n", namespace, "--timeout=120s"];
  await cluster.kubectl(rollout);
}

story.where(realNodes)(
  "the application rolls out, and writes and reads a row through its environment",
  async ({ cluster, namespace }) => {
    await readyClaim(cluster, within(example("claim.yaml") as Claim, namespace));
    await rollOut(cluster, namespace);
    expect(await orderOf(cluster, namespace, "two of the blue ones")).toEqual([
      { id: "1", what: "two of the blue ones" },
    ]);
  },
);

story.where(realNodes)(
  "so does one whose claim is in another namespace",
  async ({ cluster, namespace, newNamespace }) => {
    const elsewhere = await newNamespace();
    const { metadata, ...asked } = within(example("claim.yaml") as Claim, elsewhere);
    const secret = { name: "orders-postgres", namespace };
    await readyClaim(cluster, { ...asked, metadata, writeConnectionSecretToRef: secret });
    await rollOut(cluster, namespace);
    expect(await orderOf(cluster, namespace, "one more")).toEqual([{ id: "1", what: "one more" }]);
  },
);

story("every variable of the application's pods has its key in the secret", async scene => {
  const { cluster, namespace } = scene;
  const { metadata } = await readyClaim(cluster, within(example("claim.yaml") as Claim, namespace));
  const application = example("application.yaml") as Deployment;
  const variables = application.spec.template.spec.containers.flatMap(({ env }) => env);
  const refs = variables.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []);
  expect(refs.map(({ key }) => key)).toEqual(
    expect.arrayContaining(["endpoint", "port", "username", "password", "database"]),
  );
  expect(new Set(refs.map(({ name }) => name)).size).toBe(1);
  const values = await untilValues(cluster, { name: refs[0]?.name ?? "", namespace });
  expect(refs.filter(({ key }) => !values[key])).toEqual([]);
  expect(metadata.name).toBe("orders-db");
});

story("the API server takes the application, and a pod of its template", async scene => {
  const { cluster, namespace } = scene;
  const application = within(example("application.yaml") as Deployment, namespace);
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "application", namespace },
    spec: application.spec.template.spec,
  };
  // A pod needs the namespace's service account, which is made a moment after the namespace.
  await cluster.eventually("the service account of the namespace", async () => {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
    return (await cluster.ask({ method: "GET", path })).code === 200 ? true : undefined;
  });
  const create = ["create", "--dry-run=server", "--validate=strict", "-o", "name", "-f", "-"];
  const taken = await Promise.all(
    [application, pod].map(async object => cluster.kubectl(create, JSON.stringify(object))),
  );
  expect(taken.map(name => name.trim())).toEqual(["deployment.apps/orders", "pod/application"]);
});
