/** The one client of the API server: one pool of connections that are kept alive, JSON in, JSON out. */
import type { ConnectionOptions } from "node:tls";
import { KubeConfig } from "@kubernetes/client-node";
import { Pool } from "undici";
import { given } from "../kubernetes/given";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

export type ApiRequest = {
  readonly method: Method;
  /** With the query, if any. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
};

export type ApiResponse = { readonly code: number; readonly body: unknown };

/** Answers of any code are given back; only what never became an answer is thrown. */
export type ApiClient = (request: ApiRequest) => Promise<ApiResponse>;

/**
 * As many as work side by side, and no more: `K8s()` of Pepr 1.1.4 opens a connection for each request and client-node 1.4 an
 * agent, which is why neither is used here.
 */
const connections = 16;
/** A request that takes longer than these ms is given up; the API server's own limit is 60 s. */
const requestTimeout = 30_000;
/** The ServiceAccount's token is replaced about every hour, and the kubelet does so well before it ends: read again after these ms. */
const credentialsAge = 60_000;

type TlsOptions = Pick<ConnectionOptions, "ca" | "cert" | "key">;

type Connection = {
  readonly pool: Pool;
  /** Path before all paths, where the API server is behind a proxy. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** A client for the cluster of the environment: kubeconfig if there is one, else that of the pod. Opens nothing before its first use. */
export function createApiClient(): ApiClient {
  const kubeConfig = new KubeConfig();
  let connection: Connection | undefined;
  let readAt = -Infinity;

  async function connect(): Promise<Connection> {
    if (connection && performance.now() - readAt < credentialsAge) return connection;
    if (!connection) kubeConfig.loadFromDefault();
    const options: { headers: Record<string, string> } & TlsOptions = { headers: {} };
    await kubeConfig.applyToHTTPSOptions(options);
    const { headers, ca, cert, key } = options;
    // A token file ends with a new line, which a header must not have.
    const trimmed = Object.entries(headers).map(([name, value]) => [name, value.trim()] as const);
    connection = {
      ...(connection ?? open(kubeConfig, { ca, cert, key })),
      headers: Object.fromEntries(trimmed),
    };
    readAt = performance.now();
    return connection;
  }

  return async ({ method, path, body, contentType = "application/json" }) => {
    const { pool, base, headers } = await connect();
    const response = await pool.request({
      method,
      path: base + path,
      headers: { ...headers, accept: "application/json", "content-type": contentType },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.body.text();
    if (response.statusCode === 401) readAt = -Infinity;
    return { code: response.statusCode, body: parse(text) };
  };
}

function open(kubeConfig: KubeConfig, tls: TlsOptions): Omit<Connection, "headers"> {
  const server = kubeConfig.getCurrentCluster()?.server;
  if (server === undefined) throw new Error("the kubeconfig has no current cluster");
  const { origin, pathname } = new URL(server);
  const pool = new Pool(origin, {
    connections,
    headersTimeout: requestTimeout,
    bodyTimeout: requestTimeout,
    connect: given(tls),
  });
  return { pool, base: pathname.replace(/\/$/, "") };
}

/** A proxy on the way, or a path that is not served, answers in plain text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { message: text.trim().slice(0, 200) };
  }
}
