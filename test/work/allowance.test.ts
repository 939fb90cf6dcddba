/** Looks of many claims together are bounded, whatever each of them wants. */
import * as fc from "fast-check";
import {
  createAllowance,
  longestWaitMs,
  mostAtOnce,
  perLookMs,
} from "../../capabilities/work/allowance";

test("so many at once, then one after the other, a few seconds apart", () => {
  let now = 0;
  const { reserve } = createAllowance(() => now);
  expect(Array.from({ length: mostAtOnce }, reserve)).toEqual(Array(mostAtOnce).fill(0));
  expect([reserve(), reserve()]).toEqual([perLookMs, 2 * perLookMs]);
  now += 2 * perLookMs;
  expect(reserve()).toBe(perLookMs);
  now += 1000 * perLookMs;
  expect(Array.from({ length: mostAtOnce }, reserve)).toEqual(Array(mostAtOnce).fill(0));
});

test("whoever asks, and when: no more looks fall due than there are", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 3 * perLookMs }), { maxLength: 300 }), pauses => {
      let now = 0;
      const { reserve } = createAllowance(() => now);
      const due: number[] = [];
      for (const pause of pauses) {
        now += pause;
        due.push(now + reserve());
      }
      for (const at of due) {
        const sofar = due.filter(other => other <= at).length;
        expect(sofar).toBeLessThanOrEqual(mostAtOnce + at / perLookMs + 1);
      }
    }),
  );
});

test("nobody waits for ever, however many there are", () => {
  const { reserve } = createAllowance(() => 0);
  const waits = Array.from({ length: 20_000 }, reserve);
  expect(Math.max(...waits)).toBe(longestWaitMs);
});
