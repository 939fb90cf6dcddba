/** Where in a Markdown file the generated tables stand, and what they should be. */
import { fieldTable, sections } from "./fields";

/** The files with tables, from the top of the checkout. */
export const documents = ["README.md", "docs/fields.md"] as const;

export const command = "npm run docs";

/** Prettier would pad the columns, and every new field then change every line. */
const end = "<!-- prettier-ignore-end -->";
const opening = (name: string): string =>
  `<!-- prettier-ignore-start -->\n<!-- fields of ${name}, made of its schema by \`${command}\` -->`;
const table =
  /<!-- prettier-ignore-start -->\n<!-- fields of (\S+), made [^\n]*-->\n[\s\S]*?<!-- prettier-ignore-end -->/g;

/** The document with each of its tables as the schemas are now. Throws on a table that there is none of, or a document without any. */
export function withTables(document: string): string {
  if (document.match(table) === null) throw new Error("the document has no table of fields");
  return document.replaceAll(table, (_found, name: string) => {
    const section = Object.hasOwn(sections, name) ? sections[name] : undefined;
    if (!section) throw new Error(`there is no ${name}, only ${Object.keys(sections).join(", ")}`);
    return [opening(name), "", fieldTable(section), "", end].join("\n");
  });
}
