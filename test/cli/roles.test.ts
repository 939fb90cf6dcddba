/** The roles that `roles` prints: who gets which, and that none gives more than it says. test/cluster/local/roles.test.ts has the real API server. */
import { parseAllDocuments } from "yaml";
import { claimResources, classResource, group } from "../../capabilities/claim/names";
import { definitions } from "../../capabilities/crd/crd";
import { teamRoles, type ClusterRole } from "../../cli/roles/team-roles";
import { typed } from "./terminal";

const claims = claimResources.map(({ plural }) => plural);
const aggregate = "rbac.authorization.k8s.io/aggregate-to-";

/** What Kubernetes adds to one of its own roles: `create postgresinstances`. */
function addedTo(label: string): readonly string[] {
  const added = teamRoles().filter(({ metadata }) => metadata.labels[label] === "true");
  return added.flatMap(rightsOf).sort();
}

function rightsOf({ rules }: ClusterRole): readonly string[] {
  return rules.flatMap(({ resources, verbs }) =>
    resources.flatMap(resource => verbs.map(verb => `${verb} ${resource}`)),
  );
}

function rights(verbs: readonly string[], resources: readonly string[]): readonly string[] {
  return verbs.flatMap(verb => resources.map(resource => `${verb} ${resource}`)).sort();
}

const reading = ["get", "list", "watch"];
const writing = ["create", "delete", "deletecollection", "patch", "update"];
const all = [...claims, classResource.plural];

test.each([
  [`${aggregate}view`, rights(reading, all)],
  [`${aggregate}edit`, [...rights(reading, all), ...rights(writing, claims)].sort()],
  [`${aggregate}admin`, [...rights(reading, all), ...rights(writing, claims)].sort()],
  ["servicebinding.io/controller", rights(reading, claims)],
])("%s gives what it says, and nothing else", (label, expected) => {
  expect(addedTo(label)).toEqual(expected);
});

test("no role writes classes, or a status, a finalizer or anything of another group", () => {
  const rules = teamRoles().flatMap(role => role.rules);
  expect(new Set(rules.flatMap(({ apiGroups }) => apiGroups))).toEqual(new Set([group]));
  const defined = definitions.map(({ metadata }) => metadata.name.split(".")[0]);
  for (const { resources, verbs } of rules) {
    expect(defined).toEqual(expect.arrayContaining([...resources]));
    if (resources.includes(classResource.plural)) expect(verbs).toEqual(reading);
  }
});

test("roles prints them as YAML", async () => {
  const { code, out, error } = await typed(["roles"]);
  expect({ code, error }).toEqual({ code: 0, error: "" });
  expect(parseAllDocuments(out).map(document => document.toJS() as unknown)).toEqual([
    ...(JSON.parse(JSON.stringify(teamRoles())) as unknown[]),
  ]);
});
