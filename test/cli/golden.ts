/** The golden files: what the program makes of the inputs in kratix/test-input/, the Promise, and the clusters of the examples. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { healthRights } from "../../cli/kratix/health-rights";
import { promise } from "../../cli/kratix/promise";
import { manifestOf } from "../../cli/manifest";
import { typed } from "./terminal";

/** Text of each golden file by its path in the project. */
export type Golden = Readonly<Record<string, string>>;

const project = resolve(__dirname, "../..");
const inputs = join(project, "kratix/test-input");
const outputs = "kratix/test-output";

/** Where the image is, a platform decides: docs/kratix.md. */
const image = "zero-touch-postgres-pipeline:v0.1.0";

export async function caseNames(): Promise<readonly string[]> {
  return (await readdir(inputs)).sort();
}

/** Every golden file as it ought to be. */
export async function goldenFiles(): Promise<Golden> {
  const cases = await caseNames();
  const runs = await Promise.all(cases.map(runOf));
  const { version } = JSON.parse(await readFile(join(project, "package.json"), "utf8")) as {
    version: string;
  };
  const rendered = await typed(["render", "-f", join(project, "examples/claim.yaml")]);
  return {
    ...Object.fromEntries(runs.flatMap(run => Object.entries(run))),
    "kratix/promise.yaml": manifestOf(promise(version, image)),
    "kratix/health-rights.yaml": healthRights.map(manifestOf).join("---\n"),
    "test/cli/golden/claim.yaml": rendered.out,
  };
}

/** Every golden file as it is. */
export async function keptFiles(): Promise<Golden> {
  const runs = await filesIn(join(project, outputs));
  const others = ["kratix/promise.yaml", "kratix/health-rights.yaml", "test/cli/golden/claim.yaml"];
  const texts = others.map(
    async name => [name, await readFile(join(project, name), "utf8")] as const,
  );
  return {
    ...Object.fromEntries(Object.entries(runs).map(([name, text]) => [`${outputs}/${name}`, text])),
    ...(Object.fromEntries(await Promise.all(texts)) as Golden),
  };
}

/** One run in folders laid out as Kratix does it: the files it writes, its exit code and its words. */
export async function runOf(name: string): Promise<Golden> {
  const folder = await mkdtemp(join(tmpdir(), "kratix-"));
  try {
    const input = join(inputs, name);
    const words = ["--input", input, "--classes", join(input, "classes")];
    const places = ["--output", join(folder, "output"), "--metadata", join(folder, "metadata")];
    const { code, out, error } = await typed(
      ["kratix", ...words, ...places],
      "",
      await environment(input),
    );
    const said = (text: string): string =>
      text.replaceAll(input, "/kratix/input").replaceAll(folder, "/kratix");
    const files = { ...(await filesIn(folder)), "exit-code": `${code}\n`, said: said(out + error) };
    const named = Object.entries(files).filter(([, text]) => text !== "");
    return Object.fromEntries(
      named.map(([file, text]) => [`${outputs}/${name}/${file}`, said(text)]),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

export async function environment(input: string): Promise<Readonly<Record<string, string>>> {
  const lines = (await readFile(join(input, "environment"), "utf8")).trim().split("\n");
  return Object.fromEntries(lines.map(line => line.split("="))) as Readonly<Record<string, string>>;
}

async function filesIn(folder: string): Promise<Golden> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = entries.filter(entry => entry.isFile());
  const texts = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(folder.length + 1), await readFile(path, "utf8")] as const;
  });
  return Object.fromEntries(await Promise.all(texts));
}

/** Writes them all, and takes away those of cases that are gone. */
export async function writeGolden(): Promise<void> {
  await rm(join(project, outputs), { recursive: true, force: true });
  for (const [name, text] of Object.entries(await goldenFiles())) {
    await mkdir(dirname(join(project, name)), { recursive: true });
    await writeFile(join(project, name), text);
  }
}
