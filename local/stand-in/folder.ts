/**
 * The temporary folder of one stand-in, and under whom its servers run. It never outlives the stand-in for long:
 * - a keeper process, a shell that waits for our end on a pipe, removes it however we end, by SIGKILL too;
 * - the next start removes what is left when the keeper was killed as well, or the machine;
 * - a server ends by itself within a minute once its folder is gone (PostgreSQL looks whether its lock file is
 *   still there), so nothing ever has to guess from a pid which servers were ours.
 */
import { execFile, spawn } from "node:child_process";
import { chown, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export type User = { readonly uid?: number; readonly gid?: number };

// Of one host and one process: a pid alone may mean another process in a container that shares /tmp.
const prefix = `zero-touch-postgres-stand-in-${hostname()}-`;
const keeper = 'cat >/dev/null; while [ -e "$1" ]; do rm -rf "$1" || sleep 1; done';

/** A new folder for the servers' data, which `user` may enter. */
export async function makeFolder(user: User): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  const child = spawn("sh", ["-c", keeper, "keeper", folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.unref();
  if (user.uid !== undefined) await chown(folder, user.uid, user.gid ?? user.uid);
  return folder;
}

/** Writes a file that `user` alone can read: PostgreSQL takes no key that others could. */
export async function writeFor(user: User, path: string, content: string): Promise<void> {
  await writeFile(path, content, { mode: 0o600 });
  if (user.uid !== undefined) await chown(path, user.uid, user.gid ?? user.uid);
}

/** Removes the folders of stand-ins on this host that no longer run; tells which. */
export async function sweep(parent = tmpdir()): Promise<readonly string[]> {
  const stale = (await readdir(parent)).filter(name => {
    const pid = name.startsWith(prefix) && /^\d+/.exec(name.slice(prefix.length))?.[0];
    return pid && !isRunning(Number(pid));
  });
  const removed = stale.map(async name => {
    const folder = join(parent, name);
    // Another user's stays for that user.
    return removeFolder(folder).then(
      () => [folder],
      () => [],
    );
  });
  return (await Promise.all(removed)).flat();
}

/** Removes a folder in which a server may still be writing. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
}

/** PostgreSQL does not run as root: for root `nobody`, whom every system has; else whoever we are. */
export async function serverUser(): Promise<User> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all(
    ["-u", "-g"].map(async flag => Number((await run("id", [flag, "nobody"])).stdout)),
  );
  return { ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
