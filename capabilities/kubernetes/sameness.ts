/** Whether a value is as wanted: compares only the fields that are wanted, others stay unread. */

/** Whether every field of `desired` is in `observed` with an equal value. Lists are compared as wholes. */
export function isContained(
  desired: unknown,
  observed: unknown,
  isEqual: (a: unknown, b: unknown) => boolean = isIdentical,
): boolean {
  if (Array.isArray(desired)) {
    return (
      Array.isArray(observed) &&
      desired.length === observed.length &&
      desired.every((item, index) => isContained(item, observed[index], isEqual))
    );
  }
  if (typeof desired !== "object" || desired === null) return isEqual(desired, observed);
  if (typeof observed !== "object" || observed === null) return false;
  return Object.entries(desired).every(
    ([name, value]) =>
      Object.hasOwn(observed, name) && isContained(value, Reflect.get(observed, name), isEqual),
  );
}

function isIdentical(a: unknown, b: unknown): boolean {
  return a === b;
}

/** Whether two values are the same in all that they hold. */
export function isSame(a: unknown, b: unknown): boolean {
  return isContained(a, b) && isContained(b, a);
}
