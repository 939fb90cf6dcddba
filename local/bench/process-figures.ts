// Memory, file descriptors and work of the watcher's process. Linux only, as is /proc.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { until } from "../waiting";

export type ProcessFigures = {
  /** What is still in use after garbage collection, in bytes. */
  readonly heap: number;
  readonly resident: number;
  readonly fileDescriptors: number;
  /** Time that its threads have worked since it started, in ms. */
  readonly workedMs: number;
};

/** What the preload writes. */
type Noted = { readonly memory: NodeJS.MemoryUsage; readonly cpu: NodeJS.CpuUsage };

const preload = join(__dirname, "heap.cjs");

/** The environment in which a process of the module answers `processFigures`. */
export function heapEnvironment(folder: string): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--require ${preload}`, HEAP_FILE: join(folder, "heap") };
}

/** Asks a process that was started with `heapEnvironment(folder)`. */
export async function processFigures(pid: number, folder: string): Promise<ProcessFigures> {
  const file = join(folder, `heap.${pid}`);
  rmSync(file, { force: true });
  process.kill(pid, "SIGUSR2");
  await until(() => existsSync(file) && readFileSync(file, "utf8").endsWith("}"), {
    what: "asking the watcher for its memory",
    seconds: 20,
  });
  const { memory, cpu } = JSON.parse(readFileSync(file, "utf8")) as Noted;
  return {
    heap: memory.heapUsed + memory.external,
    resident: memory.rss,
    workedMs: (cpu.user + cpu.system) / 1000,
    fileDescriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}
