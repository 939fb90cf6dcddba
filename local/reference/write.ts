/** Brings the generated tables and the rights in package.json up to date: `npm run docs`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { documents, withTables } from "./document";
import { withRights } from "./rights";

const checkout = join(__dirname, "..", "..");

function bringUpToDate(name: string, written: (text: string) => string): void {
  const file = join(checkout, name);
  const before = readFileSync(file, "utf8");
  const after = written(before);
  if (after !== before) writeFileSync(file, after);
  console.log(`${name}: ${after === before ? "is" : "brought"} up to date`);
}

for (const name of documents) bringUpToDate(name, withTables);
bringUpToDate("package.json", withRights);
