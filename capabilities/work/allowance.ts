/** What all claims together may spend on looks that go on for as long as nothing changes: many that wait must not be a load. */

export type Allowance = {
  /** Takes the next look that is free: gives in how many ms. 0 where there is one at once. */
  readonly reserve: () => number;
};

/** So many looks may be taken at once: a few claims are looked at as often as each wants. */
export const mostAtOnce = 50;
/**
 * Then there is one more in this time. A look asks the API server about five times, when it has to find out what holds a database
 * up, so that all together stay under two requests a second.
 */
export const perLookMs = 4000;
/** Nobody waits longer, however many there are: looks of more claims than fit into this come more often. */
export const longestWaitMs = 7_200_000;

/** `now` gives ms that only grow. */
export function createAllowance(now: () => number): Allowance {
  /** Looks that may be taken now; less than none where some are reserved for later. */
  let left = mostAtOnce;
  let countedAt = now();

  return {
    reserve: () => {
      const at = now();
      left = Math.min(mostAtOnce, left + (at - countedAt) / perLookMs) - 1;
      countedAt = at;
      if (left >= 0) return 0;
      left = Math.max(left, -longestWaitMs / perLookMs);
      return -left * perLookMs;
    },
  };
}
