/**
 * A run of the pipeline as a function: what Kratix hands over, in; the files that it collects, out.
 * https://docs.kratix.io/main/reference/workflows
 */
import type { PostgresClass } from "../../capabilities/claim/class";
import type { KubeObject } from "../../capabilities/kubernetes/objects";
import { isRecord } from "../../capabilities/claim/schema";
import type { Violation } from "../../capabilities/claim/violation";
import { renderedObjects } from "../render";
import type { Fields } from "../review/kinds";
import { createdNamespaces, type Choices } from "./choices";
import { kept } from "./promise";
import { answerTo, type Rendered } from "./request";
import { renderedStatus } from "./status";

export type Workflow = {
  readonly type: "promise" | "resource";
  readonly action: "configure" | "delete";
};

export type Outcome = {
  /** For /kratix/output; a failed run has none. */
  readonly objects: readonly (KubeObject | Fields)[];
  /** For /kratix/metadata/status.yaml. */
  readonly status?: Fields;
  /** For /kratix/metadata/destination-selectors.yaml. */
  readonly selectors?: readonly Fields[];
  readonly faults: readonly Violation[];
  /** What was rendered, in one line for the log. */
  readonly said: string;
};

/**
 * A configure workflow; a delete workflow has nothing to do, since Kratix removes by itself what the other wrote.
 * KRATIX_DRY_RUN changes nothing: it is for side effects, of which there are none, and a preview of another output would be
 * no preview.
 */
export function configure(
  type: Workflow["type"],
  input: Fields,
  classes: readonly PostgresClass[],
): Outcome {
  return type === "promise" ? configurePromise(classes) : configureResource(input, classes);
}

/** Destinations get the classes that claims will name. */
function configurePromise(classes: readonly PostgresClass[]): Outcome {
  const names = classes.map(({ metadata }) => metadata.name).sort();
  const offered = names.length === 0 ? "the built-in class" : `classes ${names.join(", ")}`;
  const objects = [...createdNamespaces(classes).map(namespaceOf), ...byName(classes)];
  // Of a Promise's status Kratix takes the message alone.
  const said = `rendered ${objects.length === 0 ? "nothing" : objects.map(nameOf).join(", ")}`;
  return { objects, status: { message: `PostgreSQL by ${offered}` }, faults: [], said };
}

/** Kept where it is: a Promise that is deleted must not take all of a namespace along. */
function namespaceOf(name: string): Fields {
  return kept({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
}

function byName(classes: readonly PostgresClass[]): readonly PostgresClass[] {
  return [...classes].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

function configureResource(input: Fields, classes: readonly PostgresClass[]): Outcome {
  const answer = answerTo(input, classes);
  if ("faults" in answer) return { objects: [], faults: answer.faults, said: "" };
  const { plan, claim, choices } = answer;
  const objects = choices.emit === "claim" ? [claim] : renderedObjects([plan]);
  return {
    objects,
    status: renderedStatus(input, plan, claim),
    selectors: [{ matchLabels: choices.destination }],
    faults: [],
    said: `rendered ${objects.map(nameOf).join(", ")} by ${decidedBy(answer)} for destinations with ${labelsOf(choices)}`,
  };
}

function nameOf({ kind, metadata }: Fields | KubeObject): string {
  const { name, namespace } = isRecord(metadata) ? metadata : {};
  const ref = [namespace, name].filter(part => typeof part === "string").join("/");
  return `${String(kind)} ${ref}`;
}

/** A claim that names no class gets that of its destination. */
function decidedBy({ claim: { spec }, plan, choices }: Rendered): string {
  const { className } = isRecord(spec) ? spec : {};
  const isOpen = choices.emit === "claim" && className === undefined;
  return isOpen ? "the destination's own class" : `class ${plan.chosen.name}`;
}

function labelsOf({ destination }: Choices): string {
  return Object.entries(destination)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
}

export function inOneLine(faults: readonly Violation[]): string {
  const lines = faults.map(({ field, problem }) => `${field} ${problem}`);
  return [...new Set(lines)].join("; ");
}
