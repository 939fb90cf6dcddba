/**
 * What the pods of backups run, in a real shell on a real folder. PostgreSQL's programs are STAND-INS here, which write and say
 * what each case needs; `test/cluster/local/backup.test.ts` has the real ones.
 */
import { execFileSync, spawnSync, type SpawnSyncReturns } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backupScript } from "../../capabilities/backup/script";

const programs = {
  pg_dump: `for argument in "$@"; do case "$argument" in --file=*) echo dumped >"\${argument#--file=}";; esac; done`,
  pg_dumpall: `for argument in "$@"; do case "$argument" in --file=*) echo roles >"\${argument#--file=}";; esac; done`,
  pg_restore: `case "$*" in *--list*) echo "1; 0 0 COMMENT - EXTENSION x"; echo "2; 0 0 TABLE public t app";; *) echo "BEGIN;"; echo "CREATE TABLE t();"; echo "COMMIT;";; esac`,
  psql: `case "$*" in *--command=*) exit 0;; esac; cat >"$STAGE/said"; grep -q '^COMMIT;' "$STAGE/said" && grep '^.echo' "$STAGE/said" | cut -d ' ' -f 2; exit 0`,
} as const;

type Program = keyof typeof programs;

type Stage = {
  readonly folder: string;
  readonly play: (...args: readonly string[]) => SpawnSyncReturns<string>;
  readonly replace: (program: Program, script: string) => void;
  readonly report: () => unknown;
  readonly backups: () => readonly string[];
  readonly said: () => string;
};

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "zero-touch-postgres-backups-"));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function stage(shell = ["sh"]): Stage {
  const [folder, bin] = ["backups", "bin"].map(name => join(root, name)) as [string, string];
  for (const made of [folder, bin]) mkdirSync(made);
  const replace = (program: Program, script: string): void => {
    const file = join(bin, program);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  };
  for (const program of Object.keys(programs) as Program[]) replace(program, programs[program]);
  const env = {
    PATH: `${bin}:${process.env.PATH ?? ""}`,
    STAGE: root,
    TMPDIR: root,
    PGDATABASE: "orders",
    BACKUP_FOLDER: folder,
    BACKUP_PLACE: "team-a/orders-db in nas:/backups",
    RETENTION_DAYS: "7",
    REPORT_FILE: join(root, "report"),
  };
  const [program = "sh", ...before] = shell;
  return {
    folder,
    replace,
    play: (...args) =>
      spawnSync(program, [...before, "-c", backupScript, "backup", ...args], {
        env,
        encoding: "utf8",
        // Of a socket bash would think that it is a remote shell, and read the user's files.
        stdio: ["ignore", "pipe", "pipe"],
      }),
    report: () => JSON.parse(readFileSync(join(root, "report"), "utf8")) as unknown,
    backups: () => readdirSync(folder).sort(),
    said: () => readFileSync(join(root, "said"), "utf8"),
  };
}

/** The name of the only backup. */
function onlyOf({ backups }: Stage): string {
  const [name = "", ...others] = backups();
  expect(others).toEqual([]);
  return name;
}

/** A backup as one of so many days ago would be. */
function plant({ folder }: Stage, days: number): string {
  const time = new Date(Date.now() - days * 86_400_000).toISOString();
  const name = `${time.slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  mkdirSync(join(folder, name));
  return name;
}

function isThere(shell: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${shell}`]).status === 0;
}

describe.each([["sh"], ["bash"], ["busybox", "sh"]])("in %s", (...shell) => {
  const testHere = isThere(shell[0]) ? test : test.skip;

  testHere("a backup has its own folder, whole, with checksums, and says its name and size", () => {
    const made = stage(shell);
    const { status, stderr } = made.play("backup");
    expect([status, stderr]).toEqual([0, ""]);
    const name = onlyOf(made);
    expect(name).toMatch(/^\d{8}T\d{6}Z$/);
    const folder = join(made.folder, name);
    expect(readdirSync(folder).sort()).toEqual([
      "SHA256SUMS",
      "contents.txt",
      "database.dump",
      "globals.sql",
    ]);
    execFileSync("sha256sum", ["-c", "SHA256SUMS"], { cwd: folder });
    expect(made.report()).toEqual({ backup: name, bytes: 7, available: [name] });
  });

  testHere(
    "old backups and what was cut short go, young ones stay, and what is no backup is let be",
    () => {
      const made = stage(shell);
      const [old, young] = [plant(made, 8), plant(made, 6)];
      for (const name of ["notes", ".old.partial", ".new.partial"])
        mkdirSync(join(made.folder, name));
      const longAgo = new Date(Date.now() - 2 * 86_400_000);
      utimesSync(join(made.folder, ".old.partial"), longAgo, longAgo);
      const { stdout } = made.play("backup");
      expect(stdout).toContain(`removes ${old}: it is older than 7 days`);
      const left = made.backups();
      expect(left).toHaveLength(4);
      expect(left).toEqual(expect.arrayContaining(["notes", ".new.partial", young]));
    },
  );

  testHere(
    "a backup is put back in one transaction, after what is there has been backed up",
    () => {
      const made = stage(shell);
      const old = plant(made, 3);
      writeFileSync(join(made.folder, old, "database.dump"), "old\n");
      execFileSync("sh", ["-c", "sha256sum database.dump >SHA256SUMS"], {
        cwd: join(made.folder, old),
      });
      const { status } = made.play("restore", "latest");
      expect(status).toBe(0);
      const [, safety] = made.backups();
      expect(made.report()).toEqual({ restored: old, safety, available: [safety, old] });
      expect(made.said()).toMatch(
        /^BEGIN; .*DROP OWNED BY CURRENT_USER CASCADE;\nBEGIN;\nCREATE TABLE/,
      );
      expect(readFileSync(join(root, "contents"), "utf8")).toBe("2; 0 0 TABLE public t app\n");
    },
  );
});

