/** The fields of claims and classes as a table for people. */
import type { Schema } from "../../../capabilities/claim/schema";
import { fieldTable } from "../../../local/reference/fields";

const described = (schema: Omit<Schema, "description">, description: string): Schema => ({
  ...schema,
  description,
});

test("a table has a row for each field at any depth, with the values that it takes", () => {
  const place = described({ type: "string", enum: ["near", "far"] }, "Where | or not.");
  const entry = described(
    { type: "object", required: ["place"], properties: { place } },
    "One of them.",
  );
  const spec: Schema = {
    type: "object",
    description: "All.",
    properties: {
      count: described({ type: "integer", minimum: 1, maximum: 9 }, "How many."),
      free: described({ type: "integer" }, "Any number."),
      isOn: described({ type: "boolean" }, "Whether."),
      first: entry,
      second: entry,
      list: described({ type: "array", items: entry }, "Several."),
      words: described({ type: "array", items: described({ type: "string" }, "") }, "Words."),
      marks: described(
        { type: "object", additionalProperties: described({ type: "string" }, "") },
        "Marks.",
      ),
    },
  };
  expect(fieldTable({ spec }).split("\n")).toEqual([
    "| field | values | meaning |",
    "| --- | --- | --- |",
    "| `spec.count` | 1 to 9 | How many. |",
    "| `spec.free` | integer | Any number. |",
    "| `spec.isOn` | `true`, `false` | Whether. |",
    "| `spec.first` | object | One of them. |",
    "| `spec.first.place` | `near`, `far`; required | Where \\| or not. |",
    "| `spec.second` | object | One of them. Its fields are those of `spec.first`. |",
    "| `spec.list` | list of: object | Several. |",
    "| `spec.list[].place` | `near`, `far`; required | Where \\| or not. |",
    "| `spec.words` | list of: string | Words. |",
    "| `spec.marks` | map to: string | Marks. |",
  ]);
});
