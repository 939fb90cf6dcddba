import * as fc from "fast-check";
import { classSpecSchema } from "../../capabilities/claim/class-schema";
import {
  connectionRefSchema,
  specSchema,
  statusSchema,
} from "../../capabilities/claim/claim-schema";
import { quote, schemaFaults, type Schema } from "../../capabilities/claim/schema";
import type { Violation } from "../../capabilities/claim/violation";
import { anyClaim, anyJson } from "../arbitrary/claim";

const description = "For a test.";

const schema = {
  type: "object",
  description,
  required: ["name"],
  properties: {
    name: { type: "string", description, minLength: 1, maxLength: 5, pattern: "^[a-z]+$" },
    size: { type: "string", description, enum: ["small", "large"] },
    count: { type: "integer", description, minimum: 1, maximum: 9 },
    isOn: { type: "boolean", description },
    tags: {
      type: "array",
      description,
      minItems: 1,
      maxItems: 2,
      items: { type: "string", description },
    },
    anything: { type: "array", description },
    labels: {
      type: "object",
      description,
      maxProperties: 2,
      additionalProperties: { type: "string", description },
    },
    some: {
      type: "object",
      description,
      minProperties: 1,
      properties: { one: { type: "string", description }, two: { type: "string", description } },
    },
    inner: {
      type: "object",
      description,
      required: ["deep"],
      properties: { deep: { type: "integer", description, minimum: 0 } },
    },
  },
} as const satisfies Schema;

const known = "name, size, count, isOn, tags, anything, labels, some, inner";

/** As a request brings it: a key of any name is the object's own. */
function json(text: string): unknown {
  return JSON.parse(text) as unknown;
}

