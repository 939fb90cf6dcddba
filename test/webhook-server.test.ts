/** What Pepr's webhook server lacks, on a server as Pepr starts it. */
import { once } from "node:events";
import { Agent, createServer, get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { acceptPath, tendWebhookServer } from "../capabilities/pepr/webhook-server";

let server: Server;
let clock: jest.SpyInstance<number>;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

beforeAll(async () => {
  process.env["PEPR_API_PATH"] = "own";
  tendWebhookServer();
  server = createServer((request, answer) => answer.end(request.url));
  await once(server.listen(0, "127.0.0.1"), "listening");
  clock = jest.spyOn(performance, "now").mockReturnValue(0);
});

afterAll(() => {
  clock.mockRestore();
  Reflect.deleteProperty(process.env, "PEPR_API_PATH");
  agent.destroy();
  server.close();
});

async function call(path: string): Promise<{ url: string; connection: string | undefined }> {
  const { port } = server.address() as AddressInfo;
  const request = get({ host: "127.0.0.1", port, path, agent });
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  let url = "";
  for await (const text of answer.setEncoding("utf8")) url += String(text);
  return { url, connection: answer.headers.connection };
}

test("connections are kept for longer than the API server keeps them idle", async () => {
  await call("/healthz");
  expect(server.keepAliveTimeout).toBeGreaterThan(90_000);
});

test("a connection is used for two seconds, and then given up in good order", async () => {
  clock.mockReturnValue(10_000);
  // The first of these is the last on the connection of the test before.
  await call("/");
  await call("/");
  clock.mockReturnValue(11_900);
  const before = await call("/");
  clock.mockReturnValue(12_100);
  const last = await call("/");
  const next = await call("/");
  expect([before, last, next].map(({ connection }) => connection)).toEqual([
    "keep-alive",
    "close",
    "keep-alive",
  ]);
});

test("a path that is accepted is Pepr's own to Pepr, and no other is", async () => {
  acceptPath("/mutate/stable");
  expect((await call("/mutate/stable?timeout=10s")).url).toBe("/mutate/own?timeout=10s");
  expect((await call("/validate/stable")).url).toBe("/validate/own");
  expect((await call("/mutate/own")).url).toBe("/mutate/own");
  expect((await call("/mutate/stable2")).url).toBe("/mutate/stable2");
  expect((await call("/healthz")).url).toBe("/healthz");
});
