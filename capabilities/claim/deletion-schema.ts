/** What a claim may say of its end, and a class of that of its claims. */
import type { Schema } from "./schema";

const policy = { type: "string", enum: ["Delete", "Retain"] } as const;

export const deletionPolicySchema = {
  ...policy,
  description:
    "What becomes of the database when the claim is deleted: Delete removes it with its data; Retain leaves it running, for a new claim " +
    "of this name (docs/deleting.md). Default: the class's (Delete).",
} as const satisfies Schema;

export const deletionProtectionSchema = {
  type: "boolean",
  description:
    "Whether the claim, and the namespace that it is in, cannot be deleted. To delete it, set this to false first. Default: false.",
} as const satisfies Schema;

export const deletionPoliciesSchema = {
  type: "object",
  description: "What may become of the databases of claims that are deleted.",
  properties: {
    default: {
      ...policy,
      description:
        "For claims that do not choose; it is followed by those that are there. Default: Delete.",
    },
    allowed: {
      type: "array",
      minItems: 1,
      maxItems: 2,
      description: "What claims may choose; the default may always be. Default: all.",
      items: { ...policy, description: "Delete or Retain." },
    },
  },
} as const satisfies Schema;
