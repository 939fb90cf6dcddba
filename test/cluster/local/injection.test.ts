/**
 * Workloads that name claims get their environment from the API server itself, with nothing of the module in their way. The webhook that
 * stands for it before Kubernetes 1.36 is called here too, by an entry of the test's own: this API server has no need of it.
 */
import type { KubeObject, Ref } from "../../../capabilities/kubernetes/objects";
import { podResource } from "../../../capabilities/operator/diagnosis/evidence";
import { injectionEntry } from "../../../capabilities/pepr/entries-beside";
import type { Webhook } from "../../../capabilities/pepr/webhook-entry";
import { exampleVariables } from "../../../local/example-application";
import { injectionManifests } from "../../../cli/injection/policy";
import { manifestsOf } from "../../../cli/manifest";
import type { TestCluster } from "../cluster";
import { namespaceResource, stories, type Scene } from "../story";

const story = stories();

const label = "database.bizmatters.io/inject";
const image = "registry.example.com/orders:1.0";

type Variable = { readonly name: string; readonly value?: string; readonly valueFrom?: unknown };
type Container = {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly Variable[];
};
type Pod = KubeObject & {
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
  };
};

/** Installs what the command line prints; `true` turns the namespace on. */
async function install({ cluster, namespace }: Scene): Promise<void> {
  const policy = manifestsOf(injectionManifests());
  await cluster.kubectl(["apply", "--server-side", "-f", "-"], policy);
  const ref = { name: namespace, namespace: "" };
  await cluster.patch(namespaceResource, ref, { metadata: { labels: { [label]: "true" } } });
}

function pod({ name, namespace }: Ref, asked: string | undefined, spec?: Pod["spec"]): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...{ name, namespace },
      ...(asked === undefined ? {} : { annotations: { [label]: asked } }),
    },
    spec: spec ?? { containers: [{ name: "orders", image }] },
  };
}

async function dryRun(cluster: TestCluster, wanted: Pod): Promise<Pod> {
  const args = ["create", "--dry-run=server", "-o", "json", "-f", "-"];
  return JSON.parse(await cluster.kubectl(args, JSON.stringify(wanted))) as Pod;
}

/** The pod as it is made. What was just applied is in force within moments. */
async function injected(cluster: TestCluster, wanted: Pod): Promise<Pod> {
  return cluster.eventually("the policy or the webhook to be in force", async () => {
    const made = await dryRun(cluster, wanted);
    return made.metadata.annotations?.["database.bizmatters.io/injected"] ? made : undefined;
  });
}

/** The entry of older clusters, for pods of this namespace alone, which does without the label so that no policy fills them. */
async function installWebhook({ cluster, namespace }: Scene, url?: string): Promise<void> {
  const args = ["get", "mutatingwebhookconfiguration", "pepr-zero-touch-postgres", "-o", "json"];
  const { apiVersion, kind, webhooks } = JSON.parse(await cluster.kubectl(args)) as {
    readonly apiVersion: string;
    readonly kind: string;
    readonly webhooks: readonly [Webhook];
  };
  const entry = injectionEntry(webhooks[0]);
  const here = { matchLabels: { "kubernetes.io/metadata.name": namespace } };
  const clientConfig = url === undefined ? entry.clientConfig : { url };
  const wanted = { ...entry, namespaceSelector: here, clientConfig };
  const metadata = { name: `injection-in-${namespace}` };
  const configuration = { apiVersion, kind, metadata, webhooks: [wanted] };
  await cluster.kubectl(["apply", "--server-side", "-f", "-"], JSON.stringify(configuration));
}

/** Nothing is left that other stories' pods could meet. */
async function removeWebhook({ cluster, namespace }: Scene): Promise<void> {
  await cluster.kubectl(["delete", "mutatingwebhookconfiguration", `injection-in-${namespace}`]);
}

function namesOf(containers: readonly Container[] = []): readonly (readonly string[])[] {
  return containers.map(({ env = [] }) => env.map(({ name }) => name));
}

function environments({ spec }: Pod): unknown {
  const { containers, initContainers = [] } = spec;
  return [...initContainers, ...containers].map(({ env }) => env);
}

story(
  "a pod that names a claim gets what examples/application.yaml writes by hand",
  async scene => {
    const { cluster, namespace } = scene;
    await install(scene);
    const made = await injected(
      cluster,
      pod({ name: "orders", namespace }, "orders=orders-postgres"),
    );
    expect(made.spec.containers[0]?.env).toEqual(exampleVariables());
  },
);

