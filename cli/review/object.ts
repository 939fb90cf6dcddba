/** What the API server checks of every object before a webhook sees it, as far as it concerns claims and classes. */
import { namespaceName } from "../../capabilities/claim/names";
import { isRecord, schemaFaults, type Schema } from "../../capabilities/claim/schema";
import type { Violation } from "../../capabilities/claim/violation";

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/: what the API server fills in by itself. */
const filledInFields = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "ownerReferences",
  "resourceVersion",
  "selfLink",
  "uid",
];

const texts = {
  type: "object",
  description: "Labels or annotations.",
  additionalProperties: {
    type: "string",
    description: "A text, in quotes where YAML reads another type.",
  },
} as const satisfies Schema;

const metadataSchema = {
  type: "object",
  description: "What a person writes of an object's metadata.",
  properties: {
    name: { type: "string", description: "Its name.", minLength: 1, maxLength: 253 },
    generateName: { type: "string", description: "What its name begins with.", minLength: 1 },
    namespace: { ...namespaceName, description: "The namespace that it is in." },
    labels: texts,
    annotations: texts,
    finalizers: {
      type: "array",
      description: "Who has to let go of it first.",
      items: { type: "string", description: "A finalizer." },
    },
  },
} as const satisfies Schema;

/** Unknown fields beside and in `metadata`, as strict field validation finds them, and what is wrong with those that are known. */
export function objectFaults(
  object: Readonly<Record<string, unknown>>,
  ownFields: readonly string[],
): readonly Violation[] {
  const known = ["apiVersion", "kind", "metadata", ...ownFields];
  const unknown = Object.keys(object).filter(field => !known.includes(field));
  const { metadata } = object;
  const written = isRecord(metadata)
    ? Object.entries(metadata).filter(([name]) => !filledInFields.includes(name))
    : undefined;
  return [
    ...unknown.map(field => ({
      field,
      problem: `is not a known field; known here: ${known.join(", ")}`,
    })),
    ...(metadata === undefined
      ? []
      : schemaFaults(metadataSchema, written ? Object.fromEntries(written) : metadata, "metadata")),
  ];
}

/**
 * All that is wrong with an object, of which `judged` is what the webhook would find. A name that is no text is as good as none to the
 * webhook, which never sees one.
 */
export function withObjectFaults(
  strict: readonly Violation[],
  judged: readonly Violation[],
): readonly Violation[] {
  return [...strict, ...judged.filter(({ field }) => !strict.some(fault => fault.field === field))];
}
