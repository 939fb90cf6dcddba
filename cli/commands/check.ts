/** `check`: whether a cluster is fit to install the module and to run it. */
import { isFit, type Finding, type State } from "../check/finding";
import { columns } from "../table";
import { exitCodes, type Arguments, type Command, type ExitCode, type Terminal } from "../command";
import { accessFor, clusterOptions } from "./cluster-options";

export const checkCommand: Command = {
  name: "check",
  summary: "Tells whether a cluster is fit to install and run the module",
  usage: "[--context NAME] [-n NAMESPACE] [-o FORMAT]",
  details: [
    "Reads versions, operators, StorageClasses, CustomResourceDefinitions, your rights, and the module where it is installed.",
    "Nothing is changed: in the namespace one claim is made as a dry run, to see whether the webhook answers.",
    "Ends with exit code 1 if there is a problem. What you may not read is told as not known.",
  ],
  options: {
    ...clusterOptions,
    output: { short: "o", value: "FORMAT", choices: ["text", "json"], summary: "text by default" },
  },
  positionals: { least: 0, most: 0 },
  words: [],
  examples: [
    {
      what: "Before it is installed, and whenever something is odd",
      line: "zero-touch-postgres check",
    },
    {
      what: "Another cluster, in a pipeline",
      line: "zero-touch-postgres check --context production -o json",
    },
  ],
  run: check,
};

async function check(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const { survey } = await import("../check/survey");
  const { findingsOf } = await import("../check/findings");
  const access = await accessFor(given, terminal);
  const findings = findingsOf(await survey(access, new Date()));
  const isJson = given.value("output") === "json";
  terminal.out(isJson ? jsonOf(findings) : textOf(findings));
  return isFit(findings) ? exitCodes.success : exitCodes.refused;
}

function jsonOf(findings: readonly Finding[]): string {
  return `${JSON.stringify({ fit: isFit(findings), findings }, undefined, 2)}\n`;
}

function textOf(findings: readonly Finding[]): string {
  const rows = findings.map(({ state, subject, said, remedy }) => [
    ...[state, subject, remedy === undefined ? said : `${said}; ${remedy}`],
  ]);
  return `${columns(rows)}${summary(findings)}\n`;
}

/** Counts what is not good. */
function summary(findings: readonly Finding[]): string {
  const counted = (["problem", "warning", "not known"] as const).flatMap(state => {
    const count = findings.filter(one => one.state === state).length;
    return count === 0 ? [] : [`${count} ${nameOf(state, count)}`];
  });
  if (counted.length === 0) return "fit";
  const isAllKnown = !findings.some(({ state }) => state === "not known");
  const fit = isAllKnown ? "fit" : "fit as far as is known; have somebody look who may read all";
  return `${isFit(findings) ? fit : "not fit"}: ${counted.join(", ")}`;
}

function nameOf(state: State, count: number): string {
  return state === "not known" || count === 1 ? state : `${state}s`;
}
