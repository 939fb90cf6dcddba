/**
 * What the webhook's server lacks. Pepr 1.1.4: it closes connections too early, keeps others too long, and answers on one path alone. Goes
 * when Pepr sets keep-alive and drains (2.x does the first), and its path stays over a deployment.
 */
import { subscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server } from "node:https";
import type { Socket } from "node:net";

/**
 * Pepr 1.1.4 leaves Node's 5 s, the API server reuses a connection that was idle for up to 90 s (Go's http.Transport), and a
 * request on one that is being closed fails as `failed calling webhook … broken pipe`. In ms.
 */
const keepAliveTimeout = 120_000;

/**
 * In ms: the answer on an older connection says that it is the last. Pepr's pods get no SIGTERM (their first process takes none and
 * passes none on) and are killed 5 s after they have left the Service: by then all connections in use have moved to other pods.
 */
const longestConnection = 2000;

type Started = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly server: Server;
};

const firstUsed = new WeakMap<Socket, number>();
/** Last parts of paths by which the API server calls this pod beside that which Pepr knows. */
const acceptedTokens = new Set<string>();

/** Pepr keeps its server to itself; Node's channel names it with each request, before anyone has looked at that. */
export function tendWebhookServer(): void {
  subscribe("http.server.request.start", message => {
    const { request, response, socket, server } = message as Started;
    server.keepAliveTimeout = keepAliveTimeout;
    server.headersTimeout = keepAliveTimeout;
    const now = performance.now();
    const first = firstUsed.get(socket) ?? now;
    firstUsed.set(socket, first);
    if (now - first > longestConnection) response.setHeader("connection", "close");
    request.url = asPeprKnows(request.url);
  });
}

/** From now on a call of this path is taken for one of Pepr's own path. */
export function acceptPath(path: string): void {
  acceptedTokens.add(tokenOf(path));
}

/** Whether it was called by the path that the API server is told, which nobody else knows. */
export function isOwnPath(url = "/"): boolean {
  const [path = ""] = url.split("?");
  return tokenOf(path) === ownToken();
}

/** The certificate that Pepr serves, as PEM. */
export function servedCertificate(): string {
  return readFileSync(process.env.SSL_CERT_PATH ?? "/etc/certs/tls.crt", "utf8");
}

function asPeprKnows(url = "/"): string {
  const [path = "", query] = url.split("?");
  const token = tokenOf(path);
  if (!acceptedTokens.has(token)) return url;
  const own = path.slice(0, path.length - token.length) + ownToken();
  return query === undefined ? own : `${own}?${query}`;
}

function tokenOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

let token: string | undefined;

/** As Pepr 1.1.4 reads it. */
function ownToken(): string {
  token ??= process.env.PEPR_API_PATH ?? readFileSync("/app/api-path/value", "utf8").trim();
  return token;
}
