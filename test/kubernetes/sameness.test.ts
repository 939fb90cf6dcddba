import * as fc from "fast-check";
import { isAlike } from "../../capabilities/kubernetes/quantity";
import { isContained, isSame } from "../../capabilities/kubernetes/sameness";
import { anyJson } from "../arbitrary/claim";
import { deepFreeze, frozen } from "../arbitrary/frozen";

/** JSON as it comes over the wire. */
const json = frozen(anyJson.map(value => JSON.parse(JSON.stringify(value)) as unknown));

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

test("what counts as equal may be said, at every depth", () => {
  const limits = (cpu: string): object => ({ spec: { resources: [{ cpu }] } });
  expect(isContained(limits("1000m"), limits("1"))).toBe(false);
  expect(isContained(limits("1000m"), limits("1"), isAlike)).toBe(true);
  expect(isContained(limits("1000m"), limits("2"), isAlike)).toBe(false);
});
