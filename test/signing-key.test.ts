/** The key with which connection secrets are signed: read once, made where there is none, never anyone else's. */
import type { ApiClient, ApiRequest, ApiResponse } from "../capabilities/cluster/client";
import type { Claim } from "../capabilities/claim/claim";
import { createProofOf } from "../capabilities/cluster/signing-key";
import { goodClaim, withFields } from "./good-claim";

const place = { name: "orders-postgres", namespace: "team-a" };
const path = "/api/v1/namespaces/pepr-system/secrets/zero-touch-postgres-ownership";

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

test("the key is made at first use and read no more", async () => {
  const { api, asked } = server(undefined);
  const proofOf = createProofOf(api);
  expect(asked).toEqual([]);
  const proof = await proofOf(goodClaim, place);
  expect(await proofOf(goodClaim, place)).toBe(proof);
  expect(proof).toMatch(/^[0-9a-f]{64}$/);
  expect(asked).toEqual([`GET ${path}`, "POST /api/v1/namespaces/pepr-system/secrets"]);
});

test("the next process reads it and proves the same", async () => {
  const { api } = server(undefined);
  const proof = await createProofOf(api)(goodClaim, place);
  expect(await createProofOf(api)(goodClaim, place)).toBe(proof);
});

test("of two processes that make it at once the second takes that of the first", async () => {
  const first: readonly ApiResponse[] = [
    { code: 404, body: {} },
    { code: 409, body: {} },
  ];
  const late = createProofOf(server(keySecret(32), first).api);
  const early = createProofOf(server(keySecret(32)).api);
  expect(await late(goodClaim, place)).toBe(await early(goodClaim, place));
});

test.each<readonly [string, Claim, typeof place]>([
  ["claim", withFields({ metadata: { ...goodClaim.metadata, uid: "another" } }), place],
  ["name", goodClaim, { ...place, name: "orders" }],
  ["namespace", goodClaim, { ...place, namespace: "team-b" }],
])("another %s has another proof", async (_what, claim, ref) => {
  const proofOf = createProofOf(server(keySecret(32)).api);
  expect(await proofOf(claim, ref)).not.toBe(await proofOf(goodClaim, place));
});

test("another key gives other proofs", async () => {
  const made = async (): Promise<string> => createProofOf(server(undefined).api)(goodClaim, place);
  expect(await made()).not.toBe(await made());
});

test.each([
  ["none", undefined],
  ["a short one", 16],
])("a Secret with %s in place of the key is not signed with", async (_what, bytes) => {
  const secret = bytes === undefined ? { metadata: { name: "x" } } : keySecret(bytes);
  await expect(createProofOf(server(secret).api)(goodClaim, place)).rejects.toThrow(
    "Secret pepr-system/zero-touch-postgres-ownership has no key of 32 bytes: remove it, and the module makes a new one",
  );
});

test("an API server that does not say is asked again", async () => {
  const { api } = server(keySecret(32), [{ code: 500, body: { message: "not now" } }]);
  const proofOf = createProofOf(api);
  await expect(proofOf(goodClaim, place)).rejects.toThrow("not now");
  expect(await proofOf(goodClaim, place)).toMatch(/^[0-9a-f]{64}$/);
});
