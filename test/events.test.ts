/** Events of claims go beside the work: bounded, best effort, and without a word where nobody is left to read them. */
import type { ApiResponse } from "../capabilities/cluster/client";
import { createEventSender, type EventSender } from "../capabilities/cluster/events";
import { goodClaim } from "./good-claim";

const event = { type: "Normal", reason: "Provisioned", message: "it is there" } as const;

type Rig = { readonly sender: EventSender; readonly said: string[]; readonly sent: unknown[] };

function rig(answer: () => Promise<ApiResponse>): Rig {
  const said: string[] = [];
  const sent: unknown[] = [];
  const sender = createEventSender(
    async ({ body }) => {
      sent.push(body);
      return answer();
    },
    line => said.push(line),
  );
  return { sender, said, sent };
}

function refusal(code: number, details: object): ApiResponse {
  return { code, body: { message: "no", details } };
}

test("an event is sent, and nobody waits for it", async () => {
  const { sender, said, sent } = rig(async () => Promise.resolve({ code: 201, body: {} }));
  sender.send(goodClaim, event);
  await sender.idle();
  expect(sent).toMatchObject([{ kind: "Event", reason: "Provisioned", type: "Normal" }]);
  expect(said).toEqual([]);
});

test.each<readonly [string, () => Promise<ApiResponse>, string]>([
  ["is refused", async () => Promise.resolve(refusal(403, {})), "403"],
  ["is lost", async () => Promise.reject(new Error("no route")), "no route"],
])("one that %s is only logged", async (_title, answer, words) => {
  const { sender, said } = rig(answer);
  sender.send(goodClaim, event);
  await sender.idle();
  expect(said).toHaveLength(1);
  expect(said[0]).toContain(words);
});

test.each<readonly [string, ApiResponse]>([
  ["is being deleted", refusal(403, { causes: [{ reason: "NamespaceTerminating" }] })],
  ["has gone", refusal(404, { kind: "namespaces" })],
])("one for a claim whose namespace %s leaves no line in the log", async (_title, answer) => {
  const { sender, said } = rig(async () => Promise.resolve(answer));
  sender.send(goodClaim, event);
  await sender.idle();
  expect(said).toEqual([]);
});

test("no more wait than anyone would read", async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>(resolve => {
    release = resolve;
  });
  const { sender, said, sent } = rig(async () => {
    await held;
    return { code: 201, body: {} };
  });
  for (let count = 0; count < 1100; count++) sender.send(goodClaim, event);
  release();
  await sender.idle();
  expect([sent.length, said.length]).toEqual([1002, 98]);
});
