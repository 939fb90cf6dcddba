/** What programs import as zero-touch-postgres/sdk, as they do: from a folder of packages that has this one alone. */
import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { installed, printed, programsIn, project, timeout, typeFaults } from "../published";

/** A bound that tells when something large was bundled by mistake, such as a Kubernetes client. */
const mostBytes = 400_000;

// What a program that connects has beside it.
const made = installed("sdk/build.mjs", ["pg", "@types"]);

beforeAll(() => made, timeout);

afterAll(async () => rm((await made).folder, { recursive: true }));

const names = [
  "createDatabase",
  "deleteDatabase",
  "getDatabase",
  "isDatabaseError",
  "waitForDatabase",
];

test.each([
  ["a CommonJS program", "one.cjs", `const sdk = require("zero-touch-postgres/sdk");`],
  ["an ES module", "one.mjs", `import * as sdk from "zero-touch-postgres/sdk";`],
])("%s imports it", async (_who, file, line) => {
  const said = await printed(
    await made,
    file,
    `${line}\nconsole.log(JSON.stringify(Object.keys(sdk)));\n`,
  );
  expect(JSON.parse(said)).toEqual(expect.arrayContaining(names));
});

test(
  "its types are complete, and hold for the programs of docs/typescript.md",
  async () => {
    const shown = programsIn("docs/typescript.md");
    expect(shown.length).toBeGreaterThan(2);
    expect(await typeFaults(await made, shown)).toBe("");
  },
  timeout,
);

test(
  "what its types do not know is found",
  async () => {
    const text = `import { createDatabase } from "zero-touch-postgres/sdk";\nawait createDatabase({ name: "a", size: "huge" });\n`;
    expect(await typeFaults(await made, [text])).toContain(`Type '"huge"' is not assignable`);
  },
  timeout,
);

test("it is small, and names no path of this machine", async () => {
  const file = join((await made).dist, "sdk.cjs");
  expect((await stat(file)).size).toBeLessThan(mostBytes);
  expect(await readFile(file, "utf8")).not.toContain(project);
});
