/** `explain`: what a claim of a name becomes, before anyone has written it. */
import { operatorSecretNames } from "../../capabilities/operator/facts";
import { keyOf, refOf } from "../../capabilities/kubernetes/objects";
import type { OptionalObject } from "../../capabilities/operator/operator";
import { backupPlace } from "../../capabilities/claim/backup";
import { backupName } from "../../capabilities/claim/job-names";
import { databaseName, databaseOwner } from "../../capabilities/claim/claim";
import { claimKind, group, version } from "../../capabilities/claim/names";
import type { Plan } from "../../capabilities/reconcile/plan";
import { exitCodes, type Arguments, type Command, type ExitCode, type Terminal } from "../command";
import { problemLine } from "../input/place";
import { inputOptions } from "./input-options";

export const explainCommand: Command = {
  name: "explain",
  summary: "Tells what a claim of this name becomes, and whether the name is allowed",
  usage: "NAME [-n NAMESPACE] [-f CLASS]",
  details: [],
  options: {
    namespace: { ...inputOptions.namespace, summary: "Namespace of the claim (default: default)" },
    filename: {
      ...inputOptions.filename,
      summary: "File of the class that it would get (default: the built-in class)",
    },
  },
  positionals: { least: 1, most: 1 },
  words: [],
  examples: [
    { what: "A name that is allowed", line: "zero-touch-postgres explain orders-db -n shop" },
    { what: "A name that is not", line: "zero-touch-postgres explain postgres" },
  ],
  run: explain,
};

async function explain(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const [name = ""] = given.positionals;
  const { sourcesOf } = await import("../input/sources");
  const { classesIn } = await import("../review/review");
  const { outcomeOf } = await import("../review/claims");
  const sources = await sourcesOf(given.values("filename"), terminal);
  const { classes, problems } = classesIn(sources);
  for (const problem of problems) terminal.error(`${problemLine(problem)}\n`);
  if (problems.length > 0) return exitCodes.refused;
  const claim = {
    apiVersion: `${group}/${version}`,
    kind: claimKind,
    metadata: { name, namespace: given.value("namespace") ?? "default" },
    spec: {},
  };
  const { plan, faults } = outcomeOf(claim, classes, []);
  if (plan) {
    terminal.out(table(descriptionOf(plan)));
    return exitCodes.success;
  }
  terminal.out(`${JSON.stringify(name)} is not allowed:\n`);
  for (const { field, problem } of faults) terminal.out(`  - ${field} ${problem}\n`);
  return exitCodes.refused;
}

function descriptionOf(plan: Plan): readonly [string, string][] {
  const { claim, chosen, operator: backend, database } = plan;
  const { name } = backend.credentials.ref(claim, chosen);
  const others = operatorSecretNames(claim).filter(other => other !== name);
  return [
    ["Claim", `${keyOf(refOf(claim))}: the name is allowed`],
    ["Class", `${chosen.name}: PostgreSQL ${claim.spec.version ?? ""}, ${claim.spec.size ?? ""}`],
    ["Database", databaseName(claim)],
    ["Owner", databaseOwner(claim)],
    [backend.objects.resource.kind, `${keyOf(refOf(database))} (${backend.title})`],
    ["Endpoint", `${backend.objects.endpoint(claim, chosen)}:5432`],
    ["Secret", `${name}, and where writeConnectionSecretToRef says`],
    ["If asked", plan.optional.map(additionLine).join(", ")],
    ...backupRows(plan),
    ["Taken", `Secrets ${others.join(", ")}: the operator's own`],
  ];
}

/** Nothing where the class makes no backups. */
function backupRows({ claim, backup }: Plan): readonly [string, string][] {
  if (!backup) return [];
  const { schedule, retentionDays, volume } = backup.work.backups;
  const kept = `kept for ${retentionDays} days: ${backupPlace(claim, volume)}`;
  return [["Backups", `CronJob ${backupName(claim)} (${schedule}, in UTC), ${kept}`]];
}

function additionLine({ field, resource, ref }: OptionalObject): string {
  return `${resource.kind} ${keyOf(ref)} (spec.${field})`;
}

function table(rows: readonly [string, string][]): string {
  const width = Math.max(...rows.map(([what]) => what.length)) + 2;
  return rows.map(([what, value]) => `${what.padEnd(width)}${value}\n`).join("");
}
