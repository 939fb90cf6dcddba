import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { startService } from "../../local/module/service";

/** A pod that greets with its name and then repeats what it hears. */
async function pod(name: string): Promise<Server> {
  const server = createServer(socket => {
    socket.on("error", () => undefined);
    socket.write(name);
    socket.pipe(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function hear(socket: Socket): Promise<string> {
  const [data] = (await once(socket, "data")) as [Buffer];
  return data.toString();
}

describe("a service", () => {
  it("leads new connections to pods that are ready, and leaves the others where they are", async () => {
    const pods = [await pod("one"), await pod("two")];
    let ready = pods.map(portOf);
    const service = await startService(() => ready);
    const dial = (): Socket => connect(service.port, "127.0.0.1");

    const first = [dial(), dial()];
    const greetings = await Promise.all(first.map(hear));
    expect([...greetings].sort()).toEqual(["one", "two"]);

    ready = ready.slice(1);
    const later = [dial(), dial()];
    expect(await Promise.all(later.map(hear))).toEqual(["two", "two"]);

    for (const socket of first) socket.write("still there");
    expect(await Promise.all(first.map(hear))).toEqual(["still there", "still there"]);

    ready = [];
    const [error] = (await once(dial(), "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNRESET");

    for (const socket of [...first, ...later]) socket.destroy();
    await service.stop();
    for (const server of pods) server.close();
  });
});
