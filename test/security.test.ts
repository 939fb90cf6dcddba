/** SECURITY.md names tests: each is there, under that title. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..");

/** A test as a table of SECURITY.md names it: its file, and a title in quotes. */
const named = /`(test\/[\w./-]+\.test\.ts)`: "([^"|]+)"/g;

function testsNamedIn(text: string): readonly (readonly [title: string, file: string])[] {
  return [...text.matchAll(named)].map(([, file = "", title = ""]) => [title, file]);
}

const threats = testsNamedIn(readFileSync(join(root, "SECURITY.md"), "utf8"));

test("every attack in the table names a test", () => {
  const table = readFileSync(join(root, "SECURITY.md"), "utf8").split("## What was tried")[1] ?? "";
  const rows = table
    .split("\n")
    .filter(line => line.startsWith("| "))
    .slice(2);
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.filter(row => testsNamedIn(row).length !== 1)).toEqual([]);
});

test.each(threats)("%s (%s)", (title, file) => {
  expect(readFileSync(join(root, file), "utf8")).toContain(title);
});
