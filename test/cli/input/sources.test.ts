import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { sourcesOf } from "../../../cli/input/sources";
import type { Terminal } from "../../../cli/command";

const ours = "apiVersion: database.bizmatters.io/v1alpha1\n";
const terminal: Terminal = {
  out: () => undefined,
  error: () => undefined,
  input: async () => Promise.resolve("typed: true\n"),
  env: {},
};

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sources-"));
});

afterEach(() => rm(folder, { recursive: true }));

async function written(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), ours);
  }
}

async function filesOf(...paths: readonly string[]): Promise<readonly string[]> {
  const sources = await sourcesOf(paths, terminal);
  return sources.map(({ file }) => file.replace(`${folder}/`, ""));
}

test("a folder gives its manifests and those of its folders, by name", async () => {
  await written("b.yaml", "a/z.yml", "a/a.json", "c.txt", "README.md");
  expect(await filesOf(folder)).toEqual(["a/a.json", "a/z.yml", "b.yaml"]);
});

test("folders of tools are passed over, and so are files that do not name our group", async () => {
  await written(".git/a.yaml", "node_modules/a.yaml", "..data/a.yaml", "kept.yaml");
  await writeFile(join(folder, "template.yaml"), "{{ if }");
  expect(await filesOf(folder)).toEqual(["kept.yaml"]);
});

test("a file that is named is read whatever it is called or holds", async () => {
  await writeFile(join(folder, "claim.txt"), "a: 1\n");
  expect(await filesOf(join(folder, "claim.txt"))).toEqual(["claim.txt"]);
});

test("what is named twice is read once, standard input by -", async () => {
  await written("a.yaml", "b.yaml");
  expect(await filesOf(join(folder, "b.yaml"), folder, "-")).toEqual([
    "b.yaml",
    "a.yaml",
    "<stdin>",
  ]);
  expect((await sourcesOf(["-"], terminal))[0]?.text).toBe("typed: true\n");
});

test("a link to a file is followed, one to a folder that holds it is not", async () => {
  await written("real/a.yaml");
  await symlink(join(folder, "real/a.yaml"), join(folder, "link.yaml"));
  await symlink(folder, join(folder, "real/up"));
  expect(await filesOf(folder)).toEqual(["link.yaml", "real/a.yaml"]);
});

test("what is not there is named, with exit code 3", async () => {
  await expect(sourcesOf([join(folder, "none.yaml")], terminal)).rejects.toMatchObject({
    message: `cannot read ${folder}/none.yaml: ENOENT: no such file or directory`,
    exitCode: 3,
  });
});

const isRoot = process.getuid?.() === 0;

test(`what may not be read is named${isRoot ? " (nothing is forbidden to root: a link in a circle instead)" : ""}`, async () => {
  const file = join(folder, "a.yaml");
  if (isRoot) await symlink(file, file);
  else {
    await written("a.yaml");
    await chmod(file, 0);
  }
  await expect(sourcesOf([folder], terminal)).rejects.toMatchObject({
    message: expect.stringContaining(`cannot read ${file}: `) as string,
    exitCode: 3,
  });
});
