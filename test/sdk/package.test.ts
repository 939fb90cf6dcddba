/** What programs import, as they do: from a folder of packages that has this one alone. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const project = resolve(__dirname, "../..");
const run = promisify(execFile);
/** A bound that tells when something large was bundled by mistake, such as a Kubernetes client. */
const mostBytes = 400_000;
/** In ms: a build with types takes some seconds, side by side with other tests. */
const timeout = 60_000;

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "package-"));
  const installed = join(folder, "node_modules/zero-touch-postgres");
  await mkdir(installed, { recursive: true });
  await copyFile(join(project, "package.json"), join(installed, "package.json"));
  // What a program that connects has beside it.
  for (const name of ["pg", "@types"]) {
    await symlink(join(project, "node_modules", name), join(folder, "node_modules", name));
  }
  await run(process.execPath, [join(project, "sdk/build.mjs"), join(installed, "dist")]);
}, timeout);

afterAll(() => rm(folder, { recursive: true }));

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
  await writeFile(join(folder, file), `${line}\nconsole.log(JSON.stringify(Object.keys(sdk)));\n`);
  const { stdout } = await run(process.execPath, [file], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual(expect.arrayContaining(names));
});

/** What TypeScript has against a program, in its own words. */
async function typeFaults(text: string): Promise<string> {
  const compilerOptions = { strict: true, noEmit: true, target: "ES2022", module: "node16" };
  const settings = { compilerOptions: { ...compilerOptions, types: ["node"] }, files: ["a.mts"] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(settings));
  await writeFile(join(folder, "a.mts"), text);
  const checked = run("npx", ["tsc", "-p", folder], { cwd: project });
  return checked.then(
    () => "",
    (fault: unknown) => (fault as { readonly stdout: string }).stdout,
  );
}

const document = readFileSync(join(project, "docs/typescript.md"), "utf8");
const shown = [...document.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, text = ""]) => [text]);

test("docs/typescript.md shows programs", () => {
  expect(shown.length).toBeGreaterThan(2);
});

test.each(shown)(
  "its types are complete, and hold for\n%s",
  async text => {
    expect(await typeFaults(text)).toBe("");
  },
  timeout,
);

test(
  "what its types do not know is found",
  async () => {
    const text = `import { createDatabase } from "zero-touch-postgres/sdk";\nawait createDatabase({ name: "a", size: "huge" });\n`;
    expect(await typeFaults(text)).toContain(`Type '"huge"' is not assignable`);
  },
  timeout,
);

test("it is small, and names no path of this machine", async () => {
  const file = join(folder, "node_modules/zero-touch-postgres/dist/sdk.cjs");
  expect((await stat(file)).size).toBeLessThan(mostBytes);
  expect(await readFile(file, "utf8")).not.toContain(project);
});
