/** `score`: a provisioner of score-k8s, which calls it for each resource of a workload. */
import type { PostgresClass } from "../../capabilities/claim/class";
import {
  CommandFailure,
  exitCodes,
  type Arguments,
  type Command,
  type ExitCode,
  type Terminal,
} from "../command";
import { problemLine } from "../input/place";
import { params } from "../score/params";
import { inputOptions } from "./input-options";

export const scoreCommand: Command = {
  name: "score",
  summary: "Provisions a PostgreSQL resource for score-k8s",
  usage: "[--class NAME] [-f PATH]",
  details: [
    "Reads the request of score-k8s from standard input and answers with a claim and outputs; passwords are in neither.",
    `Params of a resource: ${Object.keys(params).join(", ")}.`,
  ],
  options: {
    class: {
      value: "NAME",
      summary: "Class of resources that name none (default: the cluster's default)",
    },
    filename: {
      ...inputOptions.filename,
      summary: "Files of classes, to judge by; without them the cluster judges",
    },
  },
  positionals: { least: 0, most: 0 },
  words: [],
  examples: [
    {
      what: "As score-k8s calls it (score/postgres/score-k8s/10-zero-touch-postgres.provisioners.yaml)",
      line: "zero-touch-postgres score --class database-team <request.json",
    },
  ],
  run: score,
};

async function score(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const [{ requestIn }, { provision }] = await Promise.all([
    import("../score/request"),
    import("../score/provision"),
  ]);
  const request = requestIn(await terminal.input());
  const classes = await classesOf(given, terminal);
  const answer = provision(request, { className: given.value("class"), classes });
  if ("manifests" in answer) {
    terminal.out(`${JSON.stringify(answer)}\n`);
    return exitCodes.success;
  }
  for (const { field, problem } of answer) {
    terminal.error(`zero-touch-postgres: resource ${request.uid}: ${field} ${problem}\n`);
  }
  return exitCodes.refused;
}

/** The classes of the files that were given; undefined where none was. */
async function classesOf(
  given: Arguments,
  terminal: Terminal,
): Promise<readonly PostgresClass[] | undefined> {
  const paths = given.values("filename");
  if (paths.length === 0) return undefined;
  const { sourcesOf } = await import("../input/sources");
  const { classesIn } = await import("../review/review");
  const { classes, problems } = classesIn(await sourcesOf(paths, terminal));
  if (problems.length === 0) return classes;
  throw new CommandFailure(exitCodes.refused, problems.map(problemLine).join("\n"));
}
