import { problemLine } from "../../../cli/input/place";
import { review } from "../../../cli/review/review";

const head = "apiVersion: database.bizmatters.io/v1alpha1\nkind: PostgresInstance\n";
const databaseHead = "apiVersion: database.bizmatters.io/v1alpha1\nkind: PostgresDatabase\n";
const classHead = "apiVersion: database.bizmatters.io/v1alpha1\nkind: PostgresClass\n";

function linesOf(...texts: readonly string[]): readonly string[] {
  const sources = texts.map((text, index) => ({ file: `${index}.yaml`, text }));
  return review(sources, "team-a").problems.map(problemLine);
}

test.each([
  [
    "a size that is none, at its line",
    `${head}metadata: { name: orders-db }\nspec:\n  size: huge\n`,
    ['0.yaml:5:3 spec.size: is "huge", but must be one of small, medium, large'],
  ],
  [
    "a version that YAML reads as a number",
    `${head}metadata: { name: orders-db }\nspec: { version: 16 }\n`,
    ['0.yaml:4:9 spec.version: must be of type string, not number: write "16", in quotes'],
  ],
  [
    "an unknown field beside spec",
    `${head}metadata: { name: orders-db }\nspecs: {}\n`,
    [
      "0.yaml:4:1 specs: is not a known field; known here: apiVersion, kind, metadata, spec, status, writeConnectionSecretToRef",
    ],
  ],
  [
    "an unknown field of metadata, and a label that is no text",
    `${head}metadata: { name: orders-db, label: {}, labels: { a: 1 } }\n`,
    [
      "0.yaml:3:30 metadata.label: is not a known field; known here: name, generateName, namespace, labels, annotations, finalizers",
      '0.yaml:3:51 metadata.labels.a: must be of type string, not number: write "1", in quotes',
    ],
  ],
  ["a claim without a name", `${head}metadata: {}\n`, ["0.yaml:3:1 metadata.name: is required"]],
  [
    "a name that is no text, once",
    `${head}metadata: { name: 12 }\n`,
    ['0.yaml:3:13 metadata.name: must be of type string, not number: write "12", in quotes'],
  ],
  [
    "a kind that our group has not",
    "apiVersion: database.bizmatters.io/v1alpha1\nkind: PostgresInstanc\n",
    [
      '0.yaml:2:1 kind: is "PostgresInstanc", but must be one of PostgresInstance, PostgresDatabase, PostgresClass',
    ],
  ],
  [
    "a version that our group has not",
    "apiVersion: database.bizmatters.io/v1\nkind: PostgresInstance\n",
    [
      '0.yaml:1:1 apiVersion: is "database.bizmatters.io/v1", but must be "database.bizmatters.io/v1alpha1"',
    ],
  ],
  [
    "a class with a field of the wrong type",
    `${classHead}metadata: { name: fast }\nspec: { storage: { defaultGB: many } }\n`,
    ["0.yaml:4:20 spec.storage.defaultGB: must be of type integer, not string"],
  ],
])("%s", (_title, text, lines) => {
  expect(linesOf(text)).toEqual(lines);
});

test("what the API server fills in is no fault: a claim read from a cluster can be checked", () => {
  const filled =
    "uid: u, resourceVersion: '1', generation: 1, creationTimestamp: null, managedFields: []";
  expect(
    linesOf(`${head}metadata: { name: orders-db, ${filled} }\nstatus: { phase: Ready }\n`),
  ).toEqual([]);
});

test("two claims that want one secret are both told, each of the other", () => {
  const claim = (name: string): string =>
    `${head}metadata: { name: ${name} }\nspec: { connectionSecretName: shared }\n`;
  expect(linesOf(claim("orders-db"), claim("users-db"))).toEqual([
    "0.yaml:4:9 spec.connectionSecretName: asks for Secret team-a/shared, which claim team-a/users-db already writes: use another name",
    "1.yaml:4:9 spec.connectionSecretName: asks for Secret team-a/shared, which claim team-a/orders-db already writes: use another name",
  ]);
});

