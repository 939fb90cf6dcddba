/** The definitions of our kinds, and others of the same name. */
import {
  classResource,
  claimResource,
  databaseClaimResource,
} from "../../capabilities/claim/names";
import { definitions as ours } from "../../capabilities/crd/crd";
import { fieldOf, isRecord } from "../../capabilities/kubernetes/record";
import { isContained } from "../../capabilities/kubernetes/sameness";
import { requestResource } from "../../capabilities/reconcile/request-health";
import { notKnown, ok, problem, warning, type Finding } from "./finding";
import { seenValue, whyUnknown, type Definition, type Seen, type Surveyed } from "./surveyed";

/** A field under spec that every build of ours has had, and by which a kind of ours is told from another of its name. */
const marks: Readonly<Record<string, string>> = {
  [claimResource.kind]: "className",
  [databaseClaimResource.kind]: "instanceRef",
  [classResource.kind]: "versions",
};

/** Of the requests to the Kratix Promise. */
export const requestDefinition = `${requestResource.plural}.${requestResource.group}`;

export function definitionFindings({
  definitions,
}: Pick<Surveyed, "definitions">): readonly Finding[] {
  return [
    ...ours.map(wanted => definitionFinding(wanted, definitions[wanted.metadata.name])),
    ...promiseFindings(definitions[requestDefinition]),
  ];
}

function definitionFinding(
  wanted: (typeof ours)[number],
  seen: Seen<Definition> | undefined,
): Finding {
  const { name } = wanted.metadata;
  const subject = `CRD ${name.split(".")[0] ?? name}`;
  const why = whyUnknown(seen);
  if (why !== undefined) return notKnown(subject, why);
  const found = seenValue(seen);
  if (!found) return ok(subject, "not there yet: the module registers it when it starts");
  const kind = fieldOf(fieldOf(wanted.spec, "names"), "kind");
  const foreign = foreignness(found, String(kind));
  if (foreign !== undefined) {
    const said = `${name} ${foreign}: the module would overwrite it when it starts`;
    return problem(subject, said, "find out who uses it, and remove it before the module comes");
  }
  if (found.metadata.deletionTimestamp !== undefined) {
    const said = `${name} is being deleted, and all objects of the kind with it`;
    return problem(subject, said, "wait until it is gone, then install");
  }
  if (isContained(wanted.spec, found.spec)) return ok(subject, "as in this build");
  const said = "of another build than this command";
  return warning(subject, said, "the module brings it up to date when it starts: npx pepr deploy");
}

/** Why a definition of our name is none of ours; undefined where it is. */
function foreignness({ metadata, spec }: Definition, kind: string): string | undefined {
  const [owner] = metadata.ownerReferences ?? [];
  if (owner) return `belongs to ${owner.kind} ${owner.name}`;
  const found = fieldOf(fieldOf(spec, "names"), "kind");
  if (found !== kind) return `is of kind ${JSON.stringify(found)}, not ${kind}`;
  const mark = marks[kind] ?? "";
  return hasField(spec, mark) ? undefined : `is of somebody else: it has no spec.${mark}`;
}

/** Whether some version of the definition has this field under spec. */
function hasField(spec: unknown, name: string): boolean {
  const versions = fieldOf(spec, "versions");
  return (
    Array.isArray(versions) &&
    versions.some(version => {
      const schema = fieldOf(fieldOf(version, "schema"), "openAPIV3Schema");
      const fields = fieldOf(fieldOf(fieldOf(schema, "properties"), "spec"), "properties");
      return isRecord(fields) && Object.hasOwn(fields, name);
    })
  );
}

/** Kratix's marketplace has a Promise whose requests are called like ours. Where neither is, nothing is said. */
function promiseFindings(seen: Seen<Definition> | undefined): readonly Finding[] {
  const subject = "Kratix Promise";
  const why = whyUnknown(seen);
  if (why !== undefined) return [notKnown(subject, why)];
  const found = seenValue(seen);
  if (!found) return [];
  if (hasField(found.spec, "database")) return [ok(subject, `${requestDefinition} is ours`)];
  const said = `${requestDefinition} is of another Promise, such as Syntasso's, and ours has the same name`;
  return [warning(subject, said, "have only one of the two on this platform: docs/kratix.md")];
}
