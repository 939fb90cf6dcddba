/** The bundled program as a process: one file, no packages, its streams and exit codes. */
import { execFile, spawn } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const project = resolve(__dirname, "../..");
/** A bound that tells when something large was bundled by mistake, such as a Kubernetes client. */
const mostBytes = 600_000;

let folder = "";
let program = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bundle-"));
  program = join(folder, "zero-touch-postgres.cjs");
  await promisify(execFile)(process.execPath, [join(project, "cli/build.mjs"), program]);
});

afterAll(() => rm(folder, { recursive: true }));

async function run(
  words: readonly string[],
  input = "",
): Promise<{ code: number | null; out: string; error: string }> {
  const child = spawn(program, words, { cwd: folder });
  const printed = { out: "", error: "" };
  child.stdout.on("data", (text: Buffer) => (printed.out += text.toString()));
  child.stderr.on("data", (text: Buffer) => (printed.error += text.toString()));
  child.stdin.end(input);
  const code = await new Promise<number | null>(ended => child.on("close", ended));
  return { code, ...printed };
}

test("renders by itself, far from any package", async () => {
  await copyFile(join(project, "examples/claim.yaml"), join(folder, "claim.yaml"));
  const golden = await readFile(join(__dirname, "golden/claim.yaml"), "utf8");
  expect(await run(["render", "-f", "claim.yaml"])).toEqual({ code: 0, out: golden, error: "" });
});

test("exits with what the command says", async () => {
  await writeFile(join(folder, "broken.yaml"), "a: [");
  expect((await run(["validate", "broken.yaml"])).code).toBe(1);
  expect((await run(["validate"])).code).toBe(2);
  expect((await run(["validate", "none.yaml"])).code).toBe(3);
});

test("a reader that stops early is no fault", async () => {
  const claims = Array.from({ length: 500 }, (_none, index) =>
    [
      "apiVersion: database.bizmatters.io/v1alpha1",
      "kind: PostgresInstance",
      `metadata: { name: db-${index} }`,
    ].join("\n"),
  );
  await writeFile(join(folder, "many.yaml"), claims.join("\n---\n"));
  const line = `set -o pipefail; ${program} render many.yaml | head -n 1`;
  const { stdout, stderr } = await promisify(execFile)("bash", ["-c", line], { cwd: folder });
  expect({ stdout, stderr }).toEqual({ stdout: "apiVersion: postgresql.cnpg.io/v1\n", stderr: "" });
});

test("says in one line that its output cannot be written, with exit code 3", async () => {
  const line = `${program} crds > /dev/full`;
  const ended = promisify(execFile)("bash", ["-c", line], { cwd: folder });
  await expect(ended).rejects.toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/^zero-touch-postgres: cannot write: ENOSPC.*\n$/) as string,
  });
});

test("ends where no folder can be made: in a working folder that was removed, which takes none", async () => {
  const claim = join(folder, "claim.yaml");
  await copyFile(join(project, "examples/claim.yaml"), claim);
  const line = `mkdir gone && cd gone && rmdir ../gone && ${program} render ${claim} -o out`;
  const ended = promisify(execFile)("bash", ["-c", line], { cwd: folder, timeout: 20_000 });
  await expect(ended).rejects.toMatchObject({
    code: 3,
    stderr: expect.stringContaining(
      "cannot write out/shop/cluster-orders-db.yaml: ENOENT",
    ) as string,
  });
});

test("is small, and names the licenses of what it contains", async () => {
  expect((await stat(program)).size).toBeLessThan(mostBytes);
  const text = await readFile(program, "utf8");
  expect(text).toContain("yaml, Copyright Eemeli Aro, ISC");
  expect(text).toContain("croner, Copyright Hexagon, MIT");
});
