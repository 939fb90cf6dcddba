/** Kubeconfigs of one context, for programs under test. */
import { writeFile } from "node:fs/promises";

export type Login = {
  readonly server: string;
  /** Of the context. */
  readonly namespace?: string;
  readonly token?: string;
  readonly ca?: string;
};

export async function writeKubeconfig(
  file: string,
  { server, namespace, token, ca }: Login,
): Promise<void> {
  const authority = ca && { "certificate-authority-data": Buffer.from(ca).toString("base64") };
  const config = {
    "current-context": "a",
    contexts: [
      { name: "a", context: { cluster: "a", user: "a", ...(namespace && { namespace }) } },
    ],
    clusters: [{ name: "a", cluster: { server, ...authority } }],
    users: [{ name: "a", user: { ...(token && { token }) } }],
  };
  await writeFile(file, JSON.stringify(config));
}
