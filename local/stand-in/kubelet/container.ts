/** A container as a process, with what Kubernetes keeps of its last words. */
import { spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "./environment";
import type { BackupPod, End } from "./pod";

export type RunningPod = { readonly ended: Promise<End>; readonly kill: () => void };

/** https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/#customizing-the-termination-message */
const mostOfReport = 4096;
const mostOfLog = 2048;

/** Begins the pod's only container; `folder` is its own for as long as it runs. */
export function begin(pod: BackupPod, env: Environment, folder: string): RunningPod {
  const abort = new AbortController();
  return {
    ended: carryOut(
      pod,
      { ...env, TMPDIR: folder, REPORT_FILE: join(folder, "report") },
      abort.signal,
    ),
    kill: () => {
      abort.abort();
    },
  };
}

async function carryOut(pod: BackupPod, env: Environment, signal: AbortSignal): Promise<End> {
  const { TMPDIR: folder = "", REPORT_FILE: report = "" } = env;
  await mkdir(folder, { recursive: true });
  try {
    const { exitCode, log } = await runContainer(pod, env, signal);
    const said = await readFile(report, "utf8").catch(() => "");
    const words =
      said !== "" || exitCode === 0 ? said.slice(0, mostOfReport) : log.slice(-mostOfLog);
    return { exitCode, message: words };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runContainer(
  pod: BackupPod,
  env: Environment,
  signal: AbortSignal,
): Promise<{ readonly exitCode: number; readonly log: string }> {
  const [{ command, args = [] }] = pod.spec.containers;
  const [program = "sh", ...words] = [...command, ...args];
  // Its children end with it: they are of its group.
  const child = spawn(program, words, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text: Buffer) => (log = (log + text.toString()).slice(-mostOfLog)));
  }
  const stop = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
  };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, killed) => {
        resolve(killed === null ? (code ?? 1) : 137);
      });
    });
    return { exitCode, log };
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
