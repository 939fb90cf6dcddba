/** The help of the command line and of each command, made of what they declare. */
import { exitCodes, type Command, type Option } from "./command";

const program = "zero-touch-postgres";
const optionColumn = 30;

/** What `--help` alone prints. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2;
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`);
  const codes = Object.entries(exitCodes).map(([name, code]) => `${code} ${name}`);
  return [
    "PostgreSQL by claim: checks, renders and follows PostgresInstance claims.",
    "",
    `Usage: ${program} COMMAND [OPTIONS]`,
    "",
    "Commands:",
    ...lines,
    "",
    `Exit codes: ${codes.join(", ")}`,
    `More on a command: ${program} COMMAND --help`,
    "",
  ].join("\n");
}

/** What `COMMAND --help` prints. */
export function helpOf({ name, usage, summary, details, options, examples }: Command): string {
  const help: Option = { short: "h", summary: "This help" };
  const optionLines = Object.entries({ ...options, help }).map(optionLine);
  const exampleLines = examples.flatMap(({ what, line }) => [`  # ${what}`, `  ${line}`, ""]);
  return [
    `${summary}.`,
    "",
    `Usage: ${[program, name, usage].filter(word => word !== "").join(" ")}`,
    ...(details.length === 0 ? [] : ["", ...details]),
    "",
    "Options:",
    ...optionLines,
    "",
    "Examples:",
    ...exampleLines,
  ].join("\n");
}

function optionLine([name, { short, value, summary, choices }]: [string, Option]): string {
  const long = `--${name}${value === undefined ? "" : ` ${value}`}`;
  const word = short === undefined ? `      ${long}` : `  -${short}, ${long}`;
  const known = choices ? ` (${choices.join(", ")})` : "";
  return `${word.padEnd(optionColumn)}${summary}${known}`;
}
