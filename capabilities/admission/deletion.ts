/** What must not be deleted, because somebody has said so. */
import type { AnyClaim } from "../claim/claim";
import type { Violation } from "../claim/violation";
import { keyOf, refOf } from "../kubernetes/objects";
import { fieldOf } from "../kubernetes/record";
import { named } from "./holders";

/** The spec may be missing: not every claim was judged. */
function isProtected({ spec }: AnyClaim): boolean {
  return fieldOf(spec, "deletionProtection") === true;
}

export function protectionViolations(claim: AnyClaim): readonly Violation[] {
  if (!isProtected(claim)) return [];
  const problem = "is true, so that the claim cannot be deleted: set it to false first";
  return [{ field: "spec.deletionProtection", problem }];
}

/** Told where a claim's data was to stay, and is not any more. */
export const dataGoesWarning =
  "spec.deletionPolicy: from now on the data goes with the claim when that is deleted";

/** With a namespace goes all that is in it: Kubernetes deletes the operator's objects too, and asks no claim. */
export function namespaceViolations(claims: readonly AnyClaim[]): readonly Violation[] {
  const held = claims.filter(isProtected).map(claim => `${claim.kind} ${keyOf(refOf(claim))}`);
  if (held.length === 0) return [];
  const problem = `cannot be deleted: spec.deletionProtection of ${named(held)} is true; set it to false there first`;
  return [{ field: "metadata.name", problem }];
}
