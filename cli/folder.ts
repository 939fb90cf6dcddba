/** Folders to write into. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * The folder and those that it is in. Node 20: `mkdir` with `recursive` never ends where a parent that is there takes no folder
 * as if it were not, as /proc does and a working directory that was removed.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await made(path);
  } catch (fault) {
    const parent = dirname(path);
    if ((fault as NodeJS.ErrnoException).code !== "ENOENT" || parent === path) throw fault;
    await makeFolder(parent);
    await made(path);
  }
}

/** What is there already may be no folder: writing into it tells. */
async function made(path: string): Promise<void> {
  await mkdir(path).catch((fault: unknown) => {
    if ((fault as NodeJS.ErrnoException).code !== "EEXIST") throw fault;
  });
}
