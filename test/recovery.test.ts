/** Noticing that the API server was away. */
import type { ApiClient, ApiResponse } from "../capabilities/cluster/client";
import { withRecovery } from "../capabilities/cluster/recovery";

type Server = { answer: () => ApiResponse; readonly asked: string[] };

const fine = (): ApiResponse => ({ code: 200, body: {} });
const away = (): ApiResponse => {
  throw new Error("connect ECONNREFUSED");
};

function rig(): { server: Server; ask: () => Promise<unknown>; returns: () => number } {
  const server: Server = { answer: fine, asked: [] };
  let returns = 0;
  const api: ApiClient = async ({ path }) => {
    server.asked.push(path);
    return Promise.resolve().then(server.answer);
  };
  const noticing = withRecovery(api, () => (returns += 1));
  const ask = async (): Promise<unknown> => noticing({ method: "GET", path: "/" }).catch(String);
  return { server, ask, returns: () => returns };
}

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

test.each([
  ["no answer", away],
  ["503", () => ({ code: 503, body: {} })],
])("after %s it is asked every two seconds, and its return told once", async (_title, answer) => {
  const { server, ask, returns } = rig();
  server.answer = answer;
  await ask();
  await ask();
  await jest.advanceTimersByTimeAsync(6100);
  expect(server.asked).toEqual(["/", "/", "/readyz", "/readyz", "/readyz"]);
  expect(returns()).toBe(0);
  server.answer = fine;
  await jest.advanceTimersByTimeAsync(10_000);
  expect(returns()).toBe(1);
  expect(server.asked).toHaveLength(6);
});

test.each([200, 404, 409, 429, 500])("an answer of %d is one", async code => {
  const { server, ask, returns } = rig();
  server.answer = () => ({ code, body: {} });
  await ask();
  await jest.advanceTimersByTimeAsync(60_000);
  expect([server.asked, returns()]).toEqual([["/"], 0]);
});

test("a fault reaches who has asked", async () => {
  const { server, ask } = rig();
  server.answer = away;
  expect(await ask()).toBe("Error: connect ECONNREFUSED");
});