test("a claim that is there twice is told where the first is; in two namespaces it is two", () => {
  const claim = `${head}metadata: { name: orders-db }\n`;
  expect(linesOf(claim, claim)).toEqual([
    "1.yaml:3:13 metadata.name: makes this claim team-a/orders-db, which is also at 0.yaml:3: keep one of them",
  ]);
  expect(linesOf(claim, `${head}metadata: { name: orders-db, namespace: b }\n`)).toEqual([]);
});

test("a class in the input is the one that claims are judged by, wherever it stands", () => {
  const fast = `${classHead}metadata: { name: fast }\nspec: { versions: { default: "15", allowed: ["15"] } }\n`;
  const claim = `${head}metadata: { name: orders-db }\nspec: { className: fast, version: "16" }\n`;
  expect(linesOf(claim, fast)).toEqual([
    '0.yaml:4:26 spec.version: is "16", but class fast allows 15',
  ]);
});

test("a fault of a class is not told again of each of its claims", () => {
  const fast = `${classHead}metadata: { name: fast }\nspec: { storage: 1 }\n`;
  const claim = `${head}metadata: { name: orders-db }\nspec: { className: fast }\n`;
  expect(linesOf(claim, fast)).toEqual([
    "1.yaml:4:9 spec.storage: must be of type object, not number",
  ]);
});

test("a class that is not in the input is asked for", () => {
  const text = `${head}metadata: { name: orders-db }\nspec: { className: fast }\n`;
  const { notes } = review([{ file: "0.yaml", text }], "team-a");
  expect(notes).toEqual([
    "no class is known here: add the file of a class that is in the cluster with -f",
  ]);
});

test("others' objects are passed over, one of our kind's name with a note", () => {
  const text =
    "kind: ConfigMap\n---\napiVersion: example.com/v1\nkind: PostgresInstance\n---\njust text\n";
  const { problems, notes, claimCount } = review([{ file: "0.yaml", text }], "team-a");
  expect({ problems, claimCount }).toEqual({ problems: [], claimCount: 0 });
  expect(notes).toEqual([
    '0.yaml:3:1 apiVersion: is "example.com/v1", not "database.bizmatters.io/v1alpha1": passed over',
  ]);
});

test("a database is judged with its instance, wherever that stands in the input", () => {
  const instance = `${head}metadata: { name: home }\nspec: { share: {} }\n`;
  const database = (spec: string): string =>
    `${databaseHead}metadata: { name: orders }\nspec: { instanceRef: { name: home }${spec} }\n`;
  expect(linesOf(database(""), instance)).toEqual([]);
  expect(linesOf(database(", owner: home, connectionLimit: 21"), instance)).toEqual([
    `0.yaml:4:38 spec.owner: makes "home", the own database or owner of PostgresInstance team-a/home: set spec.databaseName and spec.owner to other names`,
    "0.yaml:4:51 spec.connectionLimit: is 21, but class built-in of the instance allows 20 at most",
  ]);
  expect(linesOf(database(""), `${head}metadata: { name: home }\n`)).toEqual([
    "0.yaml:4:9 spec.instanceRef: is PostgresInstance team-a/home, which does not share itself: write spec.share: {} there",
  ]);
});

test("of a database whose instance is elsewhere that is said, and what needs no instance is judged", () => {
  const text = `${databaseHead}metadata: { name: postgres }\nspec: { instanceRef: { name: home } }\n`;
  const { problems, notes } = review([{ file: "0.yaml", text }], "team-a");
  expect(problems.map(problemLine)).toEqual([
    '0.yaml:3:13 metadata.name: makes "postgres", which PostgreSQL or CloudNativePG keeps for itself: set spec.databaseName and spec.owner to other names',
  ]);
  expect(notes).toEqual([
    "PostgresDatabase team-a/postgres: PostgresInstance team-a/home is not in the input, so that it is neither judged nor rendered beside it",
  ]);
});
