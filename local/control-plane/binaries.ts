// The binaries of the control plane: from KUBEBUILDER_ASSETS, or built once from go.mod into a cache that all checkouts share.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { lastLines, type Report, run, startChild } from "../processes";

const packages = {
  etcd: "go.etcd.io/etcd/server/v3",
  "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
  "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
  kubectl: "k8s.io/kubernetes/cmd/kubectl",
} as const;

/** Name of a binary that the control plane needs. */
export type BinaryName = keyof typeof packages;

/** Absolute paths. */
export type Binaries = Readonly<Record<BinaryName, string>>;

const names = Object.keys(packages) as BinaryName[];
const goMod = readFileSync(join(__dirname, "go.mod"), "utf8");
const goSum = readFileSync(join(__dirname, "go.sum"), "utf8");

/** Finds the binaries, builds those that are nowhere, and says what it builds. */
export async function controlPlaneBinaries(report: Report): Promise<Binaries> {
  const assets = process.env["KUBEBUILDER_ASSETS"];
  const cache = cacheFolder();
  const found = names.map(name => [name, located(name, assets, cache)] as const);
  const missing = names.filter(name => !existsSync(located(name, assets, cache)));
  if (missing.length > 0) await build(missing, cache, report);
  return Object.fromEntries(found) as Record<BinaryName, string>;
}

/** Where a binary is, or will be once it is built. */
function located(name: BinaryName, assets: string | undefined, cache: string): string {
  const given = assets && join(assets, name);
  return given && existsSync(given) ? given : join(cache, name);
}

/** Name of the cache folder: another source, platform or set of flags gets another folder. */
export function cacheKey(...parts: readonly string[]): string {
  const hash = createHash("sha256").update(JSON.stringify(parts));
  return `control-plane-${hash.digest("hex").slice(0, 16)}`;
}

function cacheFolder(): string {
  const key = cacheKey(goMod, goSum, ...flags(), process.platform, process.arch);
  return join(cachesFolder(), key);
}

/** What all checkouts of one user share. */
export function cachesFolder(): string {
  const usual = process.platform === "darwin" ? "Library/Caches" : ".cache";
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), usual), "zero-touch-postgres");
}

/** Stripped, and with the version that `go build` alone would not put into the servers. */
function flags(): string[] {
  const version = /k8s\.io\/kubernetes (v\S+)/.exec(goMod)?.[1] ?? "";
  const named = `-X k8s.io/component-base/version.gitVersion=${version}`;
  return ["-trimpath", `-ldflags=-s -w ${named}`];
}

async function build(missing: readonly BinaryName[], cache: string, report: Report): Promise<void> {
  const fault = goFault(await goVersion(), goMod);
  if (fault !== undefined) throw new Error(remedy(missing, fault));
  mkdirSync(cache, { recursive: true });
  removeLeftovers(cache);
  report(`building ${missing.join(", ")} from source into ${cache}: once, some minutes`);
  for (const [index, name] of missing.entries()) {
    const seconds = secondsFrom(Date.now());
    const progress = setInterval(() => {
      report(`building ${name} (${index + 1} of ${missing.length}), ${seconds()} s`);
    }, 5000);
    await buildOne(name, cache).finally(() => {
      clearInterval(progress);
    });
    report(`built ${name} in ${seconds()} s`);
  }
}

function secondsFrom(start: number): () => number {
  return () => Math.round((Date.now() - start) / 1000);
}

/** Renamed when complete, so that nobody ever finds half a binary and two builds at once are harmless. */
async function buildOne(name: BinaryName, cache: string): Promise<void> {
  const unfinished = join(cache, `${name}.building-${process.pid}`);
  const log = `${unfinished}.log`;
  const go = startChild("go", ["build", ...flags(), "-o", unfinished, packages[name]], {
    cwd: __dirname,
    env: { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOWORK: "off" },
    log,
  });
  const how = await go.ended;
  if (how !== "code 0") throw new Error(`building ${name} ended: ${how}\n${lastLines(log)}`);
  renameSync(unfinished, join(cache, name));
  rmSync(log);
}

/** What interrupted and failed builds have left. */
function removeLeftovers(cache: string): void {
  for (const file of readdirSync(cache)) {
    const pid = /\.building-(\d+)(\.log)?$/.exec(file)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(cache, file), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function goVersion(): Promise<string | undefined> {
  const env = { ...process.env, GOTOOLCHAIN: "local" };
  const outcome = await run("go", ["version"], { env }).catch(() => undefined);
  return outcome?.code === 0 ? outcome.stdout : undefined;
}

/** What is wrong with the Go found, by what `go version` printed and the version that go.mod asks for. */
export function goFault(printed: string | undefined, module: string): string | undefined {
  const [major, minor] = version(/^go (\d+)\.(\d+)/m, module);
  const wanted = `Go ${major}.${minor} or newer`;
  if (printed === undefined) return `${wanted} is not installed`;
  // A development version ("go version devel …") counts as new enough.
  const found = version(/\bgo(\d+)\.(\d+)/, printed);
  const enough = found[0] > major || (found[0] === major && found[1] >= minor);
  return enough ? undefined : `${wanted} is needed, and ${found.join(".")} is installed`;
}

function version(pattern: RegExp, text: string): [major: number, minor: number] {
  const [, major, minor] = pattern.exec(text) ?? [];
  return [Number(major ?? Infinity), Number(minor ?? Infinity)];
}

function remedy(missing: readonly BinaryName[], fault: string): string {
  const assets = process.env["KUBEBUILDER_ASSETS"];
  const where = assets ? ` in KUBEBUILDER_ASSETS (${assets})` : "";
  return [
    `No ${missing.join(", ")}${where}, and they cannot be built: ${fault}. Either`,
    "- install Go: they are then built from source, once for all checkouts, or",
    `- set KUBEBUILDER_ASSETS to a folder that has ${names.join(", ")}.`,
  ].join("\n");
}
