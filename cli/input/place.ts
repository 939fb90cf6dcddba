/** Where something stands in a file, and what is wrong there. */
import type { Violation } from "../../capabilities/claim/violation";

/** Line and column are counted from 1, as editors do. */
export type Place = { readonly file: string; readonly line: number; readonly column: number };

/** A fault at its place. A file that cannot be read as YAML has no fields. */
export type Problem = Violation & { readonly place: Place };

/** What a terminal would obey rather than show, escaped: names of files and fields may be anything. */
function printable(text: string): string {
  return text.replaceAll(
    /\p{C}/gu,
    character => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** `file:line:column field: problem`, which editors and terminals make a link of. */
export function problemLine({ place, field, problem }: Problem): string {
  const { file, line, column } = place;
  const what = [field, problem].filter(words => words !== "").join(": ");
  return printable(`${file}:${line}:${column} ${what}`);
}

/** By file in this order, line and column; what stands at one place stays in its order. */
export function inOrder(
  problems: readonly Problem[],
  files: readonly string[],
): readonly Problem[] {
  const ranks = new Map(files.map((file, index) => [file, index]));
  const rank = ({ file }: Place): number => ranks.get(file) ?? files.length;
  return [...problems].sort(
    ({ place: a }, { place: b }) => rank(a) - rank(b) || a.line - b.line || a.column - b.column,
  );
}

/** Where in the text of a file the character of this index stands. */
export function placeIn(file: string, text: string, index: number): Place {
  const before = text.slice(0, index).split("\n");
  return { file, line: before.length, column: (before.at(-1) ?? "").length + 1 };
}
