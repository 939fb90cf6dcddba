/** The classes of an input, and what is wrong with them. */
import type { PostgresClass } from "../../capabilities/claim/class";
import { classSpecSchema } from "../../capabilities/claim/class-schema";
import { classKind, group, version } from "../../capabilities/claim/names";
import { isRecord, schemaFaults } from "../../capabilities/claim/schema";
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
  return { classes: found.flatMap(({ object }) => soundClass(object)), problems };
}

function classFaults(object: Fields): readonly Violation[] {
  const { name } = isRecord(object.metadata) ? object.metadata : {};
  return [
    ...objectFaults(object, ["spec"]),
    ...(name === undefined ? [{ field: "metadata.name", problem: "is required" }] : []),
    ...(object.spec === undefined ? [] : schemaFaults(classSpecSchema, object.spec, "spec")),
  ];
}

function soundClass({ metadata, spec }: Fields): readonly PostgresClass[] {
  if (!isRecord(metadata) || typeof metadata.name !== "string") return [];
  const fields = Object.entries(isRecord(spec) ? spec : {}).filter(
    ([field, value]) => schemaFaults(classSpecSchema, { [field]: value }, "spec").length === 0,
  );
  // The casts are what the checks have earned; a faulty annotation makes no default class.
  const sound = {
    apiVersion: `${group}/${version}`,
    kind: classKind,
    metadata,
    spec: Object.fromEntries(fields),
  };
  return [sound as unknown as PostgresClass];
}
