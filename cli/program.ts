/** The program without its process: finds the command that is meant, runs it, and turns what goes wrong into words and a code. */
import { argumentsOf } from "./arguments";
import { CommandFailure, exitCodes, type ExitCode, type Terminal } from "./command";
import { commands } from "./commands/commands";
import { helpOf, overview } from "./help";

const helpWords = ["help", "--help", "-h"];

/** Runs what these words ask for. Never throws. */
export async function run(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    return await dispatch(words, terminal);
  } catch (fault) {
    const isExpected = fault instanceof CommandFailure;
    const what = fault instanceof Error ? (isExpected ? fault.message : fault.stack) : fault;
    terminal.error(`zero-touch-postgres: ${String(what)}\n`);
    return isExpected ? fault.exitCode : exitCodes.unavailable;
  }
}

async function dispatch(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [first, ...rest] = words;
  if (first === undefined) {
    terminal.error(overview(commands));
    return exitCodes.usage;
  }
  if (helpWords.includes(first)) return help(rest, terminal);
  const name = first === "--version" ? "version" : first;
  const command = commandOf(name);
  if (isHelpAsked(rest)) return help([name], terminal);
  return command.run(argumentsOf(command, rest), terminal);
}

function help([name]: readonly string[], terminal: Terminal): ExitCode {
  terminal.out(name === undefined ? overview(commands) : helpOf(commandOf(name)));
  return exitCodes.success;
}

/** What comes after `--` are words, whatever they look like. */
function isHelpAsked(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  const options = end === -1 ? words : words.slice(0, end);
  return options.some(word => word === "--help" || word === "-h");
}

function commandOf(name: string): (typeof commands)[number] {
  const found = commands.find(command => command.name === name);
  if (found) return found;
  const known = commands.map(command => command.name).join(", ");
  throw new CommandFailure(
    exitCodes.usage,
    `there is no command ${JSON.stringify(name)}; there are ${known}; see zero-touch-postgres --help`,
  );
}
