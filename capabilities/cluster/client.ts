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
  /** How the answer is to be written; JSON where nothing is said. */
  readonly accept?: string;
};

export type ApiResponse = { readonly code: number; readonly body: unknown };

/** Answers of any code are given back; only what never became an answer is thrown. */
export type ApiClient = (request: ApiRequest) => Promise<ApiResponse>;

/** A watch: the path with its query, and how the objects are to be written. */
export type WatchRequest = {
  readonly path: string;
  readonly accept: string;
  /** Is called for each event, in their order. What it throws ends the watch. */
  readonly onEvent: (event: unknown) => void;
  readonly signal: AbortSignal;
};

/** Gives the code of the answer once the stream has ended; throws where the connection broke, or was silent for too long. */
export type ApiWatch = (request: WatchRequest) => Promise<ApiResponse>;

export type Client = { readonly api: ApiClient; readonly watch: ApiWatch };

/**
 * For the runs that work side by side, the events and the classes, and no more: `K8s()` of Pepr 1.1.4 opens a connection for each request
 * and client-node 1.4 an agent, which is why neither is used here.
 */
const connections = 24;
/** A request that takes longer than these ms is given up; the API server's own limit is 60 s. */
const requestTimeout = 30_000;
/**
 * An idle connection is kept for these ms, so that work that comes in bursts does not open all anew; the API server itself closes one
 * after 90 s (its http.Server's IdleTimeout).
 */
const longestIdle = 60_000;
/** The ServiceAccount's token is replaced about every hour, and the kubelet does so well before it ends: read again after these ms. */
const credentialsAge = 60_000;

type TlsOptions = Pick<ConnectionOptions, "ca" | "cert" | "key">;

/** A watch that brings nothing for these ms is dead: the API server sends a bookmark about every minute. */
const longestSilence = 150_000;

type Connection = {
  readonly pool: Pool;
  /** A watch holds its connection: there are as many as watches. */
  readonly watches: Pool;
  /** Path before all paths, where the API server is behind a proxy. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** A client for the cluster of the environment: kubeconfig if there is one, else that of the pod. Opens nothing before its first use. */
export function createClient(): Client {
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

  function noticeCode(code: number): void {
    if (code === 401) readAt = -Infinity;
  }

  const api: ApiClient = async ({ method, path, body, contentType = json, accept = json }) => {
    const { pool, base, headers } = await connect();
    const response = await pool.request({
      method,
      path: base + path,
      headers: { ...headers, accept, "content-type": contentType },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.body.text();
    noticeCode(response.statusCode);
    return { code: response.statusCode, body: parse(text) };
  };

  const watch: ApiWatch = async ({ path, accept, onEvent, signal }) => {
    const { watches, base, headers } = await connect();
    const response = await watches.request({
      method: "GET",
      path: base + path,
      headers: { ...headers, accept },
      signal,
    });
    const code = response.statusCode;
    noticeCode(code);
    if (code >= 300) return { code, body: parse(await response.body.text()) };
    for await (const line of linesOf(response.body)) onEvent(JSON.parse(line));
    return { code, body: undefined };
  };

  return { api, watch };
}

/** The client for those who only ask. */
export function createApiClient(): ApiClient {
  return createClient().api;
}

const json = "application/json";

/** The lines of a stream, without their ends. An unfinished last line is left out. */
async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter(line => line !== "");
  }
}

function open(kubeConfig: KubeConfig, tls: TlsOptions): Omit<Connection, "headers"> {
  const server = kubeConfig.getCurrentCluster()?.server;
  if (server === undefined) throw new Error("the kubeconfig has no current cluster");
  const { origin, pathname } = new URL(server);
  const common = {
    headersTimeout: requestTimeout,
    keepAliveTimeout: longestIdle,
    connect: given(tls),
  };
  return {
    pool: new Pool(origin, { ...common, connections, bodyTimeout: requestTimeout }),
    watches: new Pool(origin, { ...common, bodyTimeout: longestSilence }),
    base: pathname.replace(/\/$/, ""),
  };
}

/** A proxy on the way, or a path that is not served, answers in plain text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { message: text.trim().slice(0, 200) };
  }
}
