import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { accessTo, type Access } from "../../../cli/cluster/kubeconfig";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kubeconfig-"));
});

afterAll(() => rm(folder, { recursive: true }));

type Parts = { readonly cluster?: object; readonly user?: object; readonly context?: object };

async function written(name: string, { cluster, user, context }: Parts): Promise<string> {
  const file = join(folder, name);
  const config = {
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name, ...context } }],
    clusters: [{ name, cluster: { server: `https://${name}:6443/`, ...cluster } }],
    users: [{ name, user: user ?? {} }],
  };
  await writeFile(file, stringify(config));
  return file;
}

async function access(file: string | undefined, env = {}, context?: string): Promise<Access> {
  return accessTo({ file, context, env });
}

test("reads certificates that are in the kubeconfig", async () => {
  const data = (value: string): string => Buffer.from(value).toString("base64");
  const file = await written("one", {
    cluster: { "certificate-authority-data": data("CA"), "tls-server-name": "kubernetes" },
    user: { "client-certificate-data": data("CERT"), "client-key-data": data("KEY") },
  });
  expect(await access(file)).toEqual({
    server: "https://one:6443",
    namespace: "default",
    tls: { ca: "CA", cert: "CERT", key: "KEY", servername: "kubernetes", rejectUnauthorized: true },
  });
});

test("reads files that are named relative to the kubeconfig, a token, and the context's namespace", async () => {
  await writeFile(join(folder, "ca.crt"), "CA");
  await writeFile(join(folder, "token"), "t\n");
  const file = await written("one", {
    cluster: { "certificate-authority": "ca.crt" },
    user: { tokenFile: "token" },
    context: { namespace: "shop" },
  });
  expect(await access(file)).toEqual({
    server: "https://one:6443",
    namespace: "shop",
    token: "t",
    tls: { ca: "CA", rejectUnauthorized: true },
  });
});

test("of several files in KUBECONFIG the first decides, and each gives its contexts", async () => {
  const one = await written("one", {});
  const two = await written("two", {});
  const env = { KUBECONFIG: `${one}:${two}` };
  expect((await access(undefined, env)).server).toBe("https://one:6443");
  expect((await access(undefined, env, "two")).server).toBe("https://two:6443");
});

describe("a plugin", () => {
  async function plugin(script: string): Promise<string> {
    const command = join(folder, "plugin.sh");
    await writeFile(command, `#!/bin/sh\n${script}\n`);
    await chmod(command, 0o755);
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command,
      args: ["a b"],
      env: [{ name: "REGION", value: "eu" }],
    };
    return written("one", { user: { exec } });
  }

  test("is run with its words and variables, and gives the token", async () => {
    const file = await plugin(
      `[ "$1" = "a b" ] && [ $REGION = eu ] && echo '{"status":{"token":"from-plugin"}}'`,
    );
    expect((await access(file, process.env)).token).toBe("from-plugin");
  });

  test.each([
    ["fails", "exit 3", "the kubeconfig's exec plugin failed: Command failed"],
    ["prints no JSON", "echo secret-token", "printed no JSON"],
    ["gives nothing", "echo '{}'", "gave no credential"],
  ])("that %s is named, and what it printed is not", async (_what, script, message) => {
    const file = await plugin(script);
    const fault: unknown = await access(file, process.env).catch((caught: unknown) => caught);
    expect(String(fault)).toContain(message);
    expect(String(fault)).not.toContain("secret-token");
  });
});

test.each([
  ["nothing in it", "{}", "names no current context"],
  ["no such context", "current-context: x", 'the kubeconfig has no context "x"'],
  ["no YAML", "a: [", "cannot read the kubeconfig"],
])("a kubeconfig with %s is an error of the environment", async (_what, text, message) => {
  const file = join(folder, "broken");
  await writeFile(file, text);
  await expect(access(file)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(message) as string,
  });
});

test("without any option it is in the home folder", async () => {
  await expect(access(undefined, { HOME: folder })).rejects.toThrow(
    `cannot read the kubeconfig ${folder}/.kube/config: ENOENT`,
  );
});
