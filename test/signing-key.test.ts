/** The key with which connection secrets are signed: read once, made where there is none, never anyone else's. */
import type { ApiClient, ApiRequest, ApiResponse } from "../capabilities/cluster/client";
import type { Claim } from "../capabilities/claim/claim";
import { readSigner } from "../capabilities/cluster/signing-key";
import type { Kube } from "../capabilities/reconcile/kube";
import { goodClaim, withFields } from "./good-claim";

const place = { name: "orders-postgres", namespace: "team-a" };
const path = "/api/v1/namespaces/pepr-system/secrets/zero-touch-postgres-ownership";

async function signer(api: ApiClient): Promise<Kube["proofOf"]> {
  return readSigner(api, () => undefined);
}

type Server = { readonly api: ApiClient; readonly asked: string[] };

/** Answers for one Secret, and makes it. */
function server(secret: unknown, answers: readonly ApiResponse[] = []): Server {
  const asked: string[] = [];
  const planned = [...answers];
  let stored = secret;
  const api: ApiClient = async ({ method, path: asks, body }: ApiRequest) => {
    asked.push(`${method} ${asks}`);
    const answer = planned.shift();
    if (answer) return Promise.resolve(answer);
    if (method === "POST") stored = body;
    return Promise.resolve({ code: stored === undefined ? 404 : 200, body: stored ?? {} });
  };
  return { api, asked };
}

function keySecret(bytes: number): object {
  return { metadata: { name: "x" }, data: { key: Buffer.alloc(bytes, 1).toString("base64") } };
}

test("the key is made where there is none, and read no more", async () => {
  const { api, asked } = server(undefined);
  const proofOf = await signer(api);
  const proof = proofOf(goodClaim, place);
  expect(proofOf(goodClaim, place)).toBe(proof);
  expect(proof).toMatch(/^[0-9a-f]{64}$/);
  expect(asked).toEqual([`GET ${path}`, "POST /api/v1/namespaces/pepr-system/secrets"]);
});

test("the next process reads it and proves the same", async () => {
  const { api } = server(undefined);
  const proof = (await signer(api))(goodClaim, place);
  expect((await signer(api))(goodClaim, place)).toBe(proof);
});

test("of two processes that make it at once the second takes that of the first", async () => {
  const first: readonly ApiResponse[] = [
    { code: 404, body: {} },
    { code: 409, body: {} },
  ];
  const late = await signer(server(keySecret(32), first).api);
  const early = await signer(server(keySecret(32)).api);
  expect(late(goodClaim, place)).toBe(early(goodClaim, place));
});

test.each<readonly [string, Claim, typeof place]>([
  ["claim", withFields({ metadata: { ...goodClaim.metadata, uid: "another" } }), place],
  ["name", goodClaim, { ...place, name: "orders" }],
  ["namespace", goodClaim, { ...place, namespace: "team-b" }],
])("another %s has another proof", async (_what, claim, ref) => {
  const proofOf = await signer(server(keySecret(32)).api);
  expect(proofOf(claim, ref)).not.toBe(proofOf(goodClaim, place));
});

test("another key gives other proofs", async () => {
  const made = async (): Promise<string> => (await signer(server(undefined).api))(goodClaim, place);
  expect(await made()).not.toBe(await made());
});

test.each([
  ["none", undefined],
  ["a short one", 16],
])("a Secret with %s in place of the key is not signed with", async (_what, bytes) => {
  const secret = bytes === undefined ? { metadata: { name: "x" } } : keySecret(bytes);
  const said: string[] = [];
  const stop = new Error("the test waits no longer");
  const waiting = readSigner(
    server(secret).api,
    line => said.push(line),
    async () => Promise.reject(stop),
  );
  await expect(waiting).rejects.toBe(stop);
  expect(said.join()).toContain(
    "Secret pepr-system/zero-touch-postgres-ownership has no key of 32 bytes: remove it, and the module makes a new one",
  );
});

test("an API server that does not say is asked again after growing pauses", async () => {
  const no = { code: 500, body: { message: "not now" } };
  const { api } = server(keySecret(32), [no, no, no]);
  const pauses: number[] = [];
  const proofOf = await readSigner(
    api,
    () => undefined,
    async ms => Promise.resolve(pauses.push(ms)),
  );
  expect(proofOf(goodClaim, place)).toMatch(/^[0-9a-f]{64}$/);
  expect(pauses).toEqual([1000, 2000, 4000]);
});
