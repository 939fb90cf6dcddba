/** The classes of an input, and what is wrong with them. */
import { judgeClass } from "../../capabilities/admission/class/judgement";
import type { PostgresClass } from "../../capabilities/claim/class";
import { parseClass } from "../../capabilities/claim/parse";
import { isRecord } from "../../capabilities/claim/schema";
import type { Violation } from "../../capabilities/claim/violation";
import type { Problem } from "../input/place";
import type { Fields, FoundObject } from "./kinds";
import { objectFaults } from "./object";

export type ReviewedClasses = {
  /** Without their faulty fields, so that claims can still be judged by the rest. */
  readonly classes: readonly PostgresClass[];
  readonly problems: readonly Problem[];
};

export function reviewClasses(found: readonly FoundObject[]): ReviewedClasses {
  const problems = found.flatMap(({ object, document }) =>
    classFaults(object).map(fault => ({ ...fault, place: document.placeOf(fault.field) })),
  );
  const classes = found.map(({ object }) => parseClass(object).found);
  return { classes: classes.filter(({ metadata }) => metadata.name !== ""), problems };
}

function classFaults(object: Fields): readonly Violation[] {
  const { name } = isRecord(object.metadata) ? object.metadata : {};
  return [
    ...objectFaults(object, ["spec", "status"]),
    ...(name === undefined ? [{ field: "metadata.name", problem: "is required" }] : []),
    ...judgeClass(object, undefined, [], []).violations,
  ];
}
