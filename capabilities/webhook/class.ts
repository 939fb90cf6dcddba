/** Classes at the webhook: what is offered, and that nothing which claims live by is taken away. */
import { deletionViolations, isClassExempt, judgeClass } from "../admission/class/judgement";
import { classKind } from "../claim/names";
import { isRecord } from "../kubernetes/record";
import type { JudgedKind } from "./admission";
import type { AdmissionWorld } from "./world";

/**
 * Claims are asked of the API server: what is known may lack a claim of this moment, or have one that is gone. Classes change so
 * seldom that a list of all claims costs nothing to speak of.
 */
export function classKindJudged(world: AdmissionWorld): JudgedKind {
  return {
    kind: classKind,
    isExempt: isClassExempt,
    judge: async ({ object, oldObject }) => {
      // A class that is being made has no claims yet, or gets back those that it had.
      const users = isRecord(oldObject) ? await world.claims() : [];
      return judgeClass(object, oldObject, await world.classes(), users);
    },
    judgeDeletion: async ({ oldObject }) =>
      deletionViolations(oldObject, await world.classes(), await world.claims()),
  };
}
