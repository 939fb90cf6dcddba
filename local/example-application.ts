/**
 * examples/application, as its Deployment would run it: a process with the environment that examples/application.yaml gives to its
 * container, as kubelet would fill it in.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parse } from "yaml";

type EnvVariable = {
  readonly name: string;
  readonly valueFrom: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
};

type Application = {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly env: readonly EnvVariable[] }[] };
    };
  };
};

export function exampleVariables(): readonly EnvVariable[] {
  const text = readFileSync(join(__dirname, "../examples/application.yaml"), "utf8");
  return (parse(text) as Application).spec.template.spec.containers.flatMap(({ env }) => env);
}

/** The variables by name, with the values of the Secret. */
export function exampleEnvironment(
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    exampleVariables().map(({ name, valueFrom }) => [name, values[valueFrom.secretKeyRef.key]]),
  );
}

const checkout = join(__dirname, "..");

/** Starts the program with the values of its Secret, on a free port; `address` is where its database is, since no Service resolves here. */
export function startApplication(
  values: Readonly<Record<string, string>>,
  address: { readonly host: string; readonly port: number },
): ChildProcess {
  const env = {
    ...{ PATH: process.env["PATH"], PORT: "0" },
    ...exampleEnvironment(values),
    ...{ PGHOST: address.host, PGPORT: String(address.port) },
  };
  const words = ["--import", "tsx", "examples/application/server.ts"];
  return spawn(process.execPath, words, { cwd: checkout, env });
}

/** Where the program answers, once it says so. Throws what it says otherwise. */
export async function applicationUrl({ stdout, stderr }: ChildProcess): Promise<string> {
  if (!stdout || !stderr) throw new Error("the process has no streams");
  let said = "";
  stderr.on("data", (text: Buffer) => (said += text.toString()));
  for await (const line of createInterface({ input: stdout })) {
    const [, port] = /^listens on port (\d+)$/.exec(line) ?? [];
    if (port !== undefined) return `http://127.0.0.1:${port}`;
  }
  throw new Error(`the application ended: ${said}`);
}
