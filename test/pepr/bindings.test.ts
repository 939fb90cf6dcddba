/** What the module is bound to in Pepr, and that it has the rights for it. */
import type { Rule } from "../../capabilities/rights";
import packageJson from "../../package.json";
import { asAdmission, asWatcher, bindingsIn, type Binding } from "./loading";

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

test("admission judges claims and classes that are made or changed, and their deletion", async () => {
  expect((await bindingsIn(asAdmission)).map(told)).toEqual([
    "database.bizmatters.io/PostgresInstance on CREATEORUPDATE isMutate",
    "database.bizmatters.io/PostgresInstance on CREATEORUPDATE isValidate",
    "database.bizmatters.io/PostgresInstance on DELETE isValidate",
    "database.bizmatters.io/PostgresDatabase on CREATEORUPDATE isMutate",
    "database.bizmatters.io/PostgresDatabase on CREATEORUPDATE isValidate",
    "database.bizmatters.io/PostgresDatabase on DELETE isValidate",
    "database.bizmatters.io/PostgresClass on CREATEORUPDATE isMutate",
    "database.bizmatters.io/PostgresClass on CREATEORUPDATE isValidate",
    "database.bizmatters.io/PostgresClass on DELETE isValidate",
  ]);
});

test("the watcher hears of claims, and reconciles the operators' Secrets: both only wake the module's own feeds", async () => {
  expect((await bindingsIn(asWatcher)).map(told)).toEqual([
    "database.bizmatters.io/PostgresInstance on CREATEORUPDATE isWatch",
    "database.bizmatters.io/PostgresDatabase on CREATEORUPDATE isWatch",
    "core/Secret on CREATEORUPDATE with cnpg.io/reload=true isWatch,isQueue",
    "core/Secret on CREATEORUPDATE with application=spilo isWatch,isQueue",
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