const cases: readonly (readonly [title: string, value: unknown, faults: readonly Violation[]])[] = [
  [
    "an empty list where one is needed",
    { name: "a", tags: [] },
    [{ field: "spec.tags", problem: "must not be empty" }],
  ],
  [
    "no field where one is needed",
    { name: "a", some: {} },
    [{ field: "spec.some", problem: "must not be empty: name at least one of one, two" }],
  ],
  ["a value with what is required", { name: "a" }, []],
  [
    "a value with everything",
    {
      name: "abcde",
      size: "large",
      count: 9,
      isOn: false,
      tags: ["a", ""],
      anything: [1, null],
      labels: { a: "b", c: "" },
      inner: { deep: 0 },
    },
    [],
  ],
  ["null for an object", null, [{ field: "spec", problem: "must be of type object, not null" }]],
  ["a list for an object", [], [{ field: "spec", problem: "must be of type object, not array" }]],
  ["a text for an object", "x", [{ field: "spec", problem: "must be of type object, not string" }]],
  ["a missing field", {}, [{ field: "spec.name", problem: "is required" }]],
  [
    "a missing field that every object inherits",
    json('{"name": "a", "constructor": 1}'),
    [{ field: "spec.constructor", problem: `is not a known field; known here: ${known}` }],
  ],
  [
    "a field called __proto__",
    json('{"name": "a", "__proto__": {"size": "huge"}}'),
    [{ field: "spec.__proto__", problem: `is not a known field; known here: ${known}` }],
  ],
  [
    "a mistyped field",
    { name: "a", sise: "small" },
    [{ field: "spec.sise", problem: `is not a known field; known here: ${known}` }],
  ],
  [
    "a number for a text",
    { name: 1 },
    [{ field: "spec.name", problem: 'must be of type string, not number: write "1", in quotes' }],
  ],
  [
    "a text for a number",
    { name: "a", count: "3" },
    [{ field: "spec.count", problem: "must be of type integer, not string" }],
  ],
  [
    "a fraction for an integer",
    { name: "a", count: 1.5 },
    [{ field: "spec.count", problem: "must be of type integer, not number" }],
  ],
  [
    "null for a field",
    { name: "a", count: null },
    [{ field: "spec.count", problem: "must be of type integer, not null" }],
  ],
  [
    "a text for a boolean",
    { name: "a", isOn: "true" },
    [{ field: "spec.isOn", problem: "must be of type boolean, not string" }],
  ],
  [
    "an object for a list",
    { name: "a", tags: {} },
    [{ field: "spec.tags", problem: "must be of type array, not object" }],
  ],
  ["an empty text", { name: "" }, [{ field: "spec.name", problem: "must not be empty" }]],
  [
    "a text that is too long",
    { name: "abcdef" },
    [{ field: "spec.name", problem: "has 6 characters, but at most 5 are allowed" }],
  ],
  [
    "a text unlike the pattern",
    { name: "A" },
    [{ field: "spec.name", problem: 'is "A", but must match ^[a-z]+$' }],
  ],
  [
    "a text that is like the pattern but for a new line at its end",
    { name: "a\n" },
    [{ field: "spec.name", problem: 'is "a\\n", but must match ^[a-z]+$' }],
  ],
  [
    "a word that is not offered",
    { name: "a", size: "huge" },
    [{ field: "spec.size", problem: 'is "huge", but must be one of small, large' }],
  ],
  [
    "a number below the least",
    { name: "a", count: 0 },
    [{ field: "spec.count", problem: "is 0, but must be from 1 to 9" }],
  ],
  [
    "a number above the most",
    { name: "a", count: 10 },
    [{ field: "spec.count", problem: "is 10, but must be from 1 to 9" }],
  ],
  [
    "too many items",
    { name: "a", tags: ["a", "b", "c"] },
    [{ field: "spec.tags", problem: "has more than 2 items" }],
  ],
  [
    "faulty items, each by its place",
    { name: "a", tags: [1, null] },
    [
      {
        field: "spec.tags[0]",
        problem: 'must be of type string, not number: write "1", in quotes',
      },
      { field: "spec.tags[1]", problem: "must be of type string, not null" },
    ],
  ],
  [
    "too many fields of free choice",
    { name: "a", labels: { a: "", b: "", c: "" } },
    [{ field: "spec.labels", problem: "has more than 2 fields" }],
  ],
  [
    "a faulty field of free choice",
    { name: "a", labels: { a: 1 } },
    [
      {
        field: "spec.labels.a",
        problem: 'must be of type string, not number: write "1", in quotes',
      },
    ],
  ],
  [
    "faults further in, by their path",
    { name: "a", inner: { deep: -1, other: 1 } },
    [
      { field: "spec.inner.deep", problem: "is -1, but must be from 0 to Infinity" },
      { field: "spec.inner.other", problem: "is not a known field; known here: deep" },
    ],
  ],
  [
    "all faults at once",
    { size: 1, count: 0 },
    [
      { field: "spec.name", problem: "is required" },
      { field: "spec.size", problem: 'must be of type string, not number: write "1", in quotes' },
      { field: "spec.count", problem: "is 0, but must be from 1 to 9" },
    ],
  ],
];

test.each(cases)("%s", (_title, value, faults) => {
  expect(schemaFaults(schema, value, "spec")).toEqual(faults);
});

test("a required field is missing though every object inherits one of its name", () => {
  const { constructor: field } = { constructor: { type: "string", description } as const };
  const demanding = { ...schema, required: ["constructor"], properties: { constructor: field } };
  expect(schemaFaults(demanding, {}, "spec")).toEqual([
    { field: "spec.constructor", problem: "is required" },
  ]);
});

test("a field at the top has no dot before its name", () => {
  expect(schemaFaults(schema, {}, "")).toEqual([{ field: "name", problem: "is required" }]);
});

test("any JSON gives faults, never a throw", () => {
  const schemas = [schema, specSchema, statusSchema, connectionRefSchema, classSpecSchema];
  fc.assert(
    fc.property(
      fc.constantFrom<Schema>(...schemas),
      fc.oneof(anyJson, anyClaim),
      (tried, value) => {
        for (const { field, problem } of schemaFaults(tried, value, "spec")) {
          expect(field.startsWith("spec")).toBe(true);
          expect(problem).not.toBe("");
        }
      },
    ),
  );
});

test("a hostile value is told of in one short line", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 1000 }), value => {
      const told = quote(value);
      expect(told).not.toMatch(/[\n\r]/);
      // A character may take six to write, as \u0000 does.
      expect(told.length).toBeLessThanOrEqual(81 * 6 + 2);
    }),
  );
});
