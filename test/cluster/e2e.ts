/** `npm run e2e -- --context NAME`: the portable stories on a cluster that is there already, with a real CNPG. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { run } from "../../local/processes";
import { runLabel } from "./story";

const usage = `npm run e2e -- --context NAME [options] [-- options of jest]

Tells the stories of test/cluster/stories on a cluster that has CloudNativePG and the module (npx pepr deploy), in namespaces
and with classes of its own, which it removes.

  --context NAME     context of the kubeconfig
  --kubeconfig FILE  the kubeconfig; else as kubectl finds it
  --side-by-side N   stories at a time (default 4): each has a database or two of 250m CPU and 256Mi
  --help             this text

For example, one story alone: npm run e2e -- --context NAME -- -t "Property 7"`;

type Choice = {
  readonly context: string;
  readonly kubeconfig: string | undefined;
  readonly sideBySide: string;
  readonly jest: readonly string[];
};

function choose(args: readonly string[]): Choice | "help" {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      context: { type: "string" },
      kubeconfig: { type: "string" },
      "side-by-side": { type: "string", default: "4" },
      help: { type: "boolean", default: false },
    },
  });
  const { context, kubeconfig, help, "side-by-side": sideBySide } = values;
  if (help) return "help";
  if (context === undefined) throw new Error(`--context is missing\n\n${usage}`);
  return { context, kubeconfig, sideBySide, jest: positionals };
}

/** Runs jest to its end; Ctrl-C reaches it by itself, being in our process group. */
async function tellStories(choice: Choice, runName: string): Promise<number> {
  const jest = join(__dirname, "..", "..", "node_modules", "jest", "bin", "jest.js");
  const { context, kubeconfig, sideBySide } = choice;
  const options = ["--selectProjects", "cluster", "--testPathPatterns", "test/cluster/stories/"];
  const child = spawn(
    process.execPath,
    [jest, ...options, "--runInBand", "--verbose", "--maxConcurrency", sideBySide, ...choice.jest],
    {
      stdio: "inherit",
      env: {
        ...process.env,
        E2E_CONTEXT: context,
        E2E_RUN: runName,
        ...(kubeconfig === undefined ? {} : { E2E_KUBECONFIG: kubeconfig }),
      },
    },
  );
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", code => {
      resolve(code ?? 1);
    });
  });
}

/** What an interrupted run has left; after others there is nothing. */
async function clearAway({ context, kubeconfig }: Choice, runName: string): Promise<void> {
  const config = kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig];
  const kinds = "namespaces,postgresclasses.database.bizmatters.io";
  const selector = ["-l", `${runLabel}=${runName}`, "--ignore-not-found", "--wait=false"];
  const args = [...config, "--context", context, "delete", kinds, ...selector];
  const { code, stdout, stderr } = await run("kubectl", args);
  if (code !== 0) console.error(`could not clear away: ${stderr.trim()}`);
  else if (stdout.includes("deleted")) console.log(stdout.trim());
}

async function main(): Promise<number> {
  const choice = choose(process.argv.slice(2));
  if (choice === "help") {
    console.log(usage);
    return 0;
  }
  // Jest ends by it; we clear away first.
  process.on("SIGINT", () => undefined);
  const runName = randomBytes(3).toString("hex");
  try {
    return await tellStories(choice, runName);
  } finally {
    await clearAway(choice, runName);
  }
}

main().then(
  code => {
    process.exitCode = code;
  },
  (fault: unknown) => {
    console.error(fault instanceof Error ? fault.message : fault);
    process.exitCode = 1;
  },
);
