import * as fc from "fast-check";
import { isAlike } from "../../capabilities/kubernetes/quantity";
import { anyJson } from "../arbitrary/claim";

test.each<readonly [unknown, unknown, boolean]>([
  ["1000m", "1", true],
  ["0.5", "500m", true],
  ["2000m", "2", true],
  ["1500m", "1.5", true],
  ["0.7", "700m", true],
  ["1024Mi", "1Gi", true],
  ["0.5Gi", "512Mi", true],
  ["1000M", "1G", true],
  ["1000000", "1M", true],
  ["1Ti", "1024Gi", true],
  ["1000m", "1001m", false],
  ["1", "10", false],
  ["1Gi", "1G", false],
  ["1Gi", "1Ti", false],
  ["256Mi", "512Mi", false],
  ["1m", "1M", false],
  ["1 ", "1", false],
  ["", "0", false],
  ["a", "a", true],
  ["a", "b", false],
  ["1constructor", "1", false],
  ["1", 1, false],
  [null, null, true],
  [null, undefined, false],
])("%j and %j: %s", (a, b, expected) => {
  expect([isAlike(a, b), isAlike(b, a)]).toEqual([expected, expected]);
});

test("any amount is like itself in thousandths, and like no other", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (whole, other) => {
      expect(isAlike(String(whole), `${whole}000m`)).toBe(true);
      expect(isAlike(`${whole}Ki`, String(whole * 1024))).toBe(true);
      expect(isAlike(String(whole), String(other))).toBe(whole === other);
    }),
  );
});

test("any JSON gives an answer, never a throw", () => {
  fc.assert(
    fc.property(anyJson, anyJson, (a, b) => {
      expect(typeof isAlike(a, b)).toBe("boolean");
      expect(isAlike(a, a)).toBe(true);
    }),
  );
});
