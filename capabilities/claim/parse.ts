/** Reads a claim or a class from a value that nobody has checked yet: a request to the webhook, a file. Never throws. */
import type { AnyClaim, Claim, ClaimSpec, ConnectionRef } from "./claim";
import type { ClassSpec, PostgresClass } from "./class";
import { connectionRefSchema, specSchema } from "./claim-schema";
import type { DatabaseClaim } from "./database";
import { databaseSpecSchema } from "./database-schema";
import { classSpecSchema } from "./class-schema";
import { given } from "../kubernetes/given";
import type { ObjectMeta } from "../kubernetes/objects";
import { annotations, claimKind, classKind, databaseClaimKind, group, version } from "./names";
import { isRecord, schemaFaults, type Schema } from "./schema";
import type { Violation } from "./violation";

export type ParsedClaim = {
  /** The claim without its faulty fields, so that the rules can be applied to the rest. */
  readonly claim: Claim;
  readonly faults: readonly Violation[];
};

/** The claim in `value`, and everything in which it is unlike the schema. */
export function parseClaim(value: unknown): ParsedClaim {
  const { object, spec, faults } = parseParts(specSchema, value);
  const claim = { ...object, kind: claimKind, spec };
  // The cast is what the checks have earned: every field that is left fits its schema.
  return { claim: claim as Claim & { spec: ClaimSpec }, faults };
}

/** What claims of all kinds have: metadata, a spec and a ref. */
function parseParts(
  schema: Schema,
  value: unknown,
): {
  readonly object: Omit<AnyClaim, "kind" | "spec">;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly faults: readonly Violation[];
} {
  const object = isRecord(value) ? value : {};
  const spec = parseFields(schema, object.spec ?? {}, "spec");
  const refField = "writeConnectionSecretToRef";
  const ref = object[refField];
  const refFaults = ref === undefined ? [] : schemaFaults(connectionRefSchema, ref, refField);
  return {
    object: {
      apiVersion: `${group}/${version}`,
      metadata: parseMetadata(object.metadata),
      ...(ref === undefined || refFaults.length > 0 ? {} : { [refField]: ref as ConnectionRef }),
    },
    spec: spec.value,
    faults: [...nameFaults(object.metadata), ...spec.faults, ...refFaults],
  };
}

export type ParsedDatabaseClaim = {
  /** The claim without its faulty fields, so that the rules can be applied to the rest. */
  readonly claim: DatabaseClaim;
  readonly faults: readonly Violation[];
};

/** The claim for a database in `value`, and everything in which it is unlike the schema. */
export function parseDatabaseClaim(value: unknown): ParsedDatabaseClaim {
  const { object, spec, faults } = parseParts(databaseSpecSchema, value);
  const claim = { ...object, kind: databaseClaimKind, spec };
  // The cast is what the checks have earned, but for an instance that is not named: that is one of the faults.
  return { claim: withInstance(claim as ParsedDatabaseClaim["claim"]), faults };
}

function withInstance(claim: DatabaseClaim): DatabaseClaim {
  const { instanceRef = { name: "" } } = claim.spec as Partial<DatabaseClaim["spec"]>;
  return { ...claim, spec: { ...claim.spec, instanceRef } };
}

export type ParsedClass = {
  /** The class without its faulty fields, so that the rules can be applied to the rest. */
  readonly found: PostgresClass & { readonly spec: ClassSpec };
  readonly faults: readonly Violation[];
};

/** The class in `value`, and everything in which it is unlike the schema. */
export function parseClass(value: unknown): ParsedClass {
  const object = isRecord(value) ? value : {};
  const asked = object.spec ?? {};
  const { value: sound, faults } = parseFields(classSpecSchema, asked, "spec");
  // Of three sizes the other two are judged even if one is faulty.
  const sizes = parseFields(
    classSpecSchema.properties.sizes,
    isRecord(asked) ? asked.sizes : undefined,
    "",
  ).value;
  const found = {
    apiVersion: `${group}/${version}`,
    kind: classKind,
    metadata: { ...parseMetadata(object.metadata), ...marksOf(object.metadata) },
    spec: { ...sound, ...(Object.keys(sizes).length > 0 ? { sizes } : {}) },
  };
  return { found: found as ParsedClass["found"], faults };
}

function parseFields(
  schema: Schema,
  value: unknown,
  field: string,
): { value: Readonly<Record<string, unknown>>; faults: readonly Violation[] } {
  const faults = schemaFaults(schema, value, field);
  if (!isRecord(value)) return { value: {}, faults };
  const each = { ...schema, required: [] };
  const sound = Object.entries(value).filter(
    ([name, child]) => schemaFaults(each, { [name]: child }, field).length === 0,
  );
  return { value: Object.fromEntries(sound), faults };
}

function nameFaults(metadata: unknown): readonly Violation[] {
  const { name, generateName } = isRecord(metadata) ? metadata : {};
  const isNamed = [name, generateName].some(text => typeof text === "string" && text !== "");
  return isNamed ? [] : [{ field: "metadata.name", problem: "is required" }];
}

/** The API server checks metadata before any webhook; what is not a string here is as good as absent. */
function parseMetadata(value: unknown): ObjectMeta {
  const metadata = isRecord(value) ? value : {};
  const text = (field: string): string | undefined => {
    const found = metadata[field];
    return typeof found === "string" ? found : undefined;
  };
  const known = {
    namespace: text("namespace"),
    uid: text("uid"),
    deletionTimestamp: text("deletionTimestamp"),
    annotations: requestMarkIn(metadata.annotations),
  };
  return { name: text("name") ?? "", ...given(known) };
}

/** Of a claim's annotations the one that says which request made it. */
function requestMarkIn(found: unknown): ObjectMeta["annotations"] {
  const { [annotations.kratixRequest]: mark } = isRecord(found) ? found : {};
  return typeof mark === "string" ? { [annotations.kratixRequest]: mark } : undefined;
}

/** Annotation and time that make a class the default. */
function marksOf(value: unknown): Pick<ObjectMeta, "annotations" | "creationTimestamp"> {
  const { annotations: found, creationTimestamp } = isRecord(value) ? value : {};
  const texts = Object.entries(isRecord(found) ? found : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return {
    annotations: Object.fromEntries(texts),
    ...(typeof creationTimestamp === "string" ? { creationTimestamp } : {}),
  };
}
