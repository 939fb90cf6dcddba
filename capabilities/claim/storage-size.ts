/** Sizes of storage as people write them elsewhere: a claim has whole GiB. */
import { amountOf } from "../kubernetes/quantity";

const gibibyte = amountOf("1Gi") ?? 1n;

/** Whole GiB in an amount such as "10Gi", "10240Mi" or "1.5Ti"; else what it must be, with the nearest sizes. */
export function gibibytesIn(text: string): number | { readonly mustBe: string } {
  if (/^\d+$/.test(text)) return { mustBe: `whole GiB with the unit: write "${text}Gi"` };
  const amount = amountOf(text);
  if (amount === undefined) return { mustBe: 'whole GiB, such as "10Gi"' };
  const below = amount / gibibyte;
  if (below > 0n && amount % gibibyte === 0n) return Number(below);
  const nearest = [below, below + 1n].filter(size => size > 0n).map(size => `"${size}Gi"`);
  return { mustBe: `whole GiB: write ${nearest.join(" or ")}` };
}
