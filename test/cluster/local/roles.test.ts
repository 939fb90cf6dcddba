/** Who has Kubernetes's own view, edit or admin in a namespace, and what that is worth for claims. The roles are of the whole cluster: they go on no other. */
import type { KubeObject, Resource } from "../../../capabilities/kubernetes/objects";
import { isRecord } from "../../../capabilities/claim/schema";
import { classReaders, teamRoles } from "../../../cli/roles/team-roles";
import { manifestsOf } from "../../../cli/manifest";
import { claim, untilReady, untilValues } from "../claims";
import type { TestCluster } from "../cluster";
import { databaseClaim, untilDatabaseReady } from "../databases";
import { stories, type Scene } from "../story";

const story = stories();

const instances = "postgresinstances.database.bizmatters.io";
const databases = "postgresdatabases.database.bizmatters.io";
const classes = "postgresclasses.database.bizmatters.io";

async function install({ cluster }: Scene): Promise<void> {
  await cluster.kubectl(["apply", "--server-side", "-f", "-"], manifestsOf(teamRoles()));
}

/** Somebody of the story's own who has one of Kubernetes's roles in its namespace. */
async function personWith({ cluster, namespace }: Scene, role: string): Promise<string> {
  const user = `${role}-of-${namespace}`;
  const binding = ["create", "rolebinding", user, "-n", namespace];
  await cluster.kubectl([...binding, `--clusterrole=${role}`, `--user=${user}`]);
  return user;
}

function as(user: string): readonly string[] {
  return ["--as", user, "--as-group", "system:authenticated"];
}

type Question = {
  readonly verb: string;
  readonly resource: string;
  readonly namespace: string;
  readonly subresource?: string;
};

/** What `kubectl auth can-i` asks. A resource is written `PLURAL.GROUP`. */
async function can(cluster: TestCluster, user: string, question: Question): Promise<boolean> {
  const [resource = "", ...group] = question.resource.split(".");
  const review: AccessReview = await cluster.create(reviewResource, {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    metadata: { name: "" },
    spec: {
      user,
      groups: ["system:authenticated"],
      resourceAttributes: { ...question, resource, group: group.join(".") },
    },
  });
  return review.status?.allowed === true;
}

type AccessReview = KubeObject & {
  readonly spec: object;
  readonly status?: { readonly allowed: boolean };
};

const reviewResource: Resource = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SubjectAccessReview",
  plural: "subjectaccessreviews",
};

/** Kubernetes adds the rules within moments. */
async function untilAdded(cluster: TestCluster, user: string, namespace: string): Promise<void> {
  await cluster.eventually("the roles to be added to Kubernetes's own", async () =>
    (await can(cluster, user, { verb: "list", resource: databases, namespace })) ? true : undefined,
  );
}

const reading = ["get", "list", "watch"];
const writing = ["create", "update", "patch", "delete", "deletecollection"];

type Person = { readonly role: string; readonly may: readonly string[] };

const people: readonly Person[] = [
  { role: "view", may: reading },
  { role: "edit", may: [...reading, ...writing] },
  { role: "admin", may: [...reading, ...writing] },
];

/** Which verbs somebody has on a resource in a namespace. */
async function verbsOf(
  cluster: TestCluster,
  user: string,
  where: { readonly resource: string; readonly namespace: string },
): Promise<readonly string[]> {
  const verbs = [...reading, ...writing];
  const answers = verbs.map(async verb => can(cluster, user, { verb, ...where }));
  const told = await Promise.all(answers);
  return verbs.filter((_verb, index) => told[index]);
}

story("view, edit and admin of a namespace give what they say there, and no more", async scene => {
  const { cluster, namespace } = scene;
  await install(scene);
  const other = await scene.newNamespace();
  for (const { role, may } of people) {
    const user = await personWith(scene, role);
    await untilAdded(cluster, user, namespace);
    for (const resource of [instances, databases]) {
      expect([role, await verbsOf(cluster, user, { resource, namespace })]).toEqual([role, may]);
      expect(await verbsOf(cluster, user, { resource, namespace: other })).toEqual([]);
    }
    // They are in no namespace, and so of no RoleBinding.
    expect(await verbsOf(cluster, user, { resource: classes, namespace: "" })).toEqual([]);
    const status = { verb: "patch", resource: instances, namespace, subresource: "status" };
    expect(await can(cluster, user, status)).toBe(false);
    const clusters = { verb: "create", resource: "clusters.postgresql.cnpg.io", namespace };
    expect(await can(cluster, user, clusters)).toBe(false);
  }
});

story("with edit a team gets a database, and one in a shared instance, by itself", async scene => {
  const { cluster, namespace } = scene;
  await install(scene);
  const user = await personWith(scene, "edit");
  await untilAdded(cluster, user, namespace);
  const home = { name: "home", namespace };
  const wanted = [
    claim(home, { share: {} }, { name: "home-postgres" }),
    databaseClaim({ name: "invoices", namespace }, { instanceRef: { name: "home" } }),
  ];
  for (const one of wanted) {
    await cluster.kubectl([...as(user), "create", "-f", "-"], JSON.stringify(one));
  }
  await untilReady(cluster, home);
  await untilDatabaseReady(cluster, { name: "invoices", namespace });
  const { username } = await untilValues(cluster, { name: "home-postgres", namespace });
  expect(username).toBe("home");
});

story("with view nobody makes a claim", async scene => {
  const { cluster, namespace } = scene;
  await install(scene);
  const user = await personWith(scene, "view");
  await untilAdded(cluster, user, namespace);
  const wanted = JSON.stringify(claim({ name: "orders-db", namespace }));
  await expect(cluster.kubectl([...as(user), "create", "-f", "-"], wanted)).rejects.toThrow(
    `User "${user}" cannot create resource "postgresinstances" in API group "database.bizmatters.io"`,
  );
});

story("who is bound to the role for it reads classes, and writes none", async scene => {
  const { cluster, namespace } = scene;
  await install(scene);
  const user = `reader-of-${namespace}`;
  const binding = ["create", "clusterrolebinding", user, `--clusterrole=${classReaders}`];
  await cluster.kubectl([...binding, `--user=${user}`]);
  try {
    await cluster.kubectl([...as(user), "get", classes]);
    const everywhere = { resource: classes, namespace: "" };
    expect(await verbsOf(cluster, user, everywhere)).toEqual(reading);
  } finally {
    await cluster.kubectl(["delete", "clusterrolebinding", user]);
  }
});

story("the runtime of Service Binding reads claims by the label, and writes none", async scene => {
  const { cluster, namespace } = scene;
  await install(scene);
  const name = `runtime-of-${namespace}`;
  const selector = { matchLabels: { "servicebinding.io/controller": "true" } };
  // As the runtime brings it: it has no rule of its own for the services of others.
  const runtime = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name },
    aggregationRule: { clusterRoleSelectors: [selector] },
    rules: [],
  };
  await cluster.kubectl(["create", "-f", "-"], JSON.stringify(runtime));
  const binding = ["create", "clusterrolebinding", name, `--clusterrole=${name}`];
  await cluster.kubectl([...binding, `--user=${name}`]);
  try {
    await untilAdded(cluster, name, namespace);
    for (const resource of [instances, databases]) {
      expect(await verbsOf(cluster, name, { resource, namespace })).toEqual(reading);
    }
    const listed: unknown = JSON.parse(
      await cluster.kubectl([...as(name), "get", instances, "-A", "-o", "json"]),
    );
    expect(isRecord(listed) && listed["kind"]).toBe("List");
  } finally {
    await cluster.kubectl(["delete", "clusterrole,clusterrolebinding", name]);
  }
});
