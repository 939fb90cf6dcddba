/** What the Promise promises, on a real API server: Kratix itself is not there, and played by hand. */
import { annotations } from "../../../capabilities/claim/names";
import type { KubeObject, Ref, Resource } from "../../../capabilities/kubernetes/objects";
import { promise } from "../../../cli/kratix/promise";
import { claim, claimResource, readyClaim } from "../claims";
import type { TestCluster } from "../cluster";
import { untilServed } from "../local";
import { stories } from "../story";

const story = stories();

const requestResource: Resource = {
  group: "marketplace.kratix.io",
  version: "v1",
  kind: "Postgresql",
  plural: "postgresqls",
};

/** The manifest that a GitOps agent applies. */
function manifest(ref: Ref, size: string, request?: string): string {
  const marks =
    request === undefined ? {} : { annotations: { [annotations.kratixRequest]: request } };
  return JSON.stringify({ ...claim(ref, {}), metadata: { ...ref, ...marks }, spec: { size } });
}

async function apply({ kubectl }: TestCluster, text: string): Promise<string> {
  return kubectl(["apply", "--server-side", "--field-manager=agent", "-f", "-"], text);
}

story(
  "a request never takes over the claim of another request, nor that of a person",
  async scene => {
    const { cluster, namespace } = scene;
    const [ours, hand] = ["orders-db", "hand-db"].map(name => ({ name, namespace }) as const);
    if (!ours || !hand) throw new Error("both are there");
    await apply(cluster, manifest(ours, "small", "postgresql/shop/orders-db"));
    await expect(
      apply(cluster, manifest(ours, "large", "postgresql/evil/orders-db")),
    ).rejects.toThrow('this claim is of request "postgresql/shop/orders-db"');
    await readyClaim(cluster, claim(hand));
    await expect(
      apply(cluster, manifest(hand, "large", "postgresql/shop/hand-db")),
    ).rejects.toThrow("this claim was made without a request");
    await apply(cluster, manifest(ours, "medium"));
    const found = await cluster.read<KubeObject>(claimResource, ours);
    expect(found).toMatchObject({
      metadata: { annotations: { [annotations.kratixRequest]: "postgresql/shop/orders-db" } },
      spec: { size: "medium" },
    });
  },
);

type Definition = {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly versions: readonly [
      {
        readonly schema: {
          readonly openAPIV3Schema: {
            readonly properties: { readonly spec: Readonly<Record<string, unknown>> };
          };
        };
      },
    ];
  };
};

/** As Kratix installs it: with a status that may hold anything. */
function installed(rules: "with rules" | "without rules"): object {
  const { api } = (promise("0.0.0", "image") as { spec: { api: Definition } }).spec;
  const [served] = api.spec.versions;
  const { spec } = served.schema.openAPIV3Schema.properties;
  const { "x-kubernetes-validations": checks, ...fields } = spec;
  const asked = rules === "with rules" ? { ...fields, "x-kubernetes-validations": checks } : fields;
  const status = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const openAPIV3Schema = { type: "object", properties: { spec: asked, status } };
  const version = { ...served, schema: { openAPIV3Schema }, subresources: { status: {} } };
  return { ...api, spec: { ...api.spec, versions: [version] } };
}

story(
  "a new version of the Promise refuses what breaks its rules, and leaves the requests that are there to Kratix",
  async scene => {
    const { cluster, namespace } = scene;
    const name = `${requestResource.plural}.${requestResource.group}`;
    const request = (ref: string, spec: object): KubeObject & { spec: object } => ({
      apiVersion: "marketplace.kratix.io/v1",
      kind: "Postgresql",
      metadata: { name: ref, namespace },
      spec,
    });
    await apply(cluster, JSON.stringify(installed("without rules")));
    await untilServed(cluster, name);
    const old = { name: "old-db", namespace };
    await cluster.create(requestResource, request("old-db", { database: "postgres" }));
    await apply(cluster, JSON.stringify(installed("with rules")));
    const bad = request("bad-db", { database: "template1" });
    await cluster.eventually("the new rules to be asked", async () => {
      const body = { ...bad, metadata: { ...bad.metadata, name: `bad-${Date.now()}` } };
      const path = `/apis/marketplace.kratix.io/v1/namespaces/${namespace}/postgresqls?dryRun=All`;
      const answer = await cluster.ask({ method: "POST", path, body });
      return answer.code === 422 ? true : undefined;
    });
    await expect(cluster.create(requestResource, bad)).rejects.toThrow(
      "spec.database is reserved by PostgreSQL or CloudNativePG: use another name",
    );
    // What Kratix writes to a request that the new rules would refuse.
    await cluster.patch(requestResource, old, { metadata: { labels: { "kratix.io/x": "y" } } });
    await cluster.kubectl(
      [
        "patch",
        name,
        old.name,
        "-n",
        namespace,
        "--subresource=status",
        "--type=merge",
        "-p",
      ].concat(JSON.stringify({ status: { message: "told" } })),
    );
    await cluster.create(requestResource, request("good-db", { database: "good", className: "a" }));
    const good = { name: "good-db", namespace };
    await expect(
      cluster.patch(requestResource, good, { spec: { database: "other" } }),
    ).rejects.toThrow("spec.database is immutable");
    await expect(
      cluster.patch(requestResource, good, { spec: { namespace: "other" } }),
    ).rejects.toThrow("spec.namespace is immutable");
  },
);
