/** The same hostile requests as `npm run hostile` sends, handed to the pure judgement: what it lets pass can be planned. */
import * as fc from "fast-check";
import { isExempt, judge, type Judgement } from "../../capabilities/admission/instance/judgement";
import { reviewFault } from "../../capabilities/admission/review";
import { hostileRequest, type HostileRequest } from "./requests";
import { faultsOf } from "./verdict";

type Review = { readonly request: { readonly uid: string; object: unknown; oldObject: unknown } };

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8").replace(/^\uFEFF/, "")) as unknown;
  } catch {
    return undefined;
  }
}

/** As the webhook would answer it, mutating. */
function answered(request: HostileRequest): { code: number; text: string } {
  const body = parsed(request.body);
  const fault = reviewFault(body);
  if (fault !== undefined) return { code: 400, text: fault };
  const { uid, object, oldObject } = (body as Review).request;
  const response = isExempt(object, oldObject)
    ? { uid, allowed: true }
    : { uid, ...mutated(judge(object, oldObject, [], [])) };
  return { code: 200, text: JSON.stringify({ apiVersion: "admission.k8s.io/v1", response }) };
}

function mutated({ claim, violations }: Judgement): object {
  if (violations.length > 0) return { allowed: false, status: { code: 422, message: "refused" } };
  const { spec, writeConnectionSecretToRef: ref } = claim;
  const operations = [
    { op: "add", path: "/spec", value: spec },
    ...(ref ? [{ op: "add", path: "/writeConnectionSecretToRef", value: ref }] : []),
  ];
  const patch = Buffer.from(JSON.stringify(operations)).toString("base64");
  return { allowed: true, patchType: "JSONPatch", patch };
}

test("whatever is posted is judged or refused, and what is admitted becomes a Cluster that CNPG takes", () => {
  fc.assert(
    fc.property(hostileRequest, request => {
      const faults = faultsOf(request, { ...answered(request), milliseconds: 0 });
      expect(faults).toEqual([]);
    }),
    { numRuns: 300 },
  );
}, 60_000);

const good = {
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  request: {
    uid: "1",
    kind: { group: "database.bizmatters.io", version: "v1alpha1", kind: "PostgresInstance" },
    operation: "CREATE",
    object: {
      apiVersion: "database.bizmatters.io/v1alpha1",
      kind: "PostgresInstance",
      metadata: { name: "orders-db", namespace: "team-a" },
    },
    oldObject: null,
  },
};

function asking(changes: object): unknown {
  return { ...good, request: { ...good.request, ...changes } };
}

function nested(levels: number): unknown {
  return JSON.parse("[".repeat(levels) + "]".repeat(levels));
}

test("a uid that was posted counts for nothing: the API server gives its own", () => {
  const metadata = { ...good.request.object.metadata, uid: null };
  const body = Buffer.from(
    JSON.stringify(asking({ object: { ...good.request.object, metadata, spec: {} } })),
  );
  const asJson = { method: "POST", contentType: "application/json" };
  const posted: HostileRequest = { sort: "well-formed", endpoint: "mutate", ...asJson, body };
  expect(faultsOf(posted, { ...answered(posted), milliseconds: 0 })).toEqual([]);
});

test.each<readonly [string, unknown, string | undefined]>([
  ["a review", good, undefined],
  ["nothing", undefined, "is no object"],
  ["another kind", { ...good, kind: "List" }, "is no AdmissionReview of admission.k8s.io/v1"],
  ["no request", { ...good, request: null }, "has no request"],
  ["no uid", asking({ uid: "" }), "has no request.uid"],
  ["no kind", asking({ kind: undefined }), "has no request.kind"],
  [
    "half a kind",
    asking({ kind: { group: "" } }),
    "has a request.kind without group, version and kind",
  ],
  [
    "an unknown operation",
    asking({ operation: "create" }),
    "has a request.operation that is none of CREATE, UPDATE, DELETE, CONNECT",
  ],
  ["a word for dryRun", asking({ dryRun: "true" }), "has a request.dryRun that is no boolean"],
  ["no object", asking({ object: null }), "has no good request.object to CREATE"],
  [
    "an object of another kind",
    asking({ kind: { group: "", version: "v1", kind: "Secret" } }),
    "has no good request.object to CREATE",
  ],
  ["no old object", asking({ operation: "UPDATE" }), "has no good request.oldObject to UPDATE"],
  [
    "nothing that was deleted",
    asking({ operation: "DELETE" }),
    "has no good request.oldObject to DELETE",
  ],
  [
    "a number for a name",
    asking({ name: 1 }),
    "has a request.name or request.namespace that is no string",
  ],
  ["much nesting", asking({ object: nested(1000) }), "is nested more than 64 levels deep"],
  [
    "a prototype",
    JSON.parse(
      '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"__proto__":{}}}',
    ),
    "has a key __proto__",
  ],
])("%s", (_title, review, fault) => {
  expect(reviewFault(review)).toBe(fault);
});
