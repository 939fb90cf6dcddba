/** Values that nobody can change: whoever tries throws, since all our code is strict. */
import type * as fc from "fast-check";

export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}

export function frozen<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return arbitrary.map(deepFreeze);
}
