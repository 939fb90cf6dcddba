import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { accessTo, type Access } from "../../../sdk/cluster/access";

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
    code: "configuration",
    message: expect.stringContaining(message) as string,
  });
});

test("without any option it is in the home folder", async () => {
  await expect(access(undefined, { HOME: folder })).rejects.toThrow(
    `cannot read the kubeconfig ${folder}/.kube/config: ENOENT`,
  );
});

describe("in a pod", () => {
  const env = (): Record<string, string> => ({
    HOME: join(folder, "nobody"),
    KUBERNETES_SERVICE_HOST: "fd00::1",
    KUBERNETES_SERVICE_PORT: "6443",
  });

  test("its own account is used where no kubeconfig is there", async () => {
    const account = await mkdtemp(join(folder, "account-"));
    await writeFile(join(account, "token"), "t\n");
    await writeFile(join(account, "ca.crt"), "CA");
    await writeFile(join(account, "namespace"), "shop");
    const wanted = { file: undefined, context: undefined, env: env(), account };
    expect(await accessTo(wanted)).toEqual({
      server: "https://[fd00::1]:6443",
      namespace: "shop",
      token: "t",
      tls: { ca: "CA", rejectUnauthorized: true },
    });
    const file = await written("one", {});
    expect((await accessTo({ ...wanted, file })).server).toBe("https://one:6443");
    expect((await accessTo({ ...wanted, env: { ...env(), KUBECONFIG: file } })).server).toBe(
      "https://one:6443",
    );
  });

  test("an account that is not mounted is told", async () => {
    const wanted = {
      file: undefined,
      context: undefined,
      env: env(),
      account: join(folder, "none"),
    };
    await expect(accessTo(wanted)).rejects.toMatchObject({
      code: "configuration",
      message: expect.stringContaining("cannot read the pod's account") as string,
    });
  });
});
