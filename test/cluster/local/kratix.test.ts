/** What the Promise promises, on a real API server: Kratix itself is not there, and played by hand. */
import { annotations } from "../../../capabilities/claim/names";
import type { KubeObject, Ref, Resource } from "../../../capabilities/kubernetes/objects";
import { promise } from "../../../cli/kratix/promise";
import { healthRights } from "../../../cli/kratix/health-rights";
import {
  healthRecordResource,
  requestResource,
} from "../../../capabilities/reconcile/request-health";
import { claim, claimResource, readyClaim, untilReady } from "../claims";
import type { TestCluster } from "../cluster";
import { untilServed } from "../local";
import { clusterUnderTest, stories } from "../story";

const story = stories();

/** Of Kratix's CRD, as much as the module writes to it. */
const healthRecords = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "healthrecords.platform.kratix.io" },
  spec: {
    group: "platform.kratix.io",
    scope: "Namespaced",
    names: { kind: "HealthRecord", plural: "healthrecords", singular: "healthrecord" },
    versions: [
      {
        name: "v1alpha1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { data: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
          },
        },
      },
    ],
  },
};

const timeout = 60_000;

beforeAll(async () => {
  const cluster = clusterUnderTest();
  const definitions = [healthRecords, installed("with rules"), ...healthRights];
  for (const object of definitions) await apply(cluster, JSON.stringify(object));
  await untilServed(cluster, healthRecords.metadata.name);
  await untilServed(cluster, "postgresqls.marketplace.kratix.io");
  const account = "system:serviceaccount:pepr-system:pepr-zero-touch-postgres";
  await cluster.eventually("the module's right to be known", async () => {
    const question = [
      "auth",
      "can-i",
      "patch",
      "healthrecords.platform.kratix.io",
      "--as",
      account,
    ];
    const said = await cluster.kubectl(question).catch(String);
    return said.trim() === "yes" ? true : undefined;
  });
  await cluster.close();
}, timeout);

/** The manifest that a GitOps agent applies. */
function manifest(ref: Ref, size: string, request?: string): string {
  const marks =
    request === undefined ? {} : { annotations: { [annotations.kratixRequest]: request } };
  return JSON.stringify({ ...claim(ref, {}), metadata: { ...ref, ...marks }, spec: { size } });
}

async function apply({ kubectl }: TestCluster, text: string): Promise<string> {
  return kubectl(
    ["apply", "--server-side", "--field-manager=agent", "--force-conflicts", "-f", "-"],
    text,
  );
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

/** As Kratix installs it: with a status that may hold anything; of another group, where it is not to be the module's. */
function installed(
  rules: "with rules" | "without rules",
  group: string = requestResource.group,
): object {
  const { api } = (promise("0.0.0", "image") as { spec: { api: Definition } }).spec;
  const [served] = api.spec.versions;
  const { spec } = served.schema.openAPIV3Schema.properties;
  const { "x-kubernetes-validations": checks, ...fields } = spec;
  const asked = rules === "with rules" ? { ...fields, "x-kubernetes-validations": checks } : fields;
  const status = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const openAPIV3Schema = { type: "object", properties: { spec: asked, status } };
  const version = { ...served, schema: { openAPIV3Schema }, subresources: { status: {} } };
  const metadata = { name: `${requestResource.plural}.${group}` };
  return { ...api, metadata, spec: { ...api.spec, group, versions: [version] } };
}

story(
  "a new version of the Promise refuses what breaks its rules, and leaves the requests that are there to Kratix",
  async scene => {
    const { cluster, namespace } = scene;
    const upgraded: Resource = { ...requestResource, group: "upgraded.example" };
    const name = `${upgraded.plural}.${upgraded.group}`;
    const request = (ref: string, spec: object): KubeObject & { spec: object } => ({
      apiVersion: "upgraded.example/v1",
      kind: "Postgresql",
      metadata: { name: ref, namespace },
      spec,
    });
    await apply(cluster, JSON.stringify(installed("without rules", upgraded.group)));
    await untilServed(cluster, name);
    const old = { name: "old-db", namespace };
    await cluster.create(upgraded, request("old-db", { database: "postgres" }));
    await apply(cluster, JSON.stringify(installed("with rules", upgraded.group)));
    const bad = request("bad-db", { database: "template1" });
    await cluster.eventually("the new rules to be asked", async () => {
      const body = { ...bad, metadata: { ...bad.metadata, name: `bad-${Date.now()}` } };
      const path = `/apis/upgraded.example/v1/namespaces/${namespace}/postgresqls?dryRun=All`;
      const answer = await cluster.ask({ method: "POST", path, body });
      return answer.code === 422 ? true : undefined;
    });
    await expect(cluster.create(upgraded, bad)).rejects.toThrow(
      "spec.database is reserved by PostgreSQL or CloudNativePG: use another name",
    );
    // What Kratix writes to a request that the new rules would refuse.
    await cluster.patch(upgraded, old, { metadata: { labels: { "kratix.io/x": "y" } } });
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
    await cluster.create(upgraded, request("good-db", { database: "good", className: "a" }));
    const good = { name: "good-db", namespace };
    await expect(cluster.patch(upgraded, good, { spec: { database: "other" } })).rejects.toThrow(
      "spec.database is immutable",
    );
    await expect(cluster.patch(upgraded, good, { spec: { namespace: "other" } })).rejects.toThrow(
      "spec.namespace is immutable",
    );
  },
);

story("a request hears how its database is, and of no other's", async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  const elsewhere = { name: "forged-db", namespace: await scene.newNamespace() };
  const mark = `postgresql/${namespace}/orders-db`;
  await cluster.create(requestResource, {
    apiVersion: "marketplace.kratix.io/v1",
    kind: "Postgresql",
    metadata: ref,
    spec: { database: "orders" },
  } as KubeObject);
  await cluster.kubectl([
    ...["patch", "postgresqls.marketplace.kratix.io", ref.name, "-n", namespace],
    ...["--subresource=status", "--type=merge", "-p", JSON.stringify({ status: { claim: ref } })],
  ]);
  await apply(cluster, manifest(elsewhere, "large", mark));
  await apply(cluster, manifest(ref, "small", mark));
  await untilReady(cluster, ref);
  await untilReady(cluster, elsewhere);
  const record = await cluster.eventually("the record to be healthy", async () => {
    const found = await cluster.read<KubeObject & { data: { state: string } }>(
      healthRecordResource,
      ref,
    );
    return found?.data.state === "healthy" ? found : undefined;
  });
  expect(record).toMatchObject({
    metadata: { ownerReferences: [{ kind: "Postgresql", name: "orders-db" }] },
    data: {
      promiseRef: { name: "postgresql" },
      resourceRef: ref,
      details: { endpoint: `orders-db-rw.${namespace}.svc.cluster.local`, phase: "Ready" },
    },
  });
});
