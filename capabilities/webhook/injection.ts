/** Pods that ask for databases, at the webhook. */
import { podAnswer } from "../admission/injection";
import type { ReviewResponse } from "../pepr/webhook-guard";

export function podReviewer(review: unknown): Promise<ReviewResponse | undefined> {
  const answer = podAnswer(review);
  if (!answer) return Promise.resolve(undefined);
  const patch = Buffer.from(JSON.stringify(answer.patch), "utf8").toString("base64");
  return Promise.resolve({ uid: answer.uid, allowed: true, patchType: "JSONPatch", patch });
}
