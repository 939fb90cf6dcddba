/** Workloads that name claims get their environment from the API server itself, with nothing of the module in their way. */
import type { KubeObject, Ref } from "../../../capabilities/kubernetes/objects";
import { podResource } from "../../../capabilities/operator/diagnosis/evidence";
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

/** The pod as it is made. A policy that was just applied is in force within moments. */
async function injected(cluster: TestCluster, wanted: Pod): Promise<Pod> {
  return cluster.eventually("the policy to be in force", async () => {
    const made = JSON.parse(
      await cluster.kubectl(
        ["create", "--dry-run=server", "-o", "json", "-f", "-"],
        JSON.stringify(wanted),
      ),
    ) as Pod;
    return made.metadata.annotations?.["database.bizmatters.io/injected"] ? made : undefined;
  });
}

function namesOf(containers: readonly Container[] = []): readonly (readonly string[])[] {
  return containers.map(({ env = [] }) => env.map(({ name }) => name));
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
