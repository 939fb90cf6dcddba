/** The command line and the module of one mind: what is rendered is what is made, and what is told is so. */
import { withDigest } from "../../../capabilities/claim/applied";
import { ownerReference } from "../../../capabilities/kubernetes/owners";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { typed, type Printed } from "../../cli/terminal";
import { documentsOf } from "../../../cli/input/documents";
import { renderedObjects } from "../../../cli/render";
import { review } from "../../../cli/review/review";
import { manifestOf } from "../../../cli/manifest";
import type { Claim } from "../../../capabilities/claim/claim";
import { isRecord } from "../../../capabilities/claim/schema";
import { claimResource, databaseOf } from "../claims";
import type { TestCluster } from "../cluster";
import { stories } from "../story";

const story = stories();
const examples = ["smallest-claim.yaml", "claim.yaml", "other-namespace.yaml"];
const applied = "database.bizmatters.io/applied";

/** An example in the story's namespace; one that wants its secret elsewhere gets it there. */
function exampleIn(namespace: string, elsewhere: string, file: string): Claim {
  const text = readFileSync(resolve(__dirname, "../../../examples", file), "utf8");
  const found = documentsOf(file, text).documents.map(({ value }) => value as Claim);
  const claim = found.find(({ kind }) => kind === "PostgresInstance");
  if (!claim) throw new Error(`${file} has no claim`);
  const { writeConnectionSecretToRef: ref } = claim;
  const moved = ref?.namespace === undefined ? ref : { ...ref, namespace: elsewhere };
  return {
    ...claim,
    metadata: { ...claim.metadata, namespace },
    ...(moved ? { writeConnectionSecretToRef: moved } : {}),
  };
}

/** The command with the cluster's own kubeconfig, whose options kubectl is given as well. */
async function command({ access }: TestCluster, ...words: readonly string[]): Promise<Printed> {
  return typed([...words, ...access.kubectl.slice(1)], "", process.env);
}

story("what is rendered of the examples is what the module makes of them", async scene => {
  const { cluster, namespace } = scene;
  const elsewhere = await scene.newNamespace();
  const className = await scene.newClass({});
  for (const file of examples) {
    const example = exampleIn(namespace, elsewhere, file);
    const claim = {
      ...example,
      spec: { ...(isRecord(example.spec) ? example.spec : {}), className },
    };
    const owner = await cluster.create(claimResource, claim);
    const aClass = `apiVersion: database.bizmatters.io/v1alpha1\nkind: PostgresClass\nmetadata: { name: ${className} }\n`;
    const text = `${manifestOf(claim)}---\n${aClass}`;
    const { plans, problems } = review([{ file, text }], "unused");
    expect(problems).toEqual([]);
    const [rendered] = renderedObjects(plans);
    if (!rendered) throw new Error("nothing was rendered");
    const made = await databaseOf(cluster, { name: claim.metadata.name, namespace });
    // The digest is of all that the module applied, the owner included: equal digests are equal manifests.
    const ownerReferences = [ownerReference(owner)];
    const { annotations = {} } = made.metadata;
    const { apiVersion, kind, metadata, spec } = rendered as typeof rendered & { spec: object };
    const whole = withDigest({
      apiVersion,
      kind,
      metadata: { ...metadata, ownerReferences },
      spec,
    });
    expect(annotations[applied]).toBe(whole.metadata.annotations?.[applied]);
  }
});

story(
  "wait, get, status and outputs follow a claim through its life",
  async ({ cluster, namespace }) => {
    const claim = exampleIn(namespace, namespace, "claim.yaml");
    await cluster.create(claimResource, claim);
    const { name } = claim.metadata;
    const waited = await command(cluster, "wait", name, "-n", namespace, "--timeout", "5m");
    expect(waited.code).toBe(0);
    expect(waited.error).toMatch(new RegExp(`${namespace}/${name} is ready\n$`));
    const { out: table } = await command(cluster, "get", "-n", namespace);
    expect(table).toMatch(
      /^NAME +SIZE +VERSION +PHASE +SECRET +AGE +WAITS FOR\norders-db +medium +16 +Ready +orders-postgres +\S+\n$/,
    );
    expect((await command(cluster, "status", name, "-n", namespace)).out).toMatch(
      /^Waits for +nothing$/m,
    );
    const outputs = await command(cluster, "outputs", name, "-n", namespace, "-o", "json");
    expect(JSON.parse(outputs.out)).toMatchObject({
      database: "orders_db",
      secret: "orders-postgres",
    });

    await cluster.remove(claimResource, { name, namespace });
    const gone = await command(cluster, "wait", name, "-n", namespace, "--for", "delete");
    expect(gone).toMatchObject({ code: 0 });
  },
);
