/** The program without its process: finds the command that is meant, runs it, and turns what goes wrong into words and a code. */
import { argumentsOf } from "./arguments";
import { isDatabaseError, type DatabaseErrorCode } from "../sdk/errors";
import { CommandFailure, exitCodes, type ExitCode, type Terminal } from "./command";
import { commands } from "./commands/commands";
import { helpOf, overview } from "./help";

const helpWords = ["help", "--help", "-h"];

/** Runs what these words ask for. Never throws. */
export async function run(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    return await dispatch(words, terminal);
  } catch (fault) {
    const code = exitCodeOf(fault);
    const what = fault instanceof Error && code !== undefined ? fault.message : stackOf(fault);
    terminal.error(`zero-touch-postgres: ${what}\n`);
    return code ?? exitCodes.unavailable;
  }
}

const exitCodesOfDatabase: Readonly<Record<DatabaseErrorCode, ExitCode>> = {
  configuration: exitCodes.usage,
  unreachable: exitCodes.unavailable,
  notInstalled: exitCodes.unavailable,
  forbidden: exitCodes.unavailable,
  refused: exitCodes.refused,
  notFound: exitCodes.refused,
  failed: exitCodes.refused,
  timeout: exitCodes.timeout,
};

/** Undefined for what nobody has expected. */
function exitCodeOf(fault: unknown): ExitCode | undefined {
  if (fault instanceof CommandFailure) return fault.exitCode;
  return isDatabaseError(fault) ? exitCodesOfDatabase[fault.code] : undefined;
}

function stackOf(fault: unknown): string {
  return String(fault instanceof Error ? fault.stack : fault);
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
