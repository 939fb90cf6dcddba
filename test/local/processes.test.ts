import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lastLines, removeFolder, run, startChild, temporaryFolder } from "../../local/processes";
import { until } from "../../local/waiting";

const folder = temporaryFolder("processes-test");
afterAll(() => {
  removeFolder(folder);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch {
    return false;
  }
}

/** Where nobody waits for an orphan that has ended, as in some containers, Linux keeps its number. */
function isZombie(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && readFileSync(stat, "utf8").includes(") Z ");
}

function numbersIn(file: string): number[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split(/\s+/).map(Number) : [];
}

/** A process that starts another, and notes both. */
function family(pids: string): [string, string[]] {
  return ["sh", ["-c", `sleep 600 & echo $$ $! > ${pids}; wait`]];
}

describe("processes", () => {
  it("end with all that they have started", async () => {
    const pids = join(folder, "family");
    const child = startChild(...family(pids), { log: join(folder, "family.log") });
    await until(() => numbersIn(pids).length === 2, { what: "starting", seconds: 5 });
    await child.kill();
    expect(await child.ended).toBe("SIGKILL");
    await until(() => !numbersIn(pids).some(isAlive), { what: "ending", seconds: 5 });
  });

  it("say in their log why they ended", async () => {
    const log = join(folder, "failing.log");
    const child = startChild("sh", ["-c", "echo first; echo last >&2; exit 3"], { log });
    expect(await child.ended).toBe("code 3");
    expect(lastLines(log, 1)).toBe("last");
  });

  it("go with their folders when the process that made them is killed", async () => {
    const pids = join(folder, "orphans");
    const [command, args] = family(pids);
    const script = join(folder, "parent.ts");
    writeFileSync(
      script,
      `import { startChild, temporaryFolder } from ${JSON.stringify(join(__dirname, "../../local/processes"))};
       console.log(temporaryFolder("orphan-test"));
       startChild(${JSON.stringify(command)}, ${JSON.stringify(args)}, { log: "/dev/null" });
       setTimeout(() => process.kill(process.pid, "SIGKILL"), 500);`,
    );
    const cwd = join(__dirname, "../..");
    const { stdout } = await run(process.execPath, ["--require", "tsx/cjs", script], { cwd });
    const left = (): boolean => numbersIn(pids).some(isAlive) || existsSync(stdout.trim());
    expect(stdout).toContain("orphan-test");
    expect(numbersIn(pids)).toHaveLength(2);
    await until(() => !left(), { what: "cleaning up", seconds: 5 });
  });
});
