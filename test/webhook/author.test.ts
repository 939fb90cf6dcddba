/** What the author of a claim may do is what the API server says; where it says nothing, nothing is allowed. */
import type { ApiClient, ApiRequest, ApiResponse } from "../../capabilities/cluster/client";
import { missingAccess, type Author } from "../../capabilities/webhook/author";
import type { Claim } from "../../capabilities/claim/claim";
import { goodClaim, withFields } from "../good-claim";

const jane: Author = {
  username: "system:serviceaccount:argocd:controller",
  uid: "its-uid",
  groups: ["system:serviceaccounts", "system:authenticated"],
  extra: { "example.com/scope": ["all"] },
};
const far: Claim = withFields({
  writeConnectionSecretToRef: { name: "orders", namespace: "team-b" },
});

/** A claim that is new, and where its credentials are. */
const made = { before: undefined, credentials: { name: "orders-db-app", namespace: "team-a" } };

type Server = { readonly api: ApiClient; readonly asked: ApiRequest[] };

function server(review: ApiResponse, namespace: ApiResponse): Server {
  const asked: ApiRequest[] = [];
  const api: ApiClient = async request => {
    asked.push(request);
    return Promise.resolve(request.method === "GET" ? namespace : review);
  };
  return { api, asked };
}

const plain: ApiResponse = { code: 200, body: { metadata: { name: "team-b" } } };

function reviewed(status: unknown): ApiResponse {
  return { code: 201, body: { status } };
}

test("the whole of the author is reviewed: user, uid, groups and extra", async () => {
  const { api, asked } = server(reviewed({ allowed: true }), plain);
  expect(await missingAccess(api, jane, { ...made, claim: far })).toEqual([]);
  const specs = asked
    .filter(({ method }) => method === "POST")
    .map(({ body }) => (body as { spec: object }).spec);
  const who = { user: jane.username, uid: jane.uid, groups: jane.groups, extra: jane.extra };
  const secret = {
    group: "",
    version: "v1",
    resource: "secrets",
    namespace: "team-b",
    name: "orders",
  };
  expect(specs).toEqual(
    ["create", "update"].map(verb => ({ ...who, resourceAttributes: { verb, ...secret } })),
  );
});

test.each<readonly [string, unknown]>([
  ["no", { allowed: false }],
  ["no opinion", { allowed: false, denied: false }],
  ["nothing", undefined],
  ["something else than a boolean", { allowed: "true" }],
])("a review that says %s does not allow", async (_title, status) => {
  const { api } = server(reviewed(status), plain);
  const missing = await missingAccess(api, jane, { ...made, claim: far });
  expect(missing.map(({ field }) => field)).toEqual(Array(2).fill("writeConnectionSecretToRef"));
});

test.each<readonly [string, ApiResponse, ApiResponse]>([
  ["a review", { code: 403, body: { message: "may not review" } }, plain],
  ["reading the namespace", reviewed({ allowed: true }), { code: 500, body: { message: "no" } }],
])("the request is refused when this fails: %s", async (_title, review, namespace) => {
  const { api } = server(review, namespace);
  await expect(missingAccess(api, jane, { ...made, claim: far })).rejects.toThrow(/403|500/);
});

test("a claim that keeps its secret at home is not reviewed", async () => {
  const { api, asked } = server(reviewed({ allowed: false }), plain);
  expect(await missingAccess(api, jane, { ...made, claim: goodClaim })).toEqual([]);
  expect(asked).toEqual([]);
});
