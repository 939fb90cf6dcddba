/** Finds the claims of both kinds and the classes among the objects of an input; others are passed over, unless they are meant to be ours. */
import {
  claimKind,
  classKind,
  databaseClaimKind,
  group,
  version,
} from "../../capabilities/claim/names";
import { isRecord, quote } from "../../capabilities/claim/schema";
import type { SourceDocument } from "../input/documents";
import { problemLine, type Problem } from "../input/place";

export type Fields = Readonly<Record<string, unknown>>;
export type FoundObject = { readonly object: Fields; readonly document: SourceDocument };

export type ByKind = {
  readonly claims: readonly FoundObject[];
  readonly databases: readonly FoundObject[];
  readonly classes: readonly FoundObject[];
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
};

const kinds = [claimKind, databaseClaimKind, classKind];
const ourVersion = `${group}/${version}`;

/** The objects of our kinds, and what is wrong with those that come near to them. */
export function byKind(documents: readonly SourceDocument[]): ByKind {
  const objects = documents.flatMap(document =>
    isRecord(document.value) ? [{ object: document.value, document }] : [],
  );
  const ofKind = (kind: string): readonly FoundObject[] =>
    objects.filter(({ object }) => object.apiVersion === ourVersion && object.kind === kind);
  return {
    claims: ofKind(claimKind),
    databases: ofKind(databaseClaimKind),
    classes: ofKind(classKind),
    problems: objects.flatMap(kindFaults),
    notes: objects.flatMap(strangers),
  };
}

/** Our group, but a version or kind that it has not. */
function kindFaults({ object, document }: FoundObject): readonly Problem[] {
  const { apiVersion, kind } = object;
  if (typeof apiVersion !== "string" || !apiVersion.startsWith(`${group}/`)) return [];
  const faultOf = (field: string, found: unknown, must: string): Problem => ({
    place: document.placeOf(field),
    field,
    problem: `is ${shown(found)}, but must be ${must}`,
  });
  return [
    ...(apiVersion === ourVersion ? [] : [faultOf("apiVersion", apiVersion, quote(ourVersion))]),
    ...(kinds.some(known => known === kind)
      ? []
      : [faultOf("kind", kind, `one of ${kinds.join(", ")}`)]),
  ];
}

/** Our kind in another group: someone else's, or a slip of the pen. */
function strangers({ object, document }: FoundObject): readonly string[] {
  const { apiVersion, kind } = object;
  const isOurs = typeof apiVersion === "string" && apiVersion.startsWith(`${group}/`);
  if (isOurs || !kinds.some(known => known === kind)) return [];
  const problem = `is ${shown(apiVersion)}, not ${quote(ourVersion)}: passed over`;
  return [problemLine({ place: document.placeOf("apiVersion"), field: "apiVersion", problem })];
}

function shown(found: unknown): string {
  return quote(typeof found === "string" ? found : typeof found);
}
