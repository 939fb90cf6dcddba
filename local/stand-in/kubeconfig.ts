/**
 * Reads a kubeconfig's current context. Own code, since loading @kubernetes/client-node under tsx takes most of a second
 * and 100 MB; certificates and tokens are known here, plugins (exec) are not.
 */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { parse } from "yaml";

export type Access = {
  readonly server: string;
  readonly token?: string;
  /** Options of node:tls. */
  readonly tls: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly servername?: string;
    readonly rejectUnauthorized?: boolean;
  };
};

type Fields = Readonly<Record<string, unknown>>;

/** How to reach the API server of the current context. */
export async function accessFrom(file: string): Promise<Access> {
  const config = record(parse(await readFile(file, "utf8")));
  const context = record(named(config, "contexts", config["current-context"])["context"]);
  const cluster = record(named(config, "clusters", context["cluster"])["cluster"]);
  const user = record(named(config, "users", context["user"])["user"]);
  const server = text(cluster["server"]);
  if (server === undefined) throw new Error(`${file} names no server in its current context`);
  const [ca, cert, key, token] = await Promise.all([
    content(cluster, "certificate-authority", file),
    content(user, "client-certificate", file),
    content(user, "client-key", file),
    text(user["token"]) ?? content(user, "tokenFile", file),
  ]);
  const servername = text(cluster["tls-server-name"]);
  return {
    server: server.replace(/\/$/, ""),
    ...(token !== undefined && { token: token.trim() }),
    tls: {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(servername !== undefined && { servername }),
      rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true,
    },
  };
}

/** What a field says: in itself (`-data`, base64) or in the file that it names, relative to the kubeconfig. */
async function content(fields: Fields, name: string, file: string): Promise<string | undefined> {
  const data = text(fields[`${name}-data`]);
  if (data !== undefined) return Buffer.from(data, "base64").toString();
  const path = text(fields[name]);
  return path === undefined ? undefined : readFile(resolve(dirname(file), path), "utf8");
}

function named(config: Fields, list: string, name: unknown): Fields {
  const entries: unknown = config[list];
  const all = Array.isArray(entries) ? entries.map(record) : [];
  return all.find(entry => entry["name"] === name) ?? {};
}

function record(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
