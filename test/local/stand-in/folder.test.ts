import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

import { sweep } from "../../../local/stand-in/folder";

/** A folder named as a stand-in with this process id names its own. */
function folderOf(pid: number, host = hostname()): Promise<string> {
  return mkdtemp(join(tmpdir(), `zero-touch-postgres-stand-in-${host}-${pid}-`));
}

test("removes what stand-ins of this host left that no longer run, and nothing else", async () => {
  const { pid: ended } = spawnSync("true");
  const left = await folderOf(ended);
  await mkdir(join(left, "data"));
  const kept = await Promise.all([folderOf(process.pid), folderOf(ended, "another-host")]);
  expect(await sweep()).toContain(left);
  expect([left, ...kept].map(existsSync)).toEqual([false, true, true]);
  await Promise.all(kept.map(folder => rm(folder, { recursive: true })));
});
