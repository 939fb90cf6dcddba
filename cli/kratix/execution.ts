/** Runs the pipeline in its pod: reads, asks the pure pipeline, writes, and says what went wrong where Kratix looks for it. */
import { stat } from "node:fs/promises";
import type { PostgresClass } from "../../capabilities/claim/class";
import { CommandFailure, exitCodes, type ExitCode, type Terminal } from "../command";
import { messageOf } from "../fault";
import { documentsOf } from "../input/documents";
import { problemLine } from "../input/place";
import { sourcesOf } from "../input/sources";
import { manifestOf } from "../manifest";
import { isRecord } from "../../capabilities/claim/schema";
import type { Fields } from "../review/kinds";
import { classesIn } from "../review/review";
import { choiceFaults } from "./choices";
import { readInput, writeMetadata, writeOutput, type Files, type Folders } from "./folders";
import { configure, inOneLine, type Outcome, type Workflow } from "./pipeline";
import { errorStatus } from "./status";

/** One run. Throws what goes wrong. */
export async function execute(
  workflow: Workflow,
  folders: Folders,
  terminal: Terminal,
): Promise<ExitCode> {
  // A request can be deleted whatever it holds and whatever has become of the classes.
  if (workflow.action === "delete") return exitCodes.success;
  const classes = await classesOf(folders, terminal);
  const outcome = configure(workflow.type, await objectIn(folders), classes);
  if (outcome.faults.length > 0) {
    throw new CommandFailure(exitCodes.refused, inOneLine(outcome.faults));
  }
  await write(folders, outcome);
  return exitCodes.success;
}

/** The status comes last: it says that everything else is there. */
async function write(folders: Folders, outcome: Outcome): Promise<void> {
  const { objects, selectors, status } = outcome;
  await writeOutput(folders, filesOf(objects as readonly Fields[]));
  await writeMetadata(folders, {
    ...(selectors ? { "destination-selectors.yaml": manifestOf(selectors) } : {}),
    ...(status ? { "status.yaml": manifestOf(status) } : {}),
  });
}

function filesOf(objects: readonly Fields[]): Files {
  const named = objects.map(object => {
    const { name } = isRecord(object.metadata) ? object.metadata : {};
    return [
      `${String(object.kind).toLowerCase()}-${String(name)}.yaml`,
      manifestOf(object),
    ] as const;
  });
  return Object.fromEntries(named);
}

/** Leaves the status of a failed run and nothing else, as far as that can be written. */
export async function tellFailure(folders: Folders, fault: unknown): Promise<void> {
  try {
    await writeOutput(folders, {});
    await writeMetadata(folders, { "status.yaml": manifestOf(errorStatus(messageOf(fault))) });
  } catch {
    // The fault itself is told on standard error, by whoever runs this.
  }
}

async function objectIn(folders: Folders): Promise<Fields> {
  const { documents, problems } = documentsOf("object.yaml", await readInput(folders));
  const [problem] = problems;
  if (problem) throw new CommandFailure(exitCodes.refused, problemLine(problem));
  const [document] = documents;
  if (!isRecord(document?.value)) {
    throw new CommandFailure(exitCodes.refused, "object.yaml holds no object");
  }
  return document.value;
}

async function classesOf(
  { classes }: Folders,
  terminal: Terminal,
): Promise<readonly PostgresClass[]> {
  const isThere = await stat(classes).then(
    () => true,
    () => false,
  );
  if (!isThere) return [];
  const { classes: found, problems } = classesIn(await sourcesOf([classes], terminal));
  const faults = [...problems.map(problemLine), inOneLine(found.flatMap(choiceFaults))];
  const told = faults.filter(fault => fault !== "");
  if (told.length === 0) return found;
  throw new CommandFailure(exitCodes.usage, told.join("; "));
}
