import * as fc from "fast-check";
import { cluster } from "../../capabilities/backend/cnpg/cluster";
import { builtInClass } from "../../capabilities/claim/class";
import { annotations } from "../../capabilities/claim/names";
import { isAlike } from "../../capabilities/claim/quantity";
import { isContained, isSame } from "../../capabilities/claim/sameness";
import { withDigest } from "../../capabilities/reconcile/drift";
import { anyJson } from "../arbitrary/claim";
import { deepFreeze, frozen } from "../arbitrary/frozen";
import { goodClaim, withSpec } from "../good-claim";

/** JSON as it comes over the wire. */
const json = frozen(anyJson.map(value => JSON.parse(JSON.stringify(value)) as unknown));

function digestOf(claim: typeof goodClaim): string | undefined {
  return withDigest(cluster(claim, builtInClass)).metadata.annotations?.[annotations.applied];
}

test.each<readonly [string, unknown, unknown, boolean]>([
  ["the same", { a: { b: [1, "x", null] } }, { a: { b: [1, "x", null] } }, true],
  [
    "others' fields beside ours, at every depth",
    { a: { b: 1 } },
    { a: { b: 1, c: 2 }, d: 3 },
    true,
  ],
  ["nothing in anything", {}, { a: 1 }, true],
  ["another value", { a: { b: 1 } }, { a: { b: 2 } }, false],
  ["a missing field", { a: { b: 1 } }, { a: {} }, false],
  ["a field whose object is missing", { a: { b: 1 } }, {}, false],
  ["a field that every object inherits", { constructor: Object }, {}, false],
  ["another type", { a: "1" }, { a: 1 }, false],
  ["null for an object", { a: {} }, { a: null }, false],
  ["an object for null", { a: null }, { a: {} }, false],
  ["false for nothing", { a: false }, {}, false],
  ["a longer list", { a: [1] }, { a: [1, 2] }, false],
  ["a shorter list", { a: [1, 2] }, { a: [1] }, false],
  ["a list in another order", { a: [1, 2] }, { a: [2, 1] }, false],
  ["an empty list for none", { a: [] }, {}, false],
  ["an object for a list", { a: [1] }, { a: { 0: 1, length: 1 } }, false],
  ["others' fields in the items of a list", { a: [{ b: 1 }] }, { a: [{ b: 1, c: 2 }] }, true],
])("is contained: %s", (_title, desired, observed, expected) => {
  expect(isContained(deepFreeze(desired), deepFreeze(observed))).toBe(expected);
});

test("everything contains itself, and is the same as itself", () => {
  fc.assert(
    fc.property(json, value => {
      const copy: unknown = structuredClone(value);
      expect([isContained(value, copy), isSame(value, copy)]).toEqual([true, true]);
    }),
  );
});

test("what is the same is so from both sides, and has the same JSON but for the order of fields", () => {
  const sorted = (value: unknown): string =>
    JSON.stringify(value, (_name, found: unknown) =>
      typeof found === "object" && found !== null && !Array.isArray(found)
        ? Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
        : found,
    );
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(isSame(a, b)).toBe(isSame(b, a));
      expect(isSame(a, b)).toBe(sorted(a) === sorted(b));
    }),
    { numRuns: 300 },
  );
});

test("a field more is another value", () => {
  expect([isSame({ a: 1 }, { a: 1, b: 2 }), isSame({ a: 1, b: 2 }, { a: 1 })]).toEqual([
    false,
    false,
  ]);
});

test("the digest marks the manifest and changes nothing else of it", () => {
  const manifest = deepFreeze(cluster(goodClaim, builtInClass));
  const marked = withDigest(manifest);
  const { annotations: marks, ...metadata } = marked.metadata;
  expect({ ...marked, metadata }).toEqual(manifest);
  expect(Object.keys(marks ?? {})).toEqual([annotations.applied]);
  expect(marks?.[annotations.applied]).toMatch(/^[0-9a-f]{16}$/);
});

test("the digest keeps annotations that are there", () => {
  const manifest = cluster(goodClaim, builtInClass);
  const annotated = { ...manifest, metadata: { ...manifest.metadata, annotations: { a: "b" } } };
  expect(withDigest(annotated).metadata.annotations).toMatchObject({ a: "b" });
});

test("the same manifest has the same digest, another one another: a field that is wanted no longer among them", () => {
  expect(digestOf(goodClaim)).toBe(digestOf(goodClaim));
  const others = [
    withSpec({ storageGB: 21 }),
    withSpec({ instances: 2 }),
    withSpec({ version: "17" }),
  ];
  const digests = [goodClaim, ...others].map(claim => digestOf(claim as typeof goodClaim));
  expect(new Set(digests).size).toBe(4);
  const placed = { ...builtInClass, nodeSelector: { disk: "ssd" } };
  const withPlacement = withDigest(cluster(goodClaim, placed)).metadata.annotations;
  expect(withPlacement?.[annotations.applied]).not.toBe(digestOf(goodClaim));
});

test("what counts as equal may be said, at every depth", () => {
  const limits = (cpu: string): object => ({ spec: { resources: [{ cpu }] } });
  expect(isContained(limits("1000m"), limits("1"))).toBe(false);
  expect(isContained(limits("1000m"), limits("1"), isAlike)).toBe(true);
  expect(isContained(limits("1000m"), limits("2"), isAlike)).toBe(false);
});
