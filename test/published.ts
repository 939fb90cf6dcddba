/** The package as programs find it, and what TypeScript has against programs that import it. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

export const project = resolve(__dirname, "..");
const run = promisify(execFile);

/** In ms: a build with types takes some seconds, side by side with other tests. */
export const timeout = 60_000;

export type Installed = { readonly folder: string; readonly dist: string };

/** A folder of packages that has this one, as `build` makes it, and the others that a program has beside it. */
export async function installed(build: string, others: readonly string[]): Promise<Installed> {
  const folder = await mkdtemp(join(tmpdir(), "package-"));
  const packages = join(folder, "node_modules");
  const own = join(packages, "zero-touch-postgres");
  const dist = join(own, "dist");
  await mkdir(own, { recursive: true });
  await copyFile(join(project, "package.json"), join(own, "package.json"));
  for (const name of others) {
    await symlink(join(project, "node_modules", name), join(packages, name));
  }
  await run(process.execPath, [join(project, build), dist]);
  return { folder, dist };
}

/** What a file of the folder prints. */
export async function printed({ folder }: Installed, file: string, text: string): Promise<string> {
  await writeFile(join(folder, file), text);
  const { stdout } = await run(process.execPath, [file], { cwd: folder });
  return stdout;
}

/** What TypeScript has against the programs, in its own words; empty if nothing. */
export async function typeFaults(
  { folder }: Installed,
  programs: readonly string[],
): Promise<string> {
  const files = programs.map((_text, index) => `program-${index}.mts`);
  const compilerOptions = { strict: true, noEmit: true, target: "ES2022", module: "node16" };
  const settings = {
    compilerOptions: { ...compilerOptions, types: ["node"], skipLibCheck: true },
    files,
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(settings));
  for (const [index, text] of programs.entries()) {
    await writeFile(join(folder, files[index] ?? ""), text);
  }
  const checked = run("npx", ["tsc", "-p", folder], { cwd: project });
  return checked.then(
    () => "",
    (fault: unknown) => (fault as { readonly stdout: string }).stdout,
  );
}

/** The programs that a document shows. */
export function programsIn(document: string): readonly string[] {
  const text = readFileSync(join(project, document), "utf8");
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, program = ""]) => program);
}
