/** Brings the tables of fields in README.md and docs/ up to date with the schemas: `npm run docs`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { documents, withTables } from "./document";

const checkout = join(__dirname, "..", "..");

for (const name of documents) {
  const file = join(checkout, name);
  const before = readFileSync(file, "utf8");
  const after = withTables(before);
  if (after !== before) writeFileSync(file, after);
  console.log(`${name}: ${after === before ? "is" : "brought"} up to date`);
}
