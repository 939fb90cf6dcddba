/** Namespaces that are to be deleted, at the webhook: not with a protected claim in them. */
import { namespaceViolations } from "../admission/deletion";
import { requestAbout } from "../admission/review";
import { quote } from "../claim/schema";
import { textIn } from "../kubernetes/record";
import { refusalOf, refusedCode, undecided } from "../pepr/refusals";
import type { Reviewer, ReviewResponse } from "../pepr/webhook-guard";
import type { AdmissionWorld } from "./world";

/** Fails closed where it is asked: only where nobody answers does the API server let the namespace go. */
export function namespaceReviewer(world: Pick<AdmissionWorld, "claimsIn">): Reviewer {
  return async review => {
    const request = requestAbout(review, { operation: "DELETE", kind: "Namespace" });
    if (!request) return undefined;
    const uid = textIn(request, "uid") ?? "";
    const message = await refusalFor(textIn(request, "name") ?? "");
    return message === undefined ? { uid, allowed: true } : denial(uid, message);
  };

  async function refusalFor(name: string): Promise<string | undefined> {
    const title = `Namespace ${quote(name)}`;
    try {
      const violations = namespaceViolations(await world.claimsIn(name));
      return violations.length === 0 ? undefined : refusalOf(title, violations);
    } catch (fault) {
      return undecided(title, fault);
    }
  }
}

function denial(uid: string, message: string): ReviewResponse {
  return { uid, allowed: false, status: { code: refusedCode, message } };
}
