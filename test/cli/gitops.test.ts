/** The GitOps layouts and the chart hang together: whoever copies them finds what they name. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { claimKind, group, version } from "../../capabilities/claim/names";
import { isRecord } from "../../capabilities/claim/schema";
import { documentsOf } from "../../cli/input/documents";

const project = resolve(__dirname, "../..");

type Fields = Readonly<Record<string, unknown>>;

function objectsIn(layout: string): readonly Fields[] {
  const folder = join(project, "examples/gitops", layout);
  return readdirSync(folder).flatMap(file => {
    const { documents, problems } = documentsOf(file, readFileSync(join(folder, file), "utf8"));
    expect(problems).toEqual([]);
    return documents.map(({ value }) => value as Fields);
  });
}

function textOf(value: unknown): string {
  return JSON.stringify(value);
}

test("every image in a layout is named by digest", () => {
  const text = textOf([...objectsIn("argocd"), ...objectsIn("flux")]);
  const images = [...text.matchAll(/"image":"([^"]*)"/g)].map(([, image = ""]) => image);
  expect(images).toHaveLength(4);
  for (const image of images) expect(image).toMatch(/@sha256:/);
});

test("Argo CD is told the health of the kind that we have", () => {
  const config = objectsIn("argocd").find(({ kind }) => kind === "ConfigMap");
  expect(Object.keys(config?.data as Fields)).toContain(
    `resource.customizations.health.${group}_${claimKind}`,
  );
});

test("Argo CD syncs the operator, the module and the classes in this order", () => {
  const waves = objectsIn("argocd").flatMap(({ kind, metadata }) => {
    const { name, annotations } = metadata as {
      name: string;
      annotations?: Record<string, string>;
    };
    const wave = annotations?.["argocd.argoproj.io/sync-wave"];
    return kind === "Application" && wave !== undefined ? [[name, wave]] : [];
  });
  expect(Object.fromEntries(waves) as unknown).toEqual({
    "cloudnative-pg": "0",
    "zero-touch-postgres": "1",
    "postgres-classes": "2",
  });
});

test("neither takes claims away that have vanished from Git", () => {
  const objects = [...objectsIn("argocd"), ...objectsIn("flux")];
  const ofClaims = objects.filter(({ kind, metadata }) => {
    const { name } = metadata as { name: string };
    return (
      ["Application", "Kustomization"].includes(String(kind)) && /^shop(-databases)?$/.test(name)
    );
  });
  expect(ofClaims).toHaveLength(2);
  for (const object of ofClaims) expect(textOf(object)).toContain('"prune":false');
});

test("Flux depends only on what is there, and waits for claims of our kind", () => {
  const objects = objectsIn("flux");
  const names = objects.map(({ metadata }) => (metadata as { name: string }).name);
  const specs = objects.map(({ spec }) => spec).filter(isRecord);
  const needed = specs.flatMap(({ dependsOn = [] }) => dependsOn as { name: string }[]);
  expect(needed.length).toBeGreaterThan(2);
  for (const { name } of needed) expect(names).toContain(name);
  const checked = specs.flatMap(({ healthChecks = [] }) => healthChecks as Fields[]);
  expect(checked).toMatchObject([{ apiVersion: `${group}/${version}`, kind: claimKind }]);
});

/** Pepr 1.1.4 writes the description into Chart.yaml as it is: with a colon in it Helm could not load the chart. */
test("the description is one that YAML takes without quotes", () => {
  const text = readFileSync(join(project, "package.json"), "utf8");
  const { description } = JSON.parse(text) as { description: string };
  const [document] = documentsOf("Chart.yaml", `description: ${description}\n`).documents;
  expect(document?.value).toEqual({ description });
});
