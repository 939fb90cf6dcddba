// Everything outside this process that local/ makes: processes and temporary folders. Whatever is made here goes when this
// process ends, even by SIGKILL: a watchdog process (watchdog.cjs) then ends and removes what is left.
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Takes a line of progress for whoever waits. */
export type Report = (line: string) => void;

/** What a command that has ended said. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that keeps running, with all that it starts in turn. */
export interface Child {
  readonly pid: number;
  readonly log: string;
  /** How it ended: "code 1", "SIGKILL". */
  readonly ended: Promise<string>;
  running(): boolean;
  /** Ends it and all that it started, at once, and waits for that. */
  kill(): Promise<void>;
}

interface Surroundings {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a command to its end; rejects only where it cannot be started. */
export function run(
  command: string,
  args: readonly string[],
  { input = "", ...surroundings }: Surroundings & { readonly input?: string } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, surroundings);
    const said = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
    child.once("error", reject);
    child.once("close", code => {
      resolve({ code: code ?? 1, ...said });
    });
    // A command that ends without reading its input is no fault of ours.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

/** Starts a process in a process group of its own, with all that it says appended to the file `log`. */
export function startChild(
  command: string,
  args: readonly string[],
  { log, ...surroundings }: Surroundings & { readonly log: string },
): Child {
  const file = openSync(log, "a");
  const child = spawn(command, args, {
    ...surroundings,
    stdio: ["ignore", file, file],
    detached: true,
  });
  closeSync(file);
  child.once("error", () => undefined);
  const pid = child.pid;
  if (pid === undefined) throw new Error(`cannot start ${command}`);
  tellWatchdog(`+group ${pid}`);
  const ended = endOf(child, pid);
  const kill = async (): Promise<void> => {
    if (isRunning(child)) killGroup(pid);
    await ended;
  };
  return { pid, log, ended, running: () => isRunning(child), kill };
}

/** A new folder that goes with this process, or before by `removeFolder`. */
export function temporaryFolder(name: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `${name}-`)));
  tellWatchdog(`+folder ${folder}`);
  return folder;
}

/** Removes a temporary folder; processes that were just killed may still be leaving it. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  tellWatchdog(`-folder ${folder}`);
}

/** The end of a log, to be shown with an error. */
export function lastLines(log: string, count = 15): string {
  return readFileSync(log, "utf8").trimEnd().split("\n").slice(-count).join("\n");
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function endOf(child: ChildProcess, pid: number): Promise<string> {
  return new Promise(resolve => {
    child.once("exit", (code, signal) => {
      // As in a container, whose processes all go with the first.
      killGroup(pid);
      tellWatchdog(`-group ${pid}`);
      resolve(signal ?? `code ${code ?? 1}`);
    });
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left in it.
  }
}

let watchdog: ChildProcess | undefined;

function tellWatchdog(line: string): void {
  watchdog ??= startWatchdog();
  watchdog.stdin?.write(`${line}\n`);
}

function startWatchdog(): ChildProcess {
  // In a group of its own, so that Ctrl-C in the terminal does not end it before its work.
  const child = spawn(process.execPath, [join(__dirname, "watchdog.cjs")], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.once("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return child;
}
