/** Killed at any point, the pipeline has written everything or nothing; and the next run of it is not disturbed by what is left. */
import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

const project = resolve(__dirname, "../../..");
/** So many files does a run write: enough for kills to fall between them. */
const fileCount = 600;
const kills = 16;
/** On a slow machine more are needed until one comes when all is written. */
const mostKills = 40;
/** In ms: dense while the files are written, and beyond their end. */
const delayOf = (kill: number): number => 2 * kill ** 2;

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "killing-"));
  const build = [join(project, "cli/build.mjs"), join(folder, "execute-pipeline.cjs")];
  await promisify(execFile)(process.execPath, build);
  await mkdir(join(folder, "input"));
  await mkdir(join(folder, "classes"));
  await writeFile(join(folder, "input/object.yaml"), "kind: Promise\n");
  const classes = Array.from({ length: fileCount }, (_none, index) =>
    [
      "apiVersion: database.bizmatters.io/v1alpha1",
      "kind: PostgresClass",
      `metadata: { name: class-${index} }`,
      "spec: {}\n",
    ].join("\n"),
  );
  await writeFile(join(folder, "classes/classes.yaml"), classes.join("---\n"));
});

afterAll(() => rm(folder, { recursive: true }));

/** Runs until it ends, or is killed so many ms after it has begun to change the output; says whether it came to its end. */
async function run(killAfter?: number): Promise<boolean> {
  const program = join(folder, "execute-pipeline.cjs");
  const places = ["input", "output", "metadata", "classes"].flatMap(name => [
    `--${name}`,
    join(folder, name),
  ]);
  const env = {
    ...process.env,
    KRATIX_WORKFLOW_TYPE: "promise",
    KRATIX_WORKFLOW_ACTION: "configure",
  };
  const before = entriesOf("output");
  const child = spawn(process.execPath, [program, ...places], { env, stdio: "ignore" });
  const ended = new Promise<number | null>(resolved => child.on("exit", resolved));
  if (killAfter !== undefined) {
    while (child.exitCode === null && entriesOf("output") === before) await pause(1);
    await Promise.race([pause(killAfter), ended]);
    child.kill("SIGKILL");
  }
  return (await ended) === 0;
}

/** All entries of a folder, hidden ones too. */
function entriesOf(name: string): string {
  const path = join(folder, name);
  return existsSync(path) ? readdirSync(path).sort().join() : "";
}

async function visibleIn(name: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, name)).catch(() => []);
  return names.filter(entry => !entry.startsWith("."));
}

async function textsIn(path: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(join(folder, path))).sort();
  const texts = names.map(
    async name => [name, await readFile(join(folder, path, name), "utf8")] as const,
  );
  return Object.fromEntries(await Promise.all(texts));
}

test("nothing partial is ever to be seen, whenever the pipeline is killed", async () => {
  expect(await run()).toBe(true);
  const whole = await textsIn("output/postgresql");
  const status = await textsIn("metadata");
  await cp(join(folder, "output"), join(folder, "earlier"), { recursive: true });
  expect(Object.keys(whole)).toHaveLength(fileCount);

  const seen = { nothing: 0, everything: 0, killed: 0 };
  for (let kill = 0; kill < kills || (seen.everything === 0 && kill < mostKills); kill++) {
    // Half of them begin with nothing, half over the output of an earlier run.
    await rm(join(folder, "output"), { recursive: true, force: true });
    if (kill % 2 === 1)
      await cp(join(folder, "earlier"), join(folder, "output"), { recursive: true });
    await rm(join(folder, "metadata"), { recursive: true, force: true });
    const isDone = await run(delayOf(kill));
    if (!isDone) seen.killed++;
    const visible = await visibleIn("output");
    if (visible.length === 0) seen.nothing++;
    else {
      seen.everything++;
      expect(visible).toEqual(["postgresql"]);
      expect(await textsIn("output/postgresql")).toEqual(whole);
    }
    const told = await visibleIn("metadata");
    if (told.length > 0) {
      expect(visible).toEqual(["postgresql"]);
      expect(await readFile(join(folder, "metadata/status.yaml"), "utf8")).toBe(
        status["status.yaml"],
      );
    }
  }
  // Kills that all fall before or after everything would show nothing.
  expect(seen.killed).toBeGreaterThan(kills / 4);
  expect(seen.nothing).toBeGreaterThan(0);
  expect(seen.everything).toBeGreaterThan(0);

  expect(await run()).toBe(true);
  expect(await readdir(join(folder, "output"))).toEqual(["postgresql"]);
  expect(await readdir(join(folder, "metadata"))).toEqual(["status.yaml"]);
}, 180_000);
