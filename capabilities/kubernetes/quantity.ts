/** Amounts of cpu, memory and storage: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */

/** In thousandths. */
const units: Readonly<Record<string, bigint>> = {
  m: 1n,
  "": 1000n,
  k: 1000n ** 2n,
  M: 1000n ** 3n,
  G: 1000n ** 4n,
  T: 1000n ** 5n,
  Ki: 1000n * 1024n,
  Mi: 1000n * 1024n ** 2n,
  Gi: 1000n * 1024n ** 3n,
  Ti: 1000n * 1024n ** 4n,
};

/** In millionths; undefined for what is no amount, or a finer one. */
export function amountOf(text: string): bigint | undefined {
  const [, whole, fraction = "", unit = ""] =
    /^([0-9]+)(?:\.([0-9]{1,3}))?([a-zA-Z]*)$/.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  return whole === undefined || factor === undefined
    ? undefined
    : BigInt(whole + fraction.padEnd(3, "0")) * factor;
}

/** Whether two values are the same, or the same amount: whoever handles amounts in Go writes "1000m" back as "1". */
export function isAlike(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "string" || typeof b !== "string") return false;
  const amount = amountOf(a);
  return amount !== undefined && amount === amountOf(b);
}

/** Whether one amount is less than another; false where one of the two is no amount. */
export function isLess(a: string, b: string): boolean {
  const [left, right] = [amountOf(a), amountOf(b)];
  return left !== undefined && right !== undefined && left < right;
}
