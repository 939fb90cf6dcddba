/** What the bundled `render` prints of every example is what the module makes of it, and what it refuses the webhook refuses. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { databaseOwner, externalCredentials, type Claim } from "../../../capabilities/claim/claim";
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import { documentsOf } from "../../../cli/input/documents";
import { manifestOf } from "../../../cli/manifest";
import { run, removeFolder, temporaryFolder, type Outcome } from "../../../local/processes";
import { secretResource } from "../claims";
import {
  installOperatorDefinitions,
  installZalandoDefinitions,
  startLocalCluster,
  type LocalCluster,
} from "../local";
import { makeNamespace, storiesOn } from "../story";
import { installServiceBindings } from "../service-bindings";
import { installPodMonitors } from "./pod-monitors";

const startTime = 180_000;
const project = resolve(__dirname, "../../..");
const operatorGroups = ["postgresql.cnpg.io", "monitoring.coreos.com", "acid.zalan.do"];
/** Of a class that is not there where it is not made. */
const ofTeamClass = "examples/on-zalando.yaml";
/** Databases in an instance that runs: none does without an operator. stories/shared-instance.test.ts makes such. */
const ofRunningInstance = "examples/shared-instance.yaml";
/** What the module writes beside them, and only a cluster knows. */
const ofCluster = [
  "database.bizmatters.io/applied",
  "database.bizmatters.io/claim-uid",
  "database.bizmatters.io/access-in",
  "database.bizmatters.io/asked-again",
];

let cluster: LocalCluster;
let folder = "";
let program = "";

const story = storiesOn(() => cluster);

beforeAll(async () => {
  folder = temporaryFolder("examples");
  program = join(folder, "zero-touch-postgres.cjs");
  const bundling = await run(process.execPath, [join(project, "cli/build.mjs"), program]);
  expect(bundling).toMatchObject({ code: 0 });
  cluster = await startLocalCluster();
  await installOperatorDefinitions(cluster);
  await installPodMonitors(cluster);
  await installServiceBindings(cluster);
  await installZalandoDefinitions(cluster);
  await Promise.all([
    cluster.startModule({ replicas: { admission: 1 } }),
    cluster.startStandIn("--no-postgres"),
  ]);
  await cluster.renewGarbageCollection();
  const namespaces = claimFiles("examples").flatMap(claimsIn).flatMap(namespacesOf);
  for (const name of new Set(namespaces)) await makeNamespace(cluster, name);
}, startTime);

afterAll(async () => {
  removeFolder(folder);
  await cluster.stop();
}, startTime);

/** Files of a folder of the project that hold a claim, also in folders within. */
function claimFiles(within: string): readonly string[] {
  const paths = readdirSync(join(project, within), { recursive: true, encoding: "utf8" });
  const files = paths.filter(path => path.endsWith(".yaml")).map(path => join(within, path));
  return files.filter(file => claimsIn(file).length > 0 && file !== ofRunningInstance).sort();
}

function claimsIn(file: string): readonly Claim[] {
  const { documents } = documentsOf(file, readFileSync(resolve(project, file), "utf8"));
  return documents
    .map(({ value }) => ({ ...(value as Claim), spec: (value as Partial<Claim>).spec ?? {} }))
    .filter(({ apiVersion, kind }) => /^database\..*PostgresInstance$/.test(apiVersion + kind));
}

function namespacesOf({ metadata, writeConnectionSecretToRef: ref }: Claim): readonly string[] {
  return [metadata.namespace, ref?.namespace].filter(name => name !== undefined);
}

async function rendered(...files: readonly string[]): Promise<Outcome> {
  const words = ["render", ...files.flatMap(file => ["-f", file])];
  return run(program, words, { cwd: project });
}

/** What `kubectl apply` says of the file, in all its words. */
async function applied(file: string): Promise<string> {
  return cluster.kubectl(["apply", "-f", resolve(project, file)]).catch(String);
}

/** As External Secrets would make it. */
async function bringCredentials(claim: Claim): Promise<void> {
  const ref = externalCredentials(claim);
  if (!ref) return;
  await cluster.create(secretResource, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { ...ref, labels: { "cnpg.io/reload": "true" } },
    ...{
      type: "kubernetes.io/basic-auth",
      stringData: { username: databaseOwner(claim), password: "brought" },
    },
  });
}

function objectsOf(json: string): readonly KubeObject[] {
  const found = JSON.parse(json) as KubeObject | { readonly items: readonly KubeObject[] };
  return "items" in found ? found.items : [found];
}

/** The manifests as this API server would have them, defaults of the operator's definitions included; none is made. */
async function asServed(manifests: string): Promise<readonly KubeObject[]> {
  const objects = documentsOf("rendered", manifests).documents.map(({ value }) => value);
  const served = objects.map(async object => {
    const dry = ["create", "--dry-run=server", "--validate=strict", "-o", "json", "-f", "-"];
    return objectsOf(await cluster.kubectl(dry, JSON.stringify(object)));
  });
  return (await Promise.all(served)).flat();
}

/** All objects of the operators in the cluster, and backups, once there are as many; some wait until the database is healthy. */
async function made(claim: Claim, count: number): Promise<readonly KubeObject[]> {
  return cluster.eventually(`${count} objects of claim ${claim.metadata.name}`, async () => {
    const found = await inCluster();
    return found.length >= count ? found : undefined;
  });
}

async function inCluster(): Promise<readonly KubeObject[]> {
  const kinds = ["cronjobs.batch"];
  for (const group of operatorGroups) {
    const listed = await cluster.kubectl(["api-resources", "--api-group", group, "-o", "name"]);
    kinds.push(...listed.trim().split("\n"));
  }
  return objectsOf(await cluster.kubectl(["get", kinds.join(","), "-A", "-o", "json"]));
}

