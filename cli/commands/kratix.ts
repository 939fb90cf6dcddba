/** `kratix`: a run of the Promise's pipeline. In its image this is what `execute-pipeline` does. */
import { usageFailure } from "../arguments";
import type { Arguments, Command, ExitCode, Terminal } from "../command";
import type { Folders } from "../kratix/folders";
import type { Workflow } from "../kratix/pipeline";

const types = ["promise", "resource"] as const;
const actions = ["configure", "delete"] as const;

/** Where Kratix mounts them: https://docs.kratix.io/main/reference/workflows; the last is the image's own. */
const folders = {
  input: { variable: "KRATIX_INPUT_DIR", standard: "/kratix/input" },
  output: { variable: "KRATIX_OUTPUT_DIR", standard: "/kratix/output" },
  metadata: { variable: "KRATIX_METADATA_DIR", standard: "/kratix/metadata" },
  classes: { variable: "KRATIX_CLASSES_DIR", standard: "/etc/zero-touch-postgres/classes" },
} as const;

function folderOption(name: keyof typeof folders): Command["options"][string] {
  const { variable, standard } = folders[name];
  return {
    value: "FOLDER",
    completes: "folder",
    summary: `Default: $${variable}, else ${standard}`,
  };
}

export const kratixCommand: Command = {
  name: "kratix",
  summary: "Runs the pipeline of the Kratix Promise",
  usage: "[--input FOLDER] [--output FOLDER] [--metadata FOLDER] [--classes FOLDER]",
  details: [
    "Reads object.yaml, and KRATIX_WORKFLOW_TYPE (promise, resource) and KRATIX_WORKFLOW_ACTION (configure, delete) of",
    "the environment. Writes the output at once, then destination-selectors.yaml and status.yaml.",
  ],
  options: {
    input: folderOption("input"),
    output: folderOption("output"),
    metadata: folderOption("metadata"),
    classes: folderOption("classes"),
  },
  positionals: { least: 0, most: 0 },
  words: [],
  examples: [
    {
      what: "A request, as Kratix would render it",
      line:
        "KRATIX_WORKFLOW_TYPE=resource KRATIX_WORKFLOW_ACTION=configure \\\n" +
        "    zero-touch-postgres kratix --input kratix/test-input/small --output out --metadata meta",
    },
  ],
  run: kratix,
};

async function kratix(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const { execute, tellFailure } = await import("../kratix/execution");
  const folderOf = (name: keyof Folders): string => {
    const { variable, standard } = folders[name];
    return given.value(name) ?? terminal.env[variable] ?? standard;
  };
  const chosen = {
    input: folderOf("input"),
    output: folderOf("output"),
    metadata: folderOf("metadata"),
    classes: folderOf("classes"),
  };
  try {
    return await execute(workflowOf(terminal.env), chosen, terminal);
  } catch (fault) {
    await tellFailure(chosen, fault);
    throw fault;
  }
}

function workflowOf(env: Terminal["env"]): Workflow {
  return {
    type: known("KRATIX_WORKFLOW_TYPE", env, types),
    action: known("KRATIX_WORKFLOW_ACTION", env, actions),
  };
}

function known<T extends string>(variable: string, env: Terminal["env"], words: readonly T[]): T {
  const value = env[variable];
  const found = words.find(word => word === value);
  if (found !== undefined) return found;
  const said = value === undefined ? "is not set" : `is ${JSON.stringify(value)}`;
  throw usageFailure(kratixCommand, `${variable} ${said}, but must be ${words.join(" or ")}`);
}