story(
  "a second claim has prefixes, initial containers are filled too, and what a container has stays its own",
  async scene => {
    const { cluster, namespace } = scene;
    await install(scene);
    const own = { name: "PGHOST", value: "elsewhere" };
    const wanted = pod({ name: "orders", namespace }, "orders, audit-db", {
      initContainers: [{ name: "migrate", image }],
      containers: [
        { name: "orders", image, env: [own] },
        { name: "sidecar", image },
      ],
    });
    const { spec } = await injected(cluster, wanted);
    const first = ["PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "DATABASE_URL"];
    const both = [...first, ...first.map(name => `AUDIT_DB_${name}`)];
    expect(namesOf(spec.initContainers)).toEqual([both]);
    expect(namesOf(spec.containers)).toEqual([[...both.slice(1), "PGHOST"], both]);
    expect(spec.containers[0]?.env?.at(-1)).toEqual(own);
    expect(spec.containers[1]?.env?.at(-1)?.valueFrom).toEqual({
      secretKeyRef: { name: "audit-db-connection", key: "uri" },
    });
  },
);

story(
  "pods that ask for nothing, and namespaces without the label, are left alone",
  async scene => {
    const { cluster, namespace } = scene;
    await install(scene);
    await injected(cluster, pod({ name: "first", namespace }, "orders"));
    const other = await scene.newNamespace();
    const pods = [
      pod({ name: "quiet", namespace }, undefined),
      pod({ name: "orders", namespace: other }, "orders"),
    ];
    for (const wanted of pods) {
      await cluster.create(podResource, wanted);
      const { name, namespace: at = "" } = wanted.metadata;
      const made = await cluster.read<Pod>(podResource, { name, namespace: at });
      expect(namesOf(made?.spec.containers)).toEqual([[]]);
    }
  },
);

story(
  "no webhook of the module is asked about pods: they roll out while it is away",
  async ({ cluster }) => {
    const found = await cluster.kubectl([
      ...["get", "mutatingwebhookconfigurations,validatingwebhookconfigurations", "-o"],
      "jsonpath={.items[*].webhooks[*].rules[*].resources[*]}",
    ]);
    expect(found).toContain("postgresinstances");
    expect(found.split(" ")).not.toContain("pods");
  },
);

/** All that a pod can ask, and what its containers may have already. */
const asking: readonly (readonly [string, Pod["spec"]])[] = [
  ["orders", { containers: [{ name: "orders", image }] }],
  [
    " orders=orders-postgres ,, audit-db,c.d,d,e,f",
    {
      initContainers: [{ name: "migrate", image, env: [{ name: "DATABASE_URL", value: "none" }] }],
      containers: [
        { name: "orders", image, env: [{ name: "PGHOST", value: "elsewhere" }] },
        { name: "sidecar", image },
      ],
    },
  ],
  ["orders,orders,x=y=z", { containers: [{ name: "orders", image, env: [] }] }],
];

story("the webhook of older clusters makes the same of a pod as the policy", async scene => {
  const { cluster, namespace } = scene;
  await install(scene);
  const other = await scene.newNamespace();
  const older = { ...scene, namespace: other };
  await installWebhook(older);
  for (const [asked, spec] of asking) {
    const name = "orders";
    const byPolicy = await injected(cluster, pod({ name, namespace }, asked, spec));
    const byWebhook = await injected(cluster, pod({ name, namespace: other }, asked, spec));
    expect(environments(byWebhook)).toEqual(environments(byPolicy));
    expect(byWebhook.metadata.annotations).toEqual(byPolicy.metadata.annotations);
  }
  await removeWebhook(older);
});

story("where nobody answers that webhook, pods are made all the same", async scene => {
  const { cluster, namespace } = scene;
  await installWebhook(scene);
  const wanted = pod({ name: "orders", namespace }, "orders");
  await injected(cluster, wanted);
  // Port 9 is for what is thrown away: nobody listens there.
  await installWebhook(scene, "https://127.0.0.1:9/mutate/nobody");
  await cluster.eventually("a pod to be made without", async () => {
    const { spec } = await dryRun(cluster, wanted);
    return spec.containers[0]?.env === undefined ? spec : undefined;
  });
  await removeWebhook(scene);
});