/** What a manifest says, in an order of its own. */
function comparable(objects: readonly KubeObject[]): readonly unknown[] {
  const kept = (marks: Readonly<Record<string, string>> = {}): object =>
    Object.fromEntries(Object.entries(marks).filter(([name]) => !ofCluster.includes(name)));
  const said = objects.map(object => {
    const { apiVersion, kind, metadata, spec } = object as KubeObject & { readonly spec: unknown };
    const { name, namespace, labels, annotations } = metadata;
    const marks = { labels: kept(labels), annotations: kept(annotations) };
    return { apiVersion, kind, name, namespace, ...marks, spec: withoutUid(spec) };
  });
  return said.sort((a, b) => (a.kind + a.name < b.kind + b.name ? -1 : 1));
}

/** A template of pods bears the label of the claim's uid as well. */
function withoutUid(spec: unknown): unknown {
  const text = JSON.stringify(spec, (field, value: unknown) =>
    ofCluster.includes(field) ? undefined : value,
  );
  return JSON.parse(text) as unknown;
}

/** Until nothing of the claim is left, so that the next may have its name. */
async function leave(file: string, claim: Claim): Promise<void> {
  await cluster.kubectl(["delete", "-f", resolve(project, file)]);
  const brought = externalCredentials(claim);
  if (brought) await cluster.remove(secretResource, brought);
  await cluster.eventually(`all objects of claim ${claim.metadata.name} to be gone`, async () =>
    (await inCluster()).length === 0 ? true : undefined,
  );
}

/** The module makes of the claim in the file what these manifests say. */
async function expectMade(file: string, manifests: string): Promise<void> {
  const [claim] = claimsIn(file);
  if (!claim) throw new Error(`${file} has no claim`);
  const expected = await asServed(manifests);
  await bringCredentials(claim);
  expect(await applied(file)).toContain("created");
  try {
    expect(comparable(await made(claim, expected.length))).toEqual(comparable(expected));
  } finally {
    await leave(file, claim);
  }
}

/** Whether the claim is refused. Both doors are given the same file, and must make the same of it, or have the same against it. */
async function isRefused(file: string, classes: readonly string[]): Promise<boolean> {
  const { code, stdout, stderr } = await rendered(file, ...classes);
  if (code !== 1) {
    expect({ file, code, stderr }).toMatchObject({ code: 0 });
    await expectMade(file, stdout);
    return false;
  }
  const answer = await applied(file);
  const problems = stderr.split("\n").filter(line => line.startsWith(file));
  expect(problems.length).toBeGreaterThan(0);
  for (const problem of problems) {
    const [, field, fault] = /^.*?:[0-9]+:[0-9]+ (\S+): (.*)$/.exec(problem) ?? [];
    expect(answer).toContain(`${field} ${fault}`);
  }
  return true;
}

/** The example in a class that it names. */
function inClass(file: string, className: string): string {
  const [claim] = claimsIn(file);
  const home = join(folder, className);
  mkdirSync(home, { recursive: true });
  const copy = join(home, file.replaceAll("/", "-"));
  writeFileSync(copy, manifestOf({ ...claim, spec: { ...claim?.spec, className } }));
  return copy;
}

const breaksRules = "examples/refused.yaml";

type Platform = {
  readonly title: string;
  readonly classes: readonly string[];
  readonly fileOf: (example: string) => string;
  readonly refused: readonly string[];
};

const platforms: readonly Platform[] = [
  {
    title: "without a class in the cluster",
    classes: [],
    fileOf: example => example,
    refused: [ofTeamClass, breaksRules],
  },
  {
    title: "where zero-touch is the default class",
    classes: ["examples/classes/zero-touch.yaml"],
    fileOf: example => example,
    refused: [ofTeamClass, breaksRules],
  },
  {
    title:
      "in class database-team, of Zalando's operator, which has no extensions or logins and makes all passwords",
    classes: ["examples/classes/database-team.yaml"],
    fileOf: example => inClass(example, "database-team"),
    refused: [
      "examples/access.yaml",
      "examples/extensions.yaml",
      "examples/external-credentials/claim.yaml",
      breaksRules,
    ],
  },
  {
    title: "in class home-cluster",
    classes: ["examples/classes/home-cluster.yaml"],
    fileOf: example => inClass(example, "home-cluster"),
    refused: [breaksRules],
  },
  {
    title: "in class replicated, which has no size medium",
    classes: ["examples/classes/replicated.yaml"],
    fileOf: example => inClass(example, "replicated"),
    refused: ["examples/claim.yaml", "examples/external-credentials/claim.yaml", breaksRules],
  },
];

for (const { title, classes, fileOf, refused } of platforms) {
  story(`every example is made as it is rendered ${title}`, async () => {
    const paths = classes.flatMap(path => ["-f", join(project, path)]);
    if (paths.length > 0) await cluster.kubectl(["apply", ...paths]);
    const against: string[] = [];
    try {
      for (const example of claimFiles("examples")) {
        if (await isRefused(fileOf(example), classes)) against.push(example);
      }
    } finally {
      if (paths.length > 0) await cluster.kubectl(["delete", ...paths]);
    }
    expect(against).toEqual(refused);
  });
}

story("of a Kratix request the module makes what the pipeline renders without it", async () => {
  for (const size of ["small", "medium", "large"]) {
    const golden = (name: string, file: string): string =>
      join("kratix/test-output", name, "output/postgresql", file);
    const cnpg = golden(`cluster-${size}`, "cluster-orders-db.yaml");
    const manifests = readFileSync(join(project, cnpg), "utf8");
    await expectMade(golden(size, "postgresinstance-orders-db.yaml"), manifests);
  }
});
