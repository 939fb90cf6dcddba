import * as fc from "fast-check";
import { documentsOf } from "../../../cli/input/documents";
import { problemLine } from "../../../cli/input/place";
import { manifestOf } from "../../../cli/manifest";

function valuesIn(text: string): readonly unknown[] {
  return documentsOf("a.yaml", text).documents.map(({ value }) => value);
}

function problemsIn(text: string): readonly string[] {
  return documentsOf("a.yaml", text).problems.map(problemLine);
}

/** What kubectl 1.36 made of the same texts: kubectl label --local -f FILE x=y -o json. */
test.each([
  ["on", true],
  ["y", true],
  ["1:20", "1:20"],
  ["2026-01-01", "2026-01-01"],
  ["010", 8],
  ["1e3", 1000],
  ["1_000", 1000],
  ["e1", "e1"],
  [".", "."],
  [".5", 0.5],
  ["1.", 1],
  ["~", null],
  ['"16"', "16"],
])("a scalar %s is read as kubectl reads it", (scalar, value) => {
  expect(valuesIn(`a: ${scalar}\n`)).toEqual([{ a: value }]);
});

test.each([
  ["several documents", "a: 1\n---\nb: 2\n", [{ a: 1 }, { b: 2 }]],
  ["none", "", []],
  ["documents of nothing but comments", "---\n# only this\n---\na: 1\n---\n", [{ a: 1 }]],
  ["a byte order mark and Windows' line ends", "\ufeffa: 1\r\nb:\r\n  - 2\r\n", [{ a: 1, b: [2] }]],
  ["JSON with tabs", '{\n\t"a": [\n\t\t1\n\t]\n}', [{ a: [1] }]],
  [
    "a List, and one inside another",
    "kind: List\nitems: [{ a: 1 }, { kind: List, items: [{ b: 2 }] }]",
    [{ a: 1 }, { b: 2 }],
  ],
  ["an anchor that is used", "a: &x { b: 1 }\nc: *x\n", [{ a: { b: 1 }, c: { b: 1 } }]],
])("%s", (_title, text, values) => {
  expect(valuesIn(text)).toEqual(values);
});

test.each([
  [
    "a tab for indentation",
    "a:\n\tb: 1\n",
    "a.yaml:2:1 cannot be read as YAML: Tabs are not allowed as indentation",
  ],
  [
    "a byte that is no text",
    "a: 1\nb: \0\n",
    "a.yaml:2:4 cannot be read as YAML: it holds a control character, or a byte that is not UTF-8",
  ],
  [
    "a key that is there twice",
    "a: 1\nb: {c: 1, c: 2}\n",
    'a.yaml:2:11 cannot be read as YAML: the key "c" is there twice',
  ],
  [
    "an alias of no anchor",
    "a: *b\n",
    "a.yaml:1:1 cannot be read as YAML: Unresolved alias (the anchor must be set before the alias): b",
  ],
  [
    "an alias that grows without end",
    bomb(),
    "a.yaml:1:1 cannot be read as YAML: Excessive alias count indicates a resource exhaustion attack",
  ],
  [
    "lists in lists without end",
    "[".repeat(100_000),
    "a.yaml:1:1 cannot be read as YAML: it has more than 250 levels",
  ],
  [
    "an escape sequence that a terminal would obey",
    'a: 1\n"\\e[2J": 1\n"\\e[2J": 1\n',
    'a.yaml:3:1 cannot be read as YAML: the key "\\u001b[2J" is there twice',
  ],
])("%s is one problem, with its place", (_title, text, problem) => {
  expect(problemsIn(text)).toEqual([problem]);
});

function bomb(): string {
  const lines = "abcdefgh".split("").map((name, index, all) => {
    const inner = index === 0 ? '"lol"' : `*${all[index - 1] ?? ""}`;
    return `${name}: &${name} [${Array<string>(9).fill(inner).join(", ")}]`;
  });
  return `${lines.join("\n")}\n`;
}

test("a document that cannot be read leaves the others as they are", () => {
  const { documents, problems } = documentsOf("a.yaml", "a: 1\n---\nb: 1\nb: 2\n---\nc: 3\n");
  expect(documents.map(({ value }) => value)).toEqual([{ a: 1 }, { c: 3 }]);
  expect(problems).toHaveLength(1);
});

const placed = `# a comment
metadata: { name: orders-db, labels: { a.b: x } }
spec:
  sizes:
    - name: one
    - { name: two, a.b: { c: 1 } }
`;

test.each([
  ["metadata.name", 2, 13],
  ["metadata.labels.a.b", 2, 40],
  ["spec", 3, 1],
  ["spec.sizes[0]", 5, 7],
  ["spec.sizes[1].name", 6, 9],
  ["spec.sizes[1].a.b.c", 6, 27],
  ["spec.sizes[2].name", 4, 3],
  ["spec.missing", 3, 1],
  ["missing", 2, 1],
])("%s stands, or ought to, at %i:%i", (field, line, column) => {
  const [document] = documentsOf("a.yaml", placed).documents;
  expect(document?.placeOf(field)).toEqual({ file: "a.yaml", line, column });
});

test("places in a second document and in a List are those in the file", () => {
  const text = "a: 1\n---\nkind: List\nitems:\n  - spec: { size: small }\n";
  const [, item] = documentsOf("a.yaml", text).documents;
  expect(item?.placeOf("spec.size")).toEqual({ file: "a.yaml", line: 5, column: 13 });
});

test("whatever is written as a manifest is read back as it was", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "on",
      "y",
      "0o17",
      "0b1",
      "010",
      "1e3",
      "~",
      "1:20",
      "2026-01-01",
      "<<",
      "\x7f",
      "a: b",
      "x ".repeat(99),
    ),
  );
  const value = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text)));
  fc.assert(
    fc.property(value, object => {
      expect(valuesIn(manifestOf(object))).toEqual([{ ...object }]);
    }),
    { numRuns: 500 },
  );
});
