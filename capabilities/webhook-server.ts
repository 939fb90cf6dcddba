/** Keeps the webhook's connections open for longer than the API server keeps them for reuse. */
import { subscribe } from "node:diagnostics_channel";
import type { Server } from "node:https";

/**
 * Pepr 1.1.4 leaves Node's 5 s, the API server reuses a connection that was idle for up to 90 s (Go's http.Transport), and a
 * request on one that is being closed fails as `failed calling webhook … broken pipe`. In ms.
 */
const keepAliveTimeout = 120_000;

/** Pepr keeps its server to itself; Node's channel names it with each request, before the connection falls idle. */
export function keepWebhookConnections(): void {
  subscribe("http.server.request.start", message => {
    const { server } = message as { server: Server };
    server.keepAliveTimeout = keepAliveTimeout;
    server.headersTimeout = keepAliveTimeout;
  });
}
