import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

import { sweep } from "../../../local/stand-in/folder";

test("removes what stand-ins of this host left that no longer run, and nothing else", async () => {
  const parent = await mkdtemp(join(tmpdir(), "sweep-"));
  const { pid: ended } = spawnSync("true");
  const [left, running, elsewhere, other] = [
    `zero-touch-postgres-stand-in-${hostname()}-${ended}-a`,
    `zero-touch-postgres-stand-in-${hostname()}-${process.pid}-a`,
    `zero-touch-postgres-stand-in-another-${hostname()}-${ended}-a`,
    `zero-touch-postgres-${ended}-a`,
  ];
  for (const name of [left, running, elsewhere, other]) {
    await mkdir(join(parent, name, "data"), { recursive: true });
  }
  expect(await sweep(parent)).toEqual([join(parent, left)]);
  expect(await readdir(parent)).toEqual([running, elsewhere, other].sort());
  await rm(parent, { recursive: true });
});
