/** Reads a command's words and options as it declares them. */
import { parseArgs } from "node:util";
import { messageOf } from "../sdk/fault";
import { CommandFailure, exitCodes, type Arguments, type Command } from "./command";

type ParseOptions = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>["options"]>;

/** Throws what is wrong with the words, with exit code `usage`. */
export function argumentsOf(command: Command, words: readonly string[]): Arguments {
  const { values, positionals } = parsed(command, words);
  const all = (option: string): readonly string[] =>
    [values[option] ?? []].flat().filter(value => typeof value === "string");
  for (const [name, { choices }] of Object.entries(command.options)) {
    const strange = all(name).find(value => choices && !choices.includes(value));
    if (choices && strange !== undefined) {
      const known = choices.join(", ");
      throw usageFailure(
        command,
        `--${name} is ${JSON.stringify(strange)}, but must be one of ${known}`,
      );
    }
  }
  const isEmpty = (option: string): boolean => all(option).includes("");
  const empty = Object.keys(command.options).find(isEmpty);
  if (empty !== undefined) throw usageFailure(command, `--${empty} is empty`);
  if (positionals.includes("")) throw usageFailure(command, "a word is empty");
  checkCount(command, positionals);
  return {
    values: all,
    value: option => all(option).at(-1),
    has: flag => values[flag] === true,
    positionals,
  };
}

export function usageFailure({ name }: Command, problem: string): CommandFailure {
  const message = `${problem}; see zero-touch-postgres ${name} --help`;
  return new CommandFailure(exitCodes.usage, message);
}

function parsed(
  command: Command,
  words: readonly string[],
): { values: Readonly<Record<string, unknown>>; positionals: readonly string[] } {
  const declared = Object.entries(command.options).map(([name, { short, value, isRepeatable }]) => [
    name,
    {
      type: value === undefined ? "boolean" : "string",
      multiple: isRepeatable ?? false,
      ...(short === undefined ? {} : { short }),
    },
  ]);
  const options = Object.fromEntries(declared) as ParseOptions;
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (fault) {
    // Node's own words, without its advice on how to write a word that begins with a hyphen.
    const [problem = ""] = messageOf(fault).split(/\.? To specify|\n/);
    throw usageFailure(command, problem.replace(/\.$/, ""));
  }
}

function checkCount(command: Command, positionals: readonly string[]): void {
  const { least, most } = command.positionals;
  if (positionals.length < least)
    throw usageFailure(command, `${command.usage.split(" ")[0] ?? ""} is missing`);
  const extra = positionals[most];
  if (extra !== undefined)
    throw usageFailure(command, `${JSON.stringify(extra)} is one word too many`);
}
