/** What the module is bound to in Pepr, and that it has the rights for it, and for no more than it names. */
import packageJson from "../../package.json";
import { asAdmission, asWatcher, bindingsIn, type Binding } from "./loading";

type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
};

const rules: readonly Rule[] = packageJson.pepr.rbac;

/** A binding in a line. */
function told({ kind, event, filters, ...binding }: Binding): string {
  const actions = ["isMutate", "isValidate", "isWatch", "isQueue", "isFinalize"] as const;
  const labels = Object.entries(filters.labels).map(([name, value]) => `${name}=${value}`);
  return [
    `${kind.group === "" ? "core" : kind.group}/${kind.kind}`,
    `on ${event}`,
    ...(filters.name === "" ? [] : [`named ${filters.name}`]),
    ...(labels.length === 0 ? [] : [`with ${labels.join(",")}`]),
    actions.filter(action => binding[action]).join(","),
  ].join(" ");
}

test("admission judges claims and classes that are made or changed, and the deletion of classes", async () => {
  expect((await bindingsIn(asAdmission)).map(told)).toEqual([
    "database.bizmatters.io/PostgresInstance on CREATEORUPDATE isMutate",
    "database.bizmatters.io/PostgresInstance on CREATEORUPDATE isValidate",
    "database.bizmatters.io/PostgresClass on CREATEORUPDATE isMutate",
    "database.bizmatters.io/PostgresClass on CREATEORUPDATE isValidate",
    "database.bizmatters.io/PostgresClass on DELETE isValidate",
  ]);
});

test("the watcher hears of claims, and reconciles the operator's Secrets: both only wake the module's own feeds", async () => {
  expect((await bindingsIn(asWatcher)).map(told)).toEqual([
    "database.bizmatters.io/PostgresInstance on CREATEORUPDATE isWatch",
    "core/Secret on CREATEORUPDATE with cnpg.io/reload=true isWatch,isQueue",
  ]);
});

test("what a binding is given is handed on, and no more of it is held than its name and version", async () => {
  const heard: unknown[] = [];
  const bindings = await bindingsIn(asWatcher, (_resource, object) =>
    heard.push(structuredClone(object)),
  );
  const metadata = { name: "a", namespace: "b", uid: "c", resourceVersion: "1" };
  const secret = { metadata: { ...metadata, labels: {} }, data: { password: "c2VjcmV0" } };
  const whole = structuredClone(secret);
  const binding = bindings.find(({ isQueue }) => isQueue);
  await binding?.watchCallback?.(secret as never, "ADDED" as never);
  expect(heard).toEqual([whole]);
  expect(secret).toEqual({ metadata });
});

function verbsFor(group: string, resource: string): readonly string[] {
  return rules
    .filter(({ apiGroups, resources }) => apiGroups.includes(group) && resources.includes(resource))
    .flatMap(({ verbs }) => verbs);
}

test("every kind that is watched may be listed and watched", async () => {
  const kinds = (await bindingsIn(asWatcher)).map(({ kind }) => kind);
  const lacking = kinds.filter(({ group, kind, plural }) => {
    const verbs = verbsFor(group, plural ?? `${kind.toLowerCase()}s`);
    return !verbs.includes("list") || !verbs.includes("watch");
  });
  expect(lacking).toEqual([]);
});

test("no right is a wildcard", () => {
  const words = rules.flatMap(({ apiGroups, resources, verbs }) => [
    ...apiGroups,
    ...resources,
    ...verbs,
  ]);
  expect(words.filter(word => word.includes("*"))).toEqual([]);
  expect(packageJson.pepr.rbacMode).toBe("scoped");
});

/** A right that is not in this table is one more that a thief of the token would have: say here what it is for. */
const rights: readonly (readonly [group: string, resource: string, verbs: string])[] = [
  // Watched; read in doubt; patched for the finalizer.
  ["database.bizmatters.io", "postgresinstances", "get list watch patch"],
  ["database.bizmatters.io", "postgresinstances/status", "patch"],
  // Where OwnerReferencesPermissionEnforcement is on, who sets blockOwnerDeletion needs it.
  ["database.bizmatters.io", "postgresinstances/finalizers", "update"],
  ["database.bizmatters.io", "postgresclasses", "get list watch"],
  ["database.bizmatters.io", "postgresclasses/status", "patch"],
  // Deleted only where it never came up and cannot take a correction.
  ["postgresql.cnpg.io", "clusters", "get list watch create patch delete"],
  // Deleted when no longer asked for, which leaves the extensions installed.
  ["postgresql.cnpg.io", "databases,poolers", "get list watch create patch delete"],
  ["monitoring.coreos.com", "podmonitors", "get list watch create patch delete"],
  ["", "secrets", "get list watch create patch delete"],
  // Read for what its owner accepts.
  ["", "namespaces", "get list watch"],
  // Listed, as are the next two, where a database does not start: for what holds it up.
  ["", "events", "list create"],
  ["", "pods,persistentvolumeclaims", "list"],
  // Deleted where one of an earlier definition stands in the way of a database that never came up.
  ["batch", "jobs", "list delete"],
  ["apiextensions.k8s.io", "customresourcedefinitions", "list watch"],
  // Of the module's own name only: its entry there, by which one build takes over from another.
  [
    "admissionregistration.k8s.io",
    "mutatingwebhookconfigurations,validatingwebhookconfigurations",
    "get list watch patch",
  ],
  ["authorization.k8s.io", "subjectaccessreviews", "create"],
  // Pepr 1.1.4 lists its store before it watches it, and grants itself all but that.
  ["pepr.dev", "peprstores", "list"],
];

test("the rights are these, each for its reason", () => {
  const found = rules.map(({ apiGroups, resources, verbs }) => [
    apiGroups.join(","),
    resources.join(","),
    verbs.join(" "),
  ]);
  expect(found).toEqual(rights);
});
