/** The watcher's memory while claims come and go. */
import { makeClaims, removeClaims, untilAllReady } from "./claims";
import { type Rig, say, watcherMemory } from "./rig";

export type Curve = readonly { readonly heap: number; readonly resident: number }[];

/** After the start, and after each round of so many claims that came and went. */
export async function comeAndGo(rig: Rig, count: number, rounds: number): Promise<Curve> {
  const curve = [await watcherMemory(rig)];
  for (let round = 1; round <= rounds; round += 1) {
    const namespace = `round-${round}`;
    await makeClaims(rig, namespace, count);
    await untilAllReady(rig, namespace, count);
    await removeClaims(rig, namespace);
    const now = await watcherMemory(rig);
    curve.push(now);
    say(`  round ${round}: heap ${now.heap.toFixed(2)} MB, resident ${now.resident.toFixed(0)} MB`);
  }
  return curve;
}

/** KB of heap that a claim which came and went has left behind, by the slope from the second half of the rounds. */
export function leftPerClaim(curve: Curve, count: number): number {
  const half = curve.slice(Math.floor(curve.length / 2));
  const [first, last] = [half[0], half.at(-1)];
  if (!first || !last || half.length < 2) return NaN;
  return ((last.heap - first.heap) * 1000) / (count * (half.length - 1));
}
