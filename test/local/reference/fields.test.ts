/** The reference of fields in README.md and docs/: made of the schemas, and in step with them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Schema } from "../../../capabilities/claim/schema";
import { command, documents, withTables } from "../../../local/reference/document";
import { fieldTable, sections } from "../../../local/reference/fields";

const checkout = join(__dirname, "../../..");

test.each(documents)("%s has the fields as the schemas are now", name => {
  const text = readFileSync(join(checkout, name), "utf8");
  const isInStep = withTables(text) === text;
  expect(isInStep ? "in step" : `${name} is out of step with the schemas: run "${command}"`).toBe(
    "in step",
  );
});

test("every section is in one of the documents", () => {
  const texts = documents.map(name => readFileSync(join(checkout, name), "utf8")).join("");
  const missing = Object.keys(sections).filter(name => !texts.includes(`fields of ${name}, made`));
  expect(missing).toEqual([]);
});

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

test("only the marked tables of a document are written, and writing twice changes nothing", () => {
  const marked = (name: string): string =>
    `a\n<!-- prettier-ignore-start -->\n<!-- fields of ${name}, made -->\nan earlier table\n<!-- prettier-ignore-end -->\nb\n`;
  const written = withTables(marked("PostgresClass"));
  expect(written).toMatch(/^a\n[\s\S]*`spec\.sizes\.small\.cpu\.request`[\s\S]*\nb\n$/);
  expect(written).not.toContain("an earlier table");
  expect(withTables(written)).toBe(written);
  expect(() => withTables(marked("Nothing"))).toThrow("there is no Nothing, only Postgres");
  expect(() => withTables("a")).toThrow("no table of fields");
});
