/** `validate`: the checks alone, for hooks and pipelines. */
import { exitCodes, type Arguments, type Command, type ExitCode, type Terminal } from "../command";
import { problemLine, type Problem } from "../input/place";
import type { Review } from "../review/review";
import { inputOptions, reviewInput } from "./input-options";

export const validateCommand: Command = {
  name: "validate",
  summary: "Checks claims and classes as the webhook would",
  usage: "[PATH...] [-f PATH]... [-o FORMAT]",
  details: [
    "Schema, rules and conflicts between the claims of the input. What only a cluster knows is not checked: the rights",
    "of the author, other claims, and the claim as it was before.",
  ],
  options: {
    ...inputOptions,
    output: {
      short: "o",
      value: "FORMAT",
      choices: ["text", "json", "github"],
      summary: "How problems are told",
    },
  },
  positionals: { least: 0, most: Infinity },
  examples: [
    { what: "A whole repository", line: "zero-touch-postgres validate -f ." },
    {
      what: "In a GitHub workflow: problems show beside the lines of the pull request",
      line: "zero-touch-postgres validate -f claims/ -o github",
    },
    {
      what: "What Kustomize makes of an overlay",
      line: "kubectl kustomize overlays/production | zero-touch-postgres validate -f -",
    },
  ],
  run: validate,
};

async function validate(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const reviewed = await reviewInput(validateCommand, given, terminal);
  for (const note of reviewed.notes) terminal.error(`note: ${note}\n`);
  const format = given.value("output") ?? "text";
  if (format === "json") terminal.out(asJson(reviewed));
  else if (format === "github") terminal.out(reviewed.problems.map(annotation).join(""));
  else tell(reviewed, terminal);
  return reviewed.problems.length > 0 ? exitCodes.refused : exitCodes.success;
}

function tell({ problems, claimCount, classCount }: Review, terminal: Terminal): void {
  for (const problem of problems) terminal.error(`${problemLine(problem)}\n`);
  const what = `${counted(claimCount, "claim")}, ${counted(classCount, "class")}`;
  terminal.error(`${what}: ${counted(problems.length, "problem")}\n`);
}

function counted(count: number, noun: string): string {
  const many = noun.endsWith("s") ? `${noun}es` : `${noun}s`;
  return `${count === 0 ? "no" : count} ${count === 1 ? noun : many}`;
}

function asJson({ problems, claimCount, classCount }: Review): string {
  const flat = problems.map(({ place, field, problem }) => ({ ...place, field, problem }));
  return `${JSON.stringify({ claims: claimCount, classes: classCount, problems: flat }, undefined, 2)}\n`;
}

/** https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message */
function annotation({ place, field, problem }: Problem): string {
  const { file, line, column } = place;
  const value = (text: string): string =>
    text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const property = (text: string): string =>
    value(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
  const message = [field, problem].filter(words => words !== "").join(" ");
  return `::error file=${property(file)},line=${line},col=${column}::${value(message)}\n`;
}
