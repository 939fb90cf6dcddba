/** Columns of text, as kubectl prints them. */

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables, as far as it is used. */
export type Table = {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object?: unknown }[];
};

const gap = 3;

/** Rows below each other; nothing is filled up at the end of a line. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_cell, index) =>
    Math.max(...rows.map(row => (row[index] ?? "").length)),
  );
  const lines = rows.map(row =>
    row
      .map((cell, index) => cell.padEnd((widths[index] ?? 0) + gap))
      .join("")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}
