/** Kubernetes quantities: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */

/** What a class may write for cpu and memory: plain numbers, milli, binary and decimal suffixes. */
export const quantityPattern = "^[0-9]+(\\.[0-9]{1,3})?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$";

const factors: Readonly<Record<string, number>> = {
  m: 0.001,
  "": 1,
  k: 1e3,
  Ki: 2 ** 10,
  M: 1e6,
  Mi: 2 ** 20,
  G: 1e9,
  Gi: 2 ** 30,
  T: 1e12,
  Ti: 2 ** 40,
};

/** The amount in base units (cores, bytes); undefined if it is no quantity. */
export function amountOf(quantity: string): number | undefined {
  if (!new RegExp(quantityPattern).test(quantity)) return undefined;
  const suffix = /[a-zA-Z]*$/.exec(quantity)?.[0] ?? "";
  const factor = factors[suffix];
  return factor === undefined ? undefined : Number.parseFloat(quantity) * factor;
}