test.each<readonly [string, Program, string, string]>([
  ["pg_dump fails", "pg_dump", "echo 'pg_dump: error: no space left' >&2; exit 1", "no space left"],
  [
    "the dump cannot be read",
    "pg_restore",
    "echo 'corrupt archive' >&2; exit 1",
    "corrupt archive",
  ],
])("where %s, nothing is left and nothing is removed", (_title, program, script, words) => {
  const made = stage();
  const old = plant(made, 8);
  made.replace(program, script);
  const { status, stderr } = made.play("backup");
  expect(status).toBe(1);
  expect(stderr).toContain(words);
  expect(made.backups()).toEqual([old]);
  expect(existsSync(join(root, "report"))).toBe(false);
});

test("roles that may not be read are left out of the backup, and this is said", () => {
  const made = stage();
  made.replace("pg_dumpall", "exit 1");
  const { status, stdout } = made.play("backup");
  expect([status, stdout]).toEqual([0, "globals.sql is left out: this role may not read it\n"]);
  expect(readdirSync(join(made.folder, onlyOf(made)))).not.toContain("globals.sql");
});

test("the newest backup is not removed, however short backups are kept and however wrong the clock is", () => {
  const made = stage();
  const tomorrow = plant(made, -1);
  made.play("backup");
  expect(made.backups()).toContain(tomorrow);
  expect(made.backups()).toHaveLength(2);
});

describe("what cannot be put back leaves the database as it was", () => {
  test("there is none", () => {
    const { status, stderr } = stage().play("restore", "latest");
    expect([status, stderr]).toEqual([
      1,
      "there is no backup in team-a/orders-db in nas:/backups\n",
    ]);
  });

  test("it is not there: those that are there are named", () => {
    const made = stage();
    const there = plant(made, 1);
    const { status, stderr } = made.play("restore", "20200101T000000Z");
    expect(status).toBe(1);
    expect(stderr).toBe(
      `backup 20200101T000000Z is not in team-a/orders-db in nas:/backups; there are: ${there} \n`,
    );
  });

  test("it is damaged", () => {
    const made = stage();
    made.play("backup");
    const name = onlyOf(made);
    writeFileSync(join(made.folder, name, "database.dump"), "other\n");
    const { status, stderr } = made.play("restore", name);
    expect(status).toBe(1);
    expect(stderr).toContain(`backup ${name} is damaged`);
    expect(existsSync(join(root, "said"))).toBe(false);
  });

  test("pg_restore breaks off: no COMMIT is sent", () => {
    const made = stage();
    made.play("backup");
    made.replace("pg_restore", 'case "$*" in *--list*) exit 0;; esac; echo "BEGIN;"; exit 1');
    const { status, stderr } = made.play("restore", onlyOf(made));
    expect(status).toBe(1);
    expect(stderr).toContain("could not be read to its end; the database is as it was");
    expect(made.said()).not.toContain("COMMIT");
  });

  test("what is there cannot be backed up first", () => {
    const made = stage();
    made.play("backup");
    made.replace("pg_dump", "exit 1");
    expect(made.play("restore", onlyOf(made)).status).toBe(1);
    expect(existsSync(join(root, "said"))).toBe(false);
  });
});

test("two that begin in one second are two", () => {
  const made = stage();
  const now = plant(made, 0);
  made.play("backup");
  expect(readdirSync(join(made.folder, now))).toEqual([]);
  expect(made.backups()).toHaveLength(2);
});

test("its last words fit what Kubernetes keeps of them, however many backups there are", () => {
  const made = stage();
  for (let hours = 0; hours < 160; hours++) plant(made, hours / 24);
  made.play("backup");
  const report = readFileSync(join(root, "report"), "utf8");
  expect(report.length).toBeLessThan(4096);
  expect((JSON.parse(report) as { available: unknown[] }).available).toHaveLength(100);
});
