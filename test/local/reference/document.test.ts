/** The generated tables in README.md, SECURITY.md and docs/ are in step with what they are made of. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { command, documents, tables, withTables } from "../../../local/reference/document";

const checkout = join(__dirname, "../../..");

test.each(documents)("%s has its tables as they are now", name => {
  const text = readFileSync(join(checkout, name), "utf8");
  const isInStep = withTables(text) === text;
  expect(isInStep ? "in step" : `${name} is out of step: run "${command}"`).toBe("in step");
});

test("every table is in one of the documents", () => {
  const texts = documents.map(name => readFileSync(join(checkout, name), "utf8")).join("");
  const missing = Object.keys(tables).filter(name => !texts.includes(`<!-- ${name}, made`));
  expect(missing).toEqual([]);
});

test("only the marked tables of a document are written, and writing twice changes nothing", () => {
  const marked = (name: string): string =>
    `a\n<!-- prettier-ignore-start -->\n<!-- fields of ${name}, made -->\nan earlier table\n<!-- prettier-ignore-end -->\nb\n`;
  const written = withTables(marked("PostgresClass"));
  expect(written).toMatch(/^a\n[\s\S]*`spec\.sizes\.small\.cpu\.request`[\s\S]*\nb\n$/);
  expect(written).not.toContain("an earlier table");
  expect(withTables(written)).toBe(written);
  expect(() => withTables(marked("Nothing"))).toThrow(
    "there is no fields of Nothing, only fields of Postgres",
  );
  expect(() => withTables("a")).toThrow("has no table");
});
