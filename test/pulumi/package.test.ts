/** What Pulumi programs import, as they do: from a folder of packages that has Pulumi's two beside this one. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { installed, printed, programsIn, project, timeout, typeFaults } from "../published";

const made = installed("pulumi/build.mjs", ["@pulumi", "@types"]);

beforeAll(() => made, timeout);

afterAll(async () => rm((await made).folder, { recursive: true }));

test("a program imports it, and Pulumi's packages are the program's own", async () => {
  const file = join((await made).dist, "pulumi.cjs");
  const text = await readFile(file, "utf8");
  expect(text).toContain('require("@pulumi/pulumi")');
  expect(text).not.toContain(project);
  const line = `console.log(Object.keys(require("zero-touch-postgres/pulumi")).sort().join(" "));\n`;
  expect(await printed(await made, "one.cjs", line)).toBe(
    "Application PostgresClass PostgresDatabase PostgresInstance classFromConfig createDatabase\n",
  );
});

test(
  "its types are complete, and hold for the programs of docs/pulumi.md",
  async () => {
    const shown = programsIn("docs/pulumi.md");
    expect(shown.length).toBeGreaterThan(3);
    expect(await typeFaults(await made, shown)).toBe("");
  },
  timeout,
);

test(
  "what its types do not know is found",
  async () => {
    const text = `import { PostgresInstance } from "zero-touch-postgres/pulumi";\nnew PostgresInstance("a", { size: "huge" });\n`;
    expect(await typeFaults(await made, [text])).toContain("huge");
  },
  timeout,
);

test("the plugin says of itself what Pulumi asks for", async () => {
  const { dist } = await made;
  const plugin = join(dist, "pulumi-plugin");
  const found = JSON.parse(await readFile(join(plugin, "package.json"), "utf8")) as object;
  expect(found).toMatchObject({ name: "zero-touch-postgres", main: "plugin.cjs" });
  expect(await readFile(join(plugin, "PulumiPlugin.yaml"), "utf8")).toContain("runtime: nodejs");
});
