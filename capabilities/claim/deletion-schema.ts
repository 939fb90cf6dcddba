/** What a claim may say of its end. */
import type { Schema } from "./schema";

export const deletionProtectionSchema = {
  type: "boolean",
  description:
    "Whether the claim, and the namespace that it is in, cannot be deleted. To delete it, set this to false first. Default: false.",
} as const satisfies Schema;
