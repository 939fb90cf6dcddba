/** What holds for found objects of any kind: their namespace, names that come twice, and the places of what is wrong with them. */
import { isRecord } from "../../capabilities/claim/schema";
import type { Violation } from "../../capabilities/claim/violation";
import type { SourceDocument } from "../input/documents";
import type { Problem } from "../input/place";
import type { FoundObject } from "./kinds";

/** `namespace` is for objects that name none, as kubectl takes it from the context. */
export function inNamespace(
  found: readonly FoundObject[],
  namespace: string,
): readonly FoundObject[] {
  return found.map(({ object, document }) => {
    const { metadata } = object;
    if (!isRecord(metadata)) return { object, document };
    const placed = { ...metadata, namespace: metadata.namespace ?? namespace };
    return { object: { ...object, metadata: placed }, document };
  });
}

/** Of each object whether one before it has its name. */
export function twinFaults(found: readonly FoundObject[]): readonly (readonly Violation[])[] {
  const firsts = new Map<string, SourceDocument>();
  return found.map(({ object, document }) => {
    const key = keyIn(object.metadata);
    const first = firsts.get(key);
    if (!first) firsts.set(key, document);
    const place = first?.placeOf("metadata.name");
    return place ? [twiceFault(key, `${place.file}:${place.line}`)] : [];
  });
}

function keyIn(metadata: unknown): string {
  const { namespace, name } = isRecord(metadata) ? metadata : {};
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return `${text(namespace)}/${text(name)}`;
}

function twiceFault(key: string, first: string): Violation {
  return {
    field: "metadata.name",
    problem: `makes this claim ${key}, which is also at ${first}: keep one of them`,
  };
}

export function problemsOf(
  faults: readonly Violation[],
  document: SourceDocument,
): readonly Problem[] {
  return faults.map(fault => ({ ...fault, place: document.placeOf(fault.field) }));
}
