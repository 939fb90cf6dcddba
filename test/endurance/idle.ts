/** What the module does and says while nothing happens to claims that have settled. */
import { setTimeout as pause } from "node:timers/promises";
import { makeClaims, removeClaims, untilAllReady } from "./claims";
import { markOf, type Rig, say, since, type Since } from "./rig";

/** In ms: after the last news of a claim, the last writes are done within this time. */
const calmDown = 20_000;

export async function stayIdle(rig: Rig, count: number, minutes: number): Promise<Since> {
  await makeClaims(rig, "idle", count);
  await untilAllReady(rig, "idle", count);
  await pause(calmDown);
  const mark = await markOf(rig);
  await pause(minutes * 60_000);
  const done = await since(rig, mark);
  await removeClaims(rig, "idle");
  return done;
}

export function tellIdle(count: number, minutes: number, { requests, writes, logs }: Since): void {
  say(`idle: ${count} settled claims for ${minutes} min: ${writes} writes`);
  for (const [key, times] of [...requests].sort()) say(`  ${key}: ${times}`);
  for (const [name, { lines, bytes }] of logs)
    say(`  log of ${name}: ${lines} lines, ${bytes} bytes`);
}
