/** `render`: what claims become, as manifests. */
import { usageFailure } from "../arguments";
import { exitCodes, type Arguments, type Command, type ExitCode, type Terminal } from "../command";
import { problemLine } from "../input/place";
import { inputOptions, reviewInput } from "./input-options";

export const renderCommand: Command = {
  name: "render",
  summary: "Prints the operator's objects that claims become",
  usage: "[PATH...] [-f PATH]... [-o FOLDER]",
  details: [
    "The objects are what the module makes in a cluster, defaults applied, but without owner: the same input gives the",
    "same bytes. All rules are checked first; problems are listed as file:line:column on standard error, and nothing is",
    "printed then. Objects of other kinds are passed over. Secrets are not rendered: their passwords are only in the",
    "cluster. A PostgresDatabase is rendered where its instance is in the input. An owner that only a Secret in the",
    "cluster knows is guessed, with a note on standard error.",
  ],
  options: {
    ...inputOptions,
    output: {
      short: "o",
      value: "FOLDER",
      completes: "folder",
      summary: "Folder to write a file per object to; - for standard output (default: -)",
    },
  },
  positionals: { least: 0, most: Infinity },
  examples: [
    { what: "One claim", line: "zero-touch-postgres render -f claim.yaml" },
    {
      what: "All claims of a repository, with the class that the platform offers",
      line: "zero-touch-postgres render -f claims/ -f class.yaml -o rendered/",
    },
    {
      what: "What a change would do",
      line: "zero-touch-postgres render -f claim.yaml | kubectl diff -f -",
    },
  ],
  run: render,
};

async function render(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const reviewed = await reviewInput(renderCommand, given, terminal);
  for (const problem of reviewed.problems) terminal.error(`${problemLine(problem)}\n`);
  for (const note of reviewed.notes) terminal.error(`note: ${note}\n`);
  if (reviewed.problems.length > 0) return exitCodes.refused;
  if (reviewed.claimCount === 0) {
    throw usageFailure(renderCommand, "there is no claim in the input");
  }
  const { guessedOwners, renderedObjects } = await import("../render");
  for (const note of guessedOwners(reviewed.plans)) terminal.error(`note: ${note}\n`);
  const { manifestsOf, writeManifests } = await import("../manifest");
  const objects = renderedObjects(reviewed.plans);
  const folder = given.value("output") ?? "-";
  if (folder === "-") terminal.out(manifestsOf(objects));
  else await writeManifests(folder, objects);
  return exitCodes.success;
}
