/** The plugin for other languages: what it says that there is, and that it makes it. */
import { version } from "../../package.json";
import { provider, schema } from "../../pulumi/provider";
import { askedOf, ended, mocked } from "./mocks";

afterEach(ended);

type Schema = {
  readonly version: string;
  readonly resources: Readonly<
    Record<string, { readonly properties: object; readonly requiredInputs: readonly string[] }>
  >;
};

test("it has the version of the package, and a component for each kind", () => {
  const found = schema() as Schema;
  expect(found.version).toBe(version);
  expect(Object.keys(found.resources)).toEqual([
    "zero-touch-postgres:index:PostgresInstance",
    "zero-touch-postgres:index:PostgresDatabase",
    "zero-touch-postgres:index:PostgresClass",
  ]);
});

test.each([
  ["PostgresInstance", { namespace: "shop" }],
  ["PostgresDatabase", { instance: "home" }],
  ["PostgresClass", {}],
])("%s is made, with all that the schema says of it", async (kind, inputs) => {
  const asked = await mocked();
  const type = `zero-touch-postgres:index:${kind}`;
  const made = await provider.construct?.("one", type, inputs, {});
  const { properties = {} } = (schema() as Schema).resources[type] ?? {};
  expect(Object.keys(made?.state ?? {}).sort()).toEqual(Object.keys(properties).sort());
  expect(await askedOf(asked, `kubernetes:database.bizmatters.io/v1alpha1:${kind}`)).toHaveLength(
    1,
  );
});

test("what it does not know is an error", async () => {
  await expect(provider.construct?.("one", "other:index:Thing", {}, {})).rejects.toThrow(
    "other:index:Thing is no component of zero-touch-postgres",
  );
});
