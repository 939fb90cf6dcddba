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
  await written("outside.yaml", "within/b.yaml");
  await symlink(join(folder, "outside.yaml"), join(folder, "within/link.yaml"));
  await symlink(folder, join(folder, "within/up"));
  expect(await filesOf(join(folder, "within"))).toEqual(["within/b.yaml", "within/link.yaml"]);
});

test("a file and a link to it are one", async () => {
  await written("real/a.yaml");
  await symlink(join(folder, "real/a.yaml"), join(folder, "link.yaml"));
  expect(await filesOf(folder)).toEqual(["link.yaml"]);
});

test.each([
  ["a byte of another encoding", [0x6f, 0xe9, 0x0a], "o\0\n"],
  ["UTF-16", [0xff, 0xfe, 0x61, 0x00], "\0\0a\0"],
  ["a mark at the beginning of UTF-8", [0xef, 0xbb, 0xbf, 0x61], "a"],
  ["the sign for what could not be read, as it was written", [0xef, 0xbf, 0xbd], "\ufffd"],
])("%s", async (_title, bytes, text) => {
  const file = join(folder, "a.yaml");
  await writeFile(file, Uint8Array.from(bytes));
  expect(await sourcesOf([file], terminal)).toEqual([{ file, text }]);
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
