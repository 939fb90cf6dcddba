/** What docs/command-line.md shows is what the program prints, for every command that asks no cluster. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { typed } from "./terminal";

const project = resolve(__dirname, "../..");
const text = readFileSync(join(project, "docs/command-line.md"), "utf8");
const asking = ["get", "status", "wait", "outputs", "backup", "backups", "restore", "check"];

type Shown = { readonly line: string; readonly output: string };

/** Each command in the document, with the lines that follow it. */
function shownIn(document: string): readonly Shown[] {
  const blocks = [...document.matchAll(/^```\n(\$ [^]*?)^```$/gm)].map(([, block = ""]) => block);
  return blocks.flatMap(block =>
    block
      .split(/^\$ zero-touch-postgres /m)
      .slice(1)
      .map(part => {
        const [line = ""] = part.split("\n");
        return { line, output: part.slice(line.length + 1) };
      }),
  );
}

const shown = shownIn(text).filter(({ line }) => !asking.includes(line.split(" ")[0] ?? ""));

test("the document shows the commands that are tried here", () => {
  const names = shown.map(({ line }) => line.split(" ")[0]);
  expect(new Set(names)).toEqual(new Set(["render", "validate", "explain"]));
});

test.each(shown.map(({ line, output }) => [line, output]))("%s", async (line, output) => {
  const before = process.cwd();
  process.chdir(project);
  try {
    const { out, error } = await typed(line.split(" "));
    const [beginning = "", rest] = output.split(/^\.\.\.$/m);
    const printed = error + out;
    expect(rest === undefined ? printed : printed.slice(0, beginning.length)).toBe(beginning);
  } finally {
    process.chdir(before);
  }
});
