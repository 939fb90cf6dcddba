/** What all claims together may spend on looks that go on for as long as nothing changes: many that wait must not be a load. */

export type Allowance = {
  /** Spends a look: gives 0, or in how many ms to ask again where there is none to spend. */
  readonly spend: () => number;
};

/** So many looks may be taken at once: a few claims are looked at as often as each wants. */
export const mostAtOnce = 50;
/**
 * Then there is one more in this time. A look asks the API server about five times, when it has to find out what holds a database
 * up, so that all together stay under two requests a second.
 */
export const perLookMs = 4000;

/** `now` gives ms that only grow. */
export function createAllowance(now: () => number): Allowance {
  let left = mostAtOnce;
  let countedAt = now();

  return {
    spend: () => {
      const at = now();
      left = Math.min(mostAtOnce, left + (at - countedAt) / perLookMs);
      countedAt = at;
      if (left < 1) return (1 - left) * perLookMs;
      left -= 1;
      return 0;
    },
  };
}
