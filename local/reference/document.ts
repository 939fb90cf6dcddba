/** Where in a Markdown file the generated tables stand, and what they should be. */
import { fieldTable, sections } from "./fields";
import { reasonsTable } from "./reasons";
import { rightsTable } from "./rights";

/** The files with tables, from the top of the checkout. */
export const documents = ["SECURITY.md", "docs/fields.md", "docs/troubleshooting.md"] as const;

export const command = "npm run docs";

type Table = { readonly madeOf: string; readonly write: () => string };

/** The tables, by what a document calls them. */
export const tables: Readonly<Record<string, Table>> = {
  ...Object.fromEntries(
    Object.entries(sections).map(([name, section]): [string, Table] => [
      `fields of ${name}`,
      { madeOf: "its schema", write: () => fieldTable(section) },
    ]),
  ),
  "reasons of a claim": { madeOf: "capabilities/reconcile/reasons.ts", write: reasonsTable },
  "rights of the module": { madeOf: "capabilities/rights.ts", write: rightsTable },
};

/** Prettier would pad the columns, and every new row then change every line. */
const end = "<!-- prettier-ignore-end -->";
const opening = (name: string, madeOf: string): string =>
  `<!-- prettier-ignore-start -->\n<!-- ${name}, made of ${madeOf} by \`${command}\` -->`;
const written =
  /<!-- prettier-ignore-start -->\n<!-- ([^\n,]+), made [^\n]*-->\n[\s\S]*?<!-- prettier-ignore-end -->/g;

/** The document with each of its tables as it is now. Throws on a table that there is none of, or a document without any. */
export function withTables(document: string): string {
  if (document.match(written) === null) throw new Error("the document has no table");
  return document.replaceAll(written, (_found, name: string) => {
    const table = Object.hasOwn(tables, name) ? tables[name] : undefined;
    if (!table) throw new Error(`there is no ${name}, only ${Object.keys(tables).join(", ")}`);
    return [opening(name, table.madeOf), "", table.write(), "", end].join("\n");
  });
}
