import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { stringify } from "yaml";

import { accessFrom } from "../../../local/stand-in/kubeconfig";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kubeconfig-"));
});

afterAll(() => rm(folder, { recursive: true }));

async function written(cluster: object, user: object): Promise<string> {
  const file = join(folder, "kubeconfig");
  const config = {
    "current-context": "here",
    contexts: [{ name: "here", context: { cluster: "one", user: "me" } }],
    clusters: [{ name: "one", cluster: { server: "https://127.0.0.1:6443/", ...cluster } }],
    users: [{ name: "me", user }],
  };
  await writeFile(file, stringify(config));
  return file;
}

test("reads certificates that are in the kubeconfig", async () => {
  const data = (value: string): string => Buffer.from(value).toString("base64");
  const file = await written(
    { "certificate-authority-data": data("CA") },
    { "client-certificate-data": data("CERT"), "client-key-data": data("KEY") },
  );
  expect(await accessFrom(file)).toEqual({
    server: "https://127.0.0.1:6443",
    tls: { ca: "CA", cert: "CERT", key: "KEY", rejectUnauthorized: true },
  });
});

test("reads files that are named relative to the kubeconfig, and a token", async () => {
  await writeFile(join(folder, "ca.crt"), "CA");
  const file = await written({ "certificate-authority": "ca.crt" }, { token: "t" });
  expect(await accessFrom(file)).toEqual({
    server: "https://127.0.0.1:6443",
    token: "t",
    tls: { ca: "CA", rejectUnauthorized: true },
  });
});

test("says what is missing", async () => {
  const file = join(folder, "empty");
  await writeFile(file, "{}");
  await expect(accessFrom(file)).rejects.toThrow("names no server in its current context");
});
