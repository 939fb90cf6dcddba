/** What the module is bound to in Pepr, and that it has the rights for it. */
import type { Rule } from "../../capabilities/rights";
import packageJson from "../../package.json";
import { asAdmission, asWatcher, bindingsIn, type Binding } from "./loading";

const rules: readonly Rule[] = packageJson.pepr.rbac;

/** Pepr's own type does not know of them. */
function fieldsOf(filters: object): Readonly<Record<string, string>> {
  return (filters as { readonly fields?: Readonly<Record<string, string>> }).fields ?? {};
}

/** A binding in a line. */
function told({ kind, event, filters, ...binding }: Binding): string {
  const actions = ["isMutate", "isValidate", "isWatch", "isQueue", "isFinalize"] as const;
  const labels = Object.entries(filters.labels).map(([name, value]) => `${name}=${value}`);
  return [
    `${kind.group === "" ? "core" : kind.group}/${kind.kind}`,
    `on ${event}`,
    ...(filters.name === "" ? [] : [`named ${filters.name}`]),
    ...(labels.length === 0 ? [] : [`with ${labels.join(",")}`]),
    ...Object.entries(fieldsOf(filters)).map(([name, value]) => `where ${name}=${value}`),
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

test("the watcher hears of deletions too; Secrets are selected by labels; both kinds of Secret are reconciled", async () => {
  expect((await bindingsIn(asWatcher)).map(told)).toEqual([
    "database.bizmatters.io/PostgresInstance on * isWatch",
    "postgresql.cnpg.io/Cluster on * isWatch",
    "core/Secret on * with cnpg.io/reload=true isWatch,isQueue",
    "core/Secret on * with app.kubernetes.io/managed-by=cloudnative-pg where type=Opaque isWatch,isQueue",
    "core/Secret on * with database.bizmatters.io/claim-uid= isWatch,isQueue",
    "postgresql.cnpg.io/Database on * with database.bizmatters.io/claim-uid= isWatch",
    "postgresql.cnpg.io/Pooler on * with database.bizmatters.io/claim-uid= isWatch",
    "database.bizmatters.io/PostgresClass on * isWatch",
    "core/Namespace on * isWatch",
    "apiextensions.k8s.io/CustomResourceDefinition on * named clusters.postgresql.cnpg.io isWatch",
  ]);
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
