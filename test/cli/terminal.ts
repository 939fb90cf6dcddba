/** A terminal that remembers what was printed. */
import type { Terminal } from "../../cli/command";
import { run } from "../../cli/program";

export type Printed = { readonly code: number; readonly out: string; readonly error: string };

/** Runs the program with these words as if they had been typed. */
export async function typed(
  words: readonly string[],
  input = "",
  env: Terminal["env"] = {},
): Promise<Printed> {
  const printed = { out: "", error: "" };
  const code = await run(words, {
    out: text => (printed.out += text),
    error: text => (printed.error += text),
    input: async () => Promise.resolve(input),
    env,
  });
  return { code, ...printed };
}
