// Plays kube-proxy for one Service: a port on loopback in front of the pods that are ready.
import { connect, createServer, type Server, type Socket } from "node:net";

/** A port that leads to ready pods. */
export interface Service {
  readonly port: number;
  /** Closes the port and all connections through it. */
  stop(): Promise<void>;
}

/** Opens a port; each new connection goes to the next of the ports that are ready then, and stays there. */
export async function startService(readyPorts: () => readonly number[]): Promise<Service> {
  const open = new Set<Socket>();
  let turn = 0;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, client => {
    open.add(client);
    client.once("close", () => open.delete(client));
    const ready = readyPorts();
    turn += 1;
    join(client, ready[turn % ready.length]);
  });
  const port = await listen(server);
  const stop = (): Promise<void> =>
    new Promise(resolve => {
      server.close(() => {
        resolve();
      });
      for (const socket of open) socket.destroy();
    });
  return { port, stop };
}

/** Joins a client to a pod's port; with no port, or when the pod goes away, the client's connection is reset. */
function join(client: Socket, port: number | undefined): void {
  client.on("error", () => undefined);
  if (port === undefined) {
    client.resetAndDestroy();
    return;
  }
  const pod = connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
  pod.on("error", () => client.resetAndDestroy());
  client.once("close", () => pod.destroy());
  client.pipe(pod);
  pod.pipe(client);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
}
