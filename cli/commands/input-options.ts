/** The options of the commands that read claims, and the reading. */
import { usageFailure } from "../arguments";
import type { Arguments, Command, Option, Terminal } from "../command";
import type { Review } from "../review/review";

export const inputOptions = {
  filename: {
    short: "f",
    value: "PATH",
    isRepeatable: true,
    completes: "file",
    summary: "File, folder (with all in it) or - for standard input; may be repeated",
  },
  namespace: {
    short: "n",
    value: "NAMESPACE",
    summary: "Namespace of claims that name none (default: default)",
  },
} as const satisfies Readonly<Record<string, Option>>;

/**
 * What can be said of the input that `command` was given. The reader of YAML is loaded only by the commands that read: it is most
 * of the program.
 */
export async function reviewInput(
  command: Command,
  given: Arguments,
  terminal: Terminal,
): Promise<Review> {
  const paths = [...given.values("filename"), ...given.positionals];
  if (paths.length === 0) throw usageFailure(command, "no input: name a file, a folder or -");
  const { sourcesOf } = await import("../input/sources");
  const { review } = await import("../review/review");
  const sources = await sourcesOf(paths, terminal);
  return review(sources, given.value("namespace") ?? "default");
}
