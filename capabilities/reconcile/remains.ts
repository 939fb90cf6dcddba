/** What a claim leaves behind when it goes, and how that is cleared up. */
import type { Need, Situation, Step } from "./run";
import type { ClaimEvent } from "./status";

/** What of a claim beside its connection secrets no garbage collection takes. */
export type Remains = {
  readonly needs: (run: Situation) => readonly Need[];
  readonly steps: (run: Situation) => readonly Step[];
  /** What is left, for people: the claim stays until there is none. */
  readonly left: (run: Situation) => string | undefined;
  /** What stays on purpose, told when the claim goes. */
  readonly kept: (run: Situation) => ClaimEvent | undefined;
};
