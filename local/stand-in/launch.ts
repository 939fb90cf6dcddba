/** The life of one PostgreSQL process: from a free port to its end. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { User } from "./folder";
import { logIn } from "./sql";
import type { Login } from "./sql";

const startTimeout = 30_000;
const stopTimeout = 10_000;

/** A port that is free now. Should another take it meanwhile, the server ends at its start, and the next try has a new one. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/** Of PostgreSQL, beside those of its configuration file. */
export type Settings = Readonly<Record<string, string>>;

/** Starts a server on the data folder; what it says goes to a file beside it. */
export async function launch(
  bin: string,
  data: string,
  settings: Settings,
  user: User,
): Promise<ChildProcess> {
  const log = await open(`${data}.log`, "a");
  try {
    const set = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    return spawn(join(bin, "postgres"), ["-D", data, ...set], {
      ...user,
      cwd: data,
      stdio: ["ignore", log.fd, log.fd],
    }).on("error", () => undefined);
  } finally {
    await log.close();
  }
}

/** Waits until the server lets in. */
export async function answers(child: ChildProcess, login: Login, data: string): Promise<void> {
  const end = Date.now() + startTimeout;
  while (child.pid !== undefined && isAlive(child) && Date.now() < end) {
    if (await logIn(login).then(yes, no)) return;
    await sleep(30);
  }
  const log = await readFile(`${data}.log`, "utf8");
  throw new Error(`PostgreSQL did not start: ${log.trim().split("\n").at(-1) ?? ""}`);
}

/** Ends the server as soon as its connections are cut, by force if need be. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || !isAlive(child)) return;
  const ended = once(child, "exit");
  const force = setTimeout(() => child.kill("SIGKILL"), stopTimeout);
  child.kill("SIGINT");
  await ended;
  clearTimeout(force);
}

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

const yes = (): boolean => true;
const no = (): boolean => false;
