/**
 * A run of the pipeline as a function: what Kratix hands over, in; the files that it collects, out.
 * https://docs.kratix.io/main/reference/workflows
 */
import { defaultClass, type PostgresClass } from "../../capabilities/claim/class";
import type { KubeObject } from "../../capabilities/kubernetes/objects";
import type { Violation } from "../../capabilities/claim/violation";
import { renderedObjects } from "../render";
import type { Fields } from "../review/kinds";
import { choicesOf } from "./choices";
import { answerTo } from "./request";
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
  // Of a Promise's status Kratix takes the message alone.
  return { objects: byName(classes), status: { message: `PostgreSQL by ${offered}` }, faults: [] };
}

function byName(classes: readonly PostgresClass[]): readonly PostgresClass[] {
  return [...classes].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

function configureResource(input: Fields, classes: readonly PostgresClass[]): Outcome {
  const choices = choicesOf(defaultClass(classes));
  const answer = answerTo(input, classes);
  if ("faults" in answer) return { objects: [], faults: answer.faults };
  const { plan, claim } = answer;
  return {
    objects: choices.emit === "claim" ? [claim] : renderedObjects([plan]),
    status: renderedStatus(input, plan),
    selectors: [{ matchLabels: choices.destination }],
    faults: [],
  };
}

export function inOneLine(faults: readonly Violation[]): string {
  const lines = faults.map(({ field, problem }) => `${field} ${problem}`);
  return [...new Set(lines)].join("; ");
}
