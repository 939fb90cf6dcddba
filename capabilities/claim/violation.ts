/** A fault of the user's: which field, and what is wrong with it, what was found and what to write instead. */
export type Violation = { readonly field: string; readonly problem: string };

/** All faults in one message, each with its field, in the order of the rules. */
export function describe(violations: readonly Violation[]): string {
  return violations.map(({ field, problem }) => `${field} ${problem}`).join("; ");
}
