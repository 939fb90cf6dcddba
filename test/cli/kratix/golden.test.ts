/** Every case of kratix/test-input in folders laid out as Kratix does it, against what is kept in kratix/test-output. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import * as fc from "fast-check";
import { parse } from "yaml";
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import { isRecord, schemaFaults } from "../../../capabilities/claim/schema";
import { choicesOf, kratixAnnotations } from "../../../cli/kratix/choices";
import { placeOf } from "../../../cli/kratix/place";
import { requestRules, requestSpecSchema } from "../../../cli/kratix/request-schema";
import { clusterFault } from "../../operator/published-schema";
import { caseNames, goldenFiles, keptFiles, runOf } from "../golden";

test("the golden files are what the program makes: npm run golden writes them", async () => {
  expect(await keptFiles()).toEqual(await goldenFiles());
});

test("a second run gives the same bytes", async () => {
  for (const name of await caseNames()) expect(await runOf(name)).toEqual(await runOf(name));
});

test("a dry run gives the bytes of the run that it previews", async () => {
  const files = Object.entries(await runOf("dry-run"));
  const renamed = files.map(([name, text]) => [name.replace("/dry-run/", "/small/"), text]);
  expect(Object.fromEntries(renamed)).toEqual(await runOf("small"));
});

test("a run that does not render says why: in a line, in the status, and to Kratix, which waits unless the pipeline itself is broken", async () => {
  const failed = (await caseNames()).filter(name => name.startsWith("error-"));
  expect(failed.length).toBeGreaterThan(10);
  for (const name of failed) {
    const files = await runOf(name);
    const textOf = (file: string): string => files[`kratix/test-output/${name}/${file}`] ?? "";
    expect(Object.keys(files).filter(file => file.includes("/output/"))).toEqual([]);
    const said = textOf("said");
    expect(said).toMatch(/^zero-touch-postgres: .*\n$/);
    const why = said.replace("zero-touch-postgres: ", "").trim();
    expect(parse(textOf("metadata/status.yaml"))).toMatchObject({
      phase: "Error",
      message: `Error: ${why}`,
    });
    const control = parse(textOf("metadata/workflow-control.yaml")) as object | null;
    const isHeld = textOf("exit-code").trim() === "0";
    expect([name, control]).toEqual([
      name,
      isHeld ? expect.objectContaining({ message: why }) : null,
    ]);
  }
});

test.each([
  ["a request that breaks a rule", "error-version-of-class", { suspend: true }],
  ["a class that is wrong", "error-destination", { retryAfter: "10m" }],
])("%s is held until it is mended", async (_what, name, control) => {
  const files = await runOf(name);
  const text = files[`kratix/test-output/${name}/metadata/workflow-control.yaml`] ?? "";
  expect(parse(text)).toMatchObject(control);
});

test("two requests never make one object, whatever their names and namespaces", () => {
  const choices = choicesOf({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name: "c", annotations: { [kratixAnnotations.namespaces]: "a,b,a-b" } },
    spec: {},
  });
  const namespace = fc.constantFrom("a", "b", "a-b");
  const request = fc.record({
    name: fc.stringMatching(/^[ab]([ab-]{0,4}[ab])?$/),
    namespace,
    wanted: fc.option(namespace, { nil: undefined }),
  });
  fc.assert(
    fc.property(request, request, (one, other) => {
      fc.pre(one.name !== other.name || one.namespace !== other.namespace);
      const [first, second] = [one, other].map(({ wanted, ...metadata }) => {
        const spec = { database: "d", ...(wanted === undefined ? {} : { namespace: wanted }) };
        return placeOf({ metadata }, spec, undefined, choices);
      });
      expect(first?.ref).not.toEqual(second?.ref);
    }),
    { numRuns: 2000 },
  );
});

test("Clusters that are emitted fit CNPG's published schema", async () => {
  for (const size of ["small", "medium", "large"]) {
    const files = await runOf(`cluster-${size}`);
    const text =
      files[`kratix/test-output/cluster-${size}/output/postgresql/cluster-orders-db.yaml`];
    expect(clusterFault(parse(text ?? "") as KubeObject)).toBeUndefined();
  }
});

test("no status has a field that Kratix keeps for itself, or a password", async () => {
  for (const [name, text] of Object.entries(await keptFiles())) {
    if (!name.endsWith("status.yaml")) continue;
    const status: unknown = parse(text);
    expect([name, isRecord(status) && "kratix" in status]).toEqual([name, false]);
    expect(text).not.toMatch(/password/i);
  }
});

describe("the Promise", () => {
  type Pipeline = {
    metadata: { name: string };
    spec: { rbac: unknown; containers: { securityContext: object }[] };
  };
  type Workflow = Record<"configure" | "delete", Pipeline[]>;
  type Promised = {
    metadata: { labels: Record<string, string> };
    spec: {
      api: {
        spec: { versions: { schema: { openAPIV3Schema: { properties: { spec: unknown } } } }[] };
      };
      dependencies: { metadata: { annotations?: object } }[];
      destinationSelectors: { matchLabels: object }[];
      workflows: Record<"promise" | "resource", Workflow>;
    };
  };

  async function kept(): Promise<Promised> {
    return parse(
      await readFile(resolve(__dirname, "../../../kratix/promise.yaml"), "utf8"),
    ) as Promised;
  }

  test("offers what the pipeline takes", async () => {
    const { spec } = await kept();
    expect(
      spec.api.spec.versions.map(({ schema }) => schema.openAPIV3Schema.properties.spec),
    ).toEqual([
      JSON.parse(
        JSON.stringify({ ...requestSpecSchema, "x-kubernetes-validations": requestRules }),
      ),
    ]);
    expect(schemaFaults(requestSpecSchema, { database: "orders", size: "small" }, "spec")).toEqual(
      [],
    );
  });

  test("has rules of fields that requests have, and of no others", () => {
    const fields = requestRules.map(({ fieldPath = "" }) => fieldPath.slice(1));
    expect(Object.keys(requestSpecSchema.properties)).toEqual(expect.arrayContaining(fields));
  });

  test("leaves the CRDs of a destination in place when it is deleted itself: with them every database would go", async () => {
    const { dependencies } = (await kept()).spec;
    expect(dependencies).toHaveLength(3);
    for (const { metadata } of dependencies) {
      expect(metadata.annotations).toMatchObject({
        "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
        "kustomize.toolkit.fluxcd.io/prune": "disabled",
      });
    }
  });

  test("gives no workflow a right, root or a writable root file system; each has a name of its own", async () => {
    const { promise, resource } = (await kept()).spec.workflows;
    const pipelines = [promise, resource].flatMap(workflow => [
      ...workflow.configure,
      ...workflow.delete,
    ]);
    expect(new Set(pipelines.map(({ metadata }) => metadata.name)).size).toBe(4);
    for (const { spec } of pipelines) {
      expect(spec.rbac).toEqual({ permissions: [] });
      for (const { securityContext } of spec.containers) {
        expect(securityContext).toMatchObject({ runAsNonRoot: true, readOnlyRootFilesystem: true });
      }
    }
  });

  test("sends databases to the destinations that the pipeline names", async () => {
    const { destinationSelectors } = (await kept()).spec;
    const files = await runOf("small");
    const selectors: unknown = parse(
      files["kratix/test-output/small/metadata/destination-selectors.yaml"] ?? "",
    );
    expect(selectors).toEqual(destinationSelectors);
  });
});
