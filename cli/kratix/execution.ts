/** Runs the pipeline in its pod: reads, asks the pure pipeline, writes, and says what went wrong where Kratix looks for it. */
import { stat } from "node:fs/promises";
import type { PostgresClass } from "../../capabilities/claim/class";
import { exitCodes, type ExitCode, type Terminal } from "../command";
import { messageOf } from "../../sdk/fault";
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

/** Of a class that is wrong: the platform team mends it, and nobody has to touch the requests afterwards. */
const lookAgainAfter = "10m";

/**
 * One run. A request that breaks a rule is told so in its status and waits: Kratix takes no status from a pipeline that failed, and
 * leaves what was written for the good request before. Throws what only a person at the pipeline can mend.
 */
export async function execute(
  workflow: Workflow,
  folders: Folders,
  terminal: Terminal,
): Promise<ExitCode> {
  // A request can be deleted whatever it holds and whatever has become of the classes.
  if (workflow.action === "delete") return exitCodes.success;
  const { classes, faults } = await classesOf(folders, terminal);
  if (faults.length > 0) {
    return hold(folders, terminal, faults.join("; "), { retryAfter: lookAgainAfter });
  }
  const input = await objectIn(folders);
  if (typeof input === "string") return hold(folders, terminal, input, { suspend: true });
  const outcome = configure(workflow.type, input, classes);
  if (outcome.faults.length > 0) {
    return hold(folders, terminal, inOneLine(outcome.faults), { suspend: true });
  }
  await write(folders, outcome);
  terminal.error(`zero-touch-postgres: ${outcome.said}\n`);
  return exitCodes.success;
}

/** https://docs.kratix.io/main/reference/workflows: the workflow stops here, goes on as `control` says, and shows the status. */
async function hold(
  folders: Folders,
  terminal: Terminal,
  problem: string,
  control: Fields,
): Promise<ExitCode> {
  await writeOutput(folders, {});
  await writeMetadata(folders, {
    "workflow-control.yaml": manifestOf({ ...control, message: problem }),
    "status.yaml": manifestOf(errorStatus(problem)),
  });
  terminal.error(`zero-touch-postgres: ${problem}\n`);
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

/** The object, or what is wrong with its file. */
async function objectIn(folders: Folders): Promise<Fields | string> {
  const { documents, problems } = documentsOf("object.yaml", await readInput(folders));
  const [problem] = problems;
  if (problem) return problemLine(problem);
  const [document] = documents;
  return isRecord(document?.value) ? document.value : "object.yaml holds no object";
}

type Classes = { readonly classes: readonly PostgresClass[]; readonly faults: readonly string[] };

async function classesOf({ classes }: Folders, terminal: Terminal): Promise<Classes> {
  const isThere = await stat(classes).then(
    () => true,
    () => false,
  );
  if (!isThere) return { classes: [], faults: [] };
  const { classes: found, problems } = classesIn(await sourcesOf([classes], terminal));
  const faults = [...problems.map(problemLine), inOneLine(found.flatMap(choiceFaults))];
  return { classes: found, faults: faults.filter(fault => fault !== "") };
}
