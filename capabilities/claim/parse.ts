/** Reads a claim from a value that nobody has checked yet: a request to the webhook, a file. Never throws. */
import type { Claim, ClaimSpec } from "./claim";
import { connectionRefSchema, specSchema } from "./claim-schema";
import { given } from "./given";
import type { ObjectMeta } from "./kubernetes";
import { claimKind, group, version } from "./names";
import { isRecord, schemaFaults, type Schema } from "./schema";
import type { Violation } from "./violation";

export type ParsedClaim = {
  /** The claim without its faulty fields, so that the rules can be applied to the rest. */
  readonly claim: Claim;
  readonly faults: readonly Violation[];
};

/** The claim in `value`, and everything in which it is unlike the schema. */
export function parseClaim(value: unknown): ParsedClaim {
  const object = isRecord(value) ? value : {};
  const spec = parseFields(specSchema, object.spec ?? {}, "spec");
  const refField = "writeConnectionSecretToRef";
  const ref = object[refField];
  const refFaults = ref === undefined ? [] : schemaFaults(connectionRefSchema, ref, refField);
  const claim = {
    apiVersion: `${group}/${version}`,
    kind: claimKind,
    metadata: parseMetadata(object.metadata),
    spec: spec.value,
    ...(ref === undefined || refFaults.length > 0 ? {} : { [refField]: ref }),
  };
  // The cast is what the checks above have earned: every field that is left fits its schema.
  return {
    claim: claim as Claim & { spec: ClaimSpec },
    faults: [...nameFaults(object.metadata), ...spec.faults, ...refFaults],
  };
}

function parseFields(
  schema: Schema,
  value: unknown,
  field: string,
): { value: Readonly<Record<string, unknown>>; faults: readonly Violation[] } {
  const faults = schemaFaults(schema, value, field);
  if (!isRecord(value)) return { value: {}, faults };
  const sound = Object.entries(value).filter(
    ([name, child]) => schemaFaults(schema, { [name]: child }, field).length === 0,
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
  };
  return { name: text("name") ?? "", ...given(known) };
}
