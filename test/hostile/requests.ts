/** What may be posted to the webhook: AdmissionReviews as the API server sends them, and everything that it never would. */
import * as fc from "fast-check";
import type { Claim } from "../../capabilities/claim/claim";
import { claimResource } from "../../capabilities/claim/names";
import { anyClaim, claim as goodClaim } from "../arbitrary/claim";
import { edited } from "./edits";

export type HostileRequest = {
  /** What it is made to be, for the count. */
  readonly sort: "well-formed" | "edited" | "garbled" | "misdirected";
  readonly endpoint: string;
  readonly method: string;
  readonly contentType: string | undefined;
  readonly body: Buffer;
};

const { group, version, plural } = claimResource;
const claimKind = { group, version, kind: claimResource.kind };

const user = fc.record(
  {
    username: fc.constantFrom(
      "mallory",
      "system:serviceaccount:argocd:controller",
      "ünïcode ✓",
      "",
    ),
    uid: fc.uuid(),
    groups: fc.array(fc.constantFrom("system:authenticated", "system:masters", "team-a")),
    extra: fc.dictionary(fc.constantFrom("scopes", "a/b"), fc.array(fc.string(), { maxLength: 3 })),
  },
  { requiredKeys: ["username"] },
);

type Objects = {
  readonly operation: string;
  readonly object: unknown;
  readonly oldObject: unknown;
};

function isObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("metadata" in value)) return false;
  return (
    typeof value.metadata === "object" && !Array.isArray(value.metadata) && value.metadata !== null
  );
}

/** Nothing but the metadata is what anyone would write. */
const strangeClaim = fc
  .tuple(anyClaim, goodClaim)
  .map(([strange, { apiVersion, kind, metadata }]) => ({
    ...(typeof strange === "object" ? strange : { spec: strange }),
    apiVersion,
    kind,
    metadata,
  }));

const someClaim = fc.oneof(
  { weight: 2, arbitrary: goodClaim },
  { weight: 1, arbitrary: strangeClaim },
);

const unnamedClaim = goodClaim.map(({ metadata: { namespace }, ...rest }) => ({
  ...rest,
  metadata: { generateName: "orders-", namespace },
}));

const objects: fc.Arbitrary<Objects> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .oneof({ weight: 9, arbitrary: someClaim }, { weight: 1, arbitrary: unnamedClaim })
      .map(object => ({ operation: "CREATE", object, oldObject: null })),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(goodClaim, someClaim).map(([oldObject, { ...object }]) => ({
      operation: "UPDATE",
      object: { ...object, metadata: oldObject.metadata },
      oldObject,
    })),
  },
  {
    weight: 1,
    arbitrary: goodClaim.map(oldObject => ({ operation: "DELETE", object: null, oldObject })),
  },
);

const review: fc.Arbitrary<object> = fc
  .tuple(objects, fc.uuid(), user, fc.boolean())
  .filter(([{ object, oldObject }]) => isObject(object) || isObject(oldObject))
  .map(([asked, uid, userInfo, dryRun]) => {
    const { metadata } = (asked.object ?? asked.oldObject) as Claim;
    return {
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      request: {
        uid,
        kind: claimKind,
        resource: { group, version, resource: plural },
        requestKind: claimKind,
        requestResource: { group, version, resource: plural },
        name: metadata.name,
        namespace: metadata.namespace,
        userInfo,
        ...asked,
        dryRun,
        options: { apiVersion: "meta.k8s.io/v1", kind: "CreateOptions" },
      },
    };
  });

const endpoint = fc.constantFrom("mutate", "validate");

function request(sort: HostileRequest["sort"], at: string, text: string | Buffer): HostileRequest {
  return {
    sort,
    endpoint: at,
    method: "POST",
    contentType: "application/json",
    body: Buffer.from(text),
  };
}

const wellFormed = fc.tuple(endpoint, review).map(([at, value]) => {
  const text = JSON.stringify(value);
  // A strange claim may have it, and nobody else takes it for good.
  return request(text.includes('"__proto__":') ? "edited" : "well-formed", at, text);
});

const editedReview = fc
  .tuple(endpoint, edited(review))
  .map(([at, text]) => request("edited", at, text));

/** In bytes; more than the webhook reads. */
const tooLong = 5 * 1024 * 1024;

/** Bodies that are no JSON, or not the JSON that they seem to be. */
const garbledBody: fc.Arbitrary<string | Buffer> = fc
  .tuple(review, fc.integer({ min: 0, max: 100 }), fc.uint8Array({ maxLength: 200 }))
  .chain(([value, share, bytes]) => {
    const text = JSON.stringify(value);
    return fc.oneof(
      fc.constant(text.slice(0, Math.floor((text.length * share) / 100))),
      fc.constant(text.replace('"request":{', '"request":{"uid":"another","operation":"DELETE",')),
      fc.constant(text.replace('"spec":{', '"spec":{"size":"large","size":"huge",')),
      fc.constant(`\uFEFF${text}`),
      fc.constant(text + text),
      fc.constant(Buffer.concat([Buffer.from(text.slice(0, share)), Buffer.from(bytes)])),
      fc.constant(Buffer.from(bytes)),
      fc.constantFrom("", " ", "null", "[]", "{}", "1", '"x"', "NaN", "{'a':1}", '{"request":{}}'),
      fc.constant(Buffer.from(text, "utf16le")),
    );
  });

const garbled = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.tuple(endpoint, garbledBody).map(([at, body]) => request("garbled", at, body)),
  },
  {
    weight: 1,
    arbitrary: endpoint.map(at => request("garbled", at, `{"a":"${"x".repeat(tooLong)}"}`)),
  },
);

/** Sent to where it does not belong, by another method or as something else. */
const misdirected = fc
  .tuple(
    wellFormed,
    fc.record(
      {
        endpoint: fc.constantFrom(
          "",
          "mutate/x",
          "validate/../mutate",
          "healthz",
          "%00",
          "mutate?x",
        ),
        method: fc.constantFrom("GET", "PUT", "DELETE", "PATCH", "OPTIONS"),
        contentType: fc.constantFrom(
          undefined,
          "text/plain",
          "application/yaml",
          "application/json; charset=x",
        ),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([good, changes]): HostileRequest => ({ ...good, ...changes, sort: "misdirected" }));

export const hostileRequest: fc.Arbitrary<HostileRequest> = fc.oneof(
  { weight: 30, arbitrary: wellFormed },
  { weight: 50, arbitrary: editedReview },
  { weight: 15, arbitrary: garbled },
  { weight: 5, arbitrary: misdirected },
);
