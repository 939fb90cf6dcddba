/** A test on a cluster: in namespaces of its own, which go afterwards; when it fails it tells what was there to be seen. */
import { randomBytes } from "node:crypto";
import { collectionPath, pathOf } from "../../capabilities/cluster/paths";
import type { ClassSpec, PostgresClass } from "../../capabilities/claim/class";
import type { Resource } from "../../capabilities/kubernetes/objects";
import { claimResource, classResource } from "../../capabilities/claim/names";
import { connect, type Access, type TestCluster } from "./cluster";
import { lacking, type Need } from "./needs";
import { witness } from "./witness";

export type Scene<C extends TestCluster = TestCluster> = {
  readonly cluster: C;
  /** The story's own. */
  readonly namespace: string;
  /** Makes one more. */
  readonly newNamespace: () => Promise<string>;
  /** The name of one that is not there; should the story make it, it goes afterwards as well. */
  readonly unusedNamespace: () => string;
  /** Makes a class and gives its name. */
  readonly newClass: (spec: ClassSpec) => Promise<string>;
};

/** A story that every cluster can play. */
export type Story<C extends TestCluster = TestCluster> = (
  title: string,
  tell: (scene: Scene<C>) => Promise<void>,
) => void;

/** And those that need something, which are skipped, with the reason in their title, where the cluster lacks it. */
export type SharedStory = Story & { readonly where: (...needs: readonly Need[]) => Story };

export const namespaceResource: Resource = {
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
};

/** On everything that a run makes and that is not in a namespace of it. */
export const runLabel = "zero-touch-postgres/test-run";
/** So many times the patience for a single wait may a story take. */
const waitsOfAStory = 4;
/** In ms, of a story on a cluster of its own. */
const localTimeout = 300_000;

/** Stories on the cluster that all files share, told side by side: for the most part they wait. */
export function stories(): SharedStory {
  const cluster = clusterUnderTest();
  const timeout = cluster.access.patience * waitsOfAStory * 1000;
  afterAll(async () => {
    await checkNothingForbidden(cluster);
    await cluster.close();
  }, timeout);
  const where =
    (...needs: readonly Need[]): Story =>
    (title, tell) => {
      const reason = lacking(needs, cluster.access);
      if (reason === undefined) {
        test.concurrent(title, async () => tellStory(cluster, tell), timeout);
      } else {
        test.skip(`${title} (${reason})`, () => undefined);
      }
    };
  return Object.assign(where(), { where });
}

/** Stories on a cluster of the file's own, one after the other: they take parts of it away. */
export function storiesOn<C extends TestCluster>(clusterOf: () => C): Story<C> {
  afterAll(async () => {
    await checkNothingForbidden(clusterOf());
  }, localTimeout);
  return (title, tell) => {
    test(title, async () => tellStory(clusterOf(), tell), localTimeout);
  };
}

export function clusterUnderTest(): TestCluster {
  const access = process.env["CLUSTER_UNDER_TEST"];
  if (access === undefined) throw new Error("no cluster is there: npm run test:cluster");
  return connect(JSON.parse(access) as Access);
}

async function tellStory<C extends TestCluster>(
  cluster: C,
  tell: (scene: Scene<C>) => Promise<void>,
): Promise<void> {
  const namespaces: string[] = [];
  const classes: string[] = [];
  const unusedNamespace = (): string => noted(namespaces);
  const newNamespace = async (): Promise<string> => makeNamespace(cluster, unusedNamespace());
  const newClass = async (spec: ClassSpec): Promise<string> =>
    makeClass(cluster, noted(classes), spec);
  try {
    const namespace = await newNamespace();
    await tell({ cluster, namespace, newNamespace, unusedNamespace, newClass });
  } catch (fault) {
    throw withWitness(fault, await witness(cluster, namespaces));
  } finally {
    if (classes.length > 0) await removeClaims(cluster, namespaces);
    const leaving = namespaces.map(async name => removeNamespace(cluster, name));
    await Promise.all([...leaving, ...classes.map(async name => removeClass(cluster, name))]);
  }
}

/** A new name, noted among those that go after the story. */
function noted(names: string[]): string {
  const name = `story-${randomBytes(4).toString("hex")}`;
  names.push(name);
  return name;
}

async function makeClass(cluster: TestCluster, name: string, spec: ClassSpec): Promise<string> {
  await cluster.create<PostgresClass>(classResource, {
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name, labels: { [runLabel]: cluster.access.run } },
    spec,
  });
  return name;
}

/** A class with claims is not let go. */
async function removeClaims(cluster: TestCluster, namespaces: readonly string[]): Promise<void> {
  const paths = namespaces.map(namespace => collectionPath(claimResource, namespace));
  await Promise.all(paths.map(async path => cluster.ask({ method: "DELETE", path })));
}

async function removeClass(cluster: TestCluster, name: string): Promise<void> {
  const path = pathOf(classResource, { name, namespace: "" });
  await cluster.eventually(`class ${name} to be let go`, async () => {
    const { code } = await cluster.ask({ method: "DELETE", path });
    return code < 300 || code === 404 ? true : undefined;
  });
}

export async function makeNamespace(cluster: TestCluster, name: string): Promise<string> {
  await cluster.create(namespaceResource, {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { [runLabel]: cluster.access.run } },
  });
  return name;
}

/** Does not wait: Kubernetes itself does nothing for the first 5 s. */
export async function removeNamespace(cluster: TestCluster, name: string): Promise<void> {
  await cluster.ask({ method: "DELETE", path: `/api/v1/namespaces/${name}` });
}

/** Nothing of this run is left behind: a claim that is not let go keeps its namespace. */
export async function untilNamespacesGone(cluster: TestCluster): Promise<void> {
  const path = `/api/v1/namespaces?labelSelector=${runLabel}=${cluster.access.run}`;
  await cluster.eventually("all namespaces of the stories to be gone", async () => {
    const { body } = await cluster.ask({ method: "GET", path });
    return (body as { items: unknown[] }).items.length === 0 ? true : undefined;
  });
}

async function checkNothingForbidden(cluster: TestCluster): Promise<void> {
  expect(await cluster.forbidden()).toEqual([]);
}

function withWitness(fault: unknown, seen: string): Error {
  const error = fault instanceof Error ? fault : new Error(String(fault));
  const { message, stack = message } = error;
  error.message = `${message}\n\n${seen}`;
  error.stack = stack.replace(message, () => error.message);
  return error;
}
