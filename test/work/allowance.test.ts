/** Looks of many claims together are bounded, whatever each of them wants. */
import * as fc from "fast-check";
import { createAllowance, mostAtOnce, perLookMs } from "../../capabilities/work/allowance";

test("so many at once, then one more in every few seconds", () => {
  let now = 0;
  const { spend } = createAllowance(() => now);
  expect(Array.from({ length: mostAtOnce }, spend)).toEqual(Array(mostAtOnce).fill(0));
  expect(spend()).toBe(perLookMs);
  now += perLookMs / 4;
  expect(spend()).toBe((perLookMs * 3) / 4);
  now += (perLookMs * 3) / 4;
  expect([spend(), spend()]).toEqual([0, perLookMs]);
});

test("whoever asks, and when: never more than that", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 3 * perLookMs }), { maxLength: 300 }), pauses => {
      let now = 0;
      const { spend } = createAllowance(() => now);
      let spent = 0;
      for (const pause of pauses) {
        now += pause;
        if (spend() === 0) spent += 1;
        expect(spent).toBeLessThanOrEqual(mostAtOnce + now / perLookMs);
      }
    }),
  );
});
