// `npx tsx test/chaos/chaos.ts --runs N --seed S --commands M`: claims under random users and faults on a real API server, then
// calm, in which everything must become as it should be. Run i has the seed S + i: `--runs 1 --seed (S + i)` plays it again.
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { until } from "../../local/waiting";
import { claimCommands, firstCommands } from "./commands/claims";
import type { Command } from "./commands/command";
import { credentialsCommands } from "./commands/credentials";
import {
  definitionCommands,
  endFaults,
  networkCommands,
  processCommands,
  rightCommands,
  serverCommands,
} from "./commands/faults";
import { foreignCommands, makeNamespace } from "./commands/foreign";
import { handCommands, unpin } from "./commands/hands";
import { type Rig, say, startRig } from "./rig";
import { type Outcome, patience, settle, slow } from "./settling";
import { ask, newWorld, type World } from "./world";

const kinds = {
  claims: claimCommands,
  credentials: credentialsCommands,
  hands: handCommands,
  foreign: foreignCommands,
  processes: processCommands,
  network: networkCommands,
  servers: serverCommands,
  rights: rightCommands,
  definitions: definitionCommands,
} as const;

type Kind = keyof typeof kinds;

/** How often a kind of command is chosen. */
const weights: Readonly<Record<Kind, number>> = {
  claims: 40,
  credentials: 10,
  hands: 20,
  foreign: 20,
  processes: 3,
  network: 4,
  servers: 1,
  rights: 2,
  definitions: 1,
};

/** What people do; all else befalls the machinery. */
const byPeople: readonly Kind[] = ["claims", "credentials", "hands", "foreign"];

type Choice = { readonly kinds: readonly Kind[]; readonly faults: number };

function commandsOf(seed: number, count: number, choice: Choice): readonly Command[] {
  const weightOf = (kind: Kind): number =>
    weights[kind] * (byPeople.includes(kind) ? 1 : choice.faults);
  const one = fc.oneof(
    ...choice.kinds.map(kind => ({ weight: weightOf(kind), arbitrary: fc.oneof(...kinds[kind]) })),
  );
  const all = fc.array(one, { minLength: count, maxLength: count });
  const [drawn] = fc.sample(fc.tuple(fc.tuple(...firstCommands), all), { seed, numRuns: 1 });
  return drawn ? drawn.flat() : [];
}

async function play(rig: Rig, seed: number, commands: readonly Command[]): Promise<Outcome> {
  const world = newWorld(rig, `chaos-${seed}-${Date.now().toString(36)}`);
  const begun = Date.now();
  const diary: string[] = [];
  for (const name of ["a", "b", "t"]) await makeNamespace(world, name);
  for (const command of commands) {
    diary.push(`${Date.now() - begun} ms: ${command.toString()}`);
    await command.run({ isOver: false }, world);
  }
  await endFaults(world);
  await unpin(world);
  const outcome = await settle(world);
  for (const [name, count] of world.done) totals.set(name, (totals.get(name) ?? 0) + count);
  const isTold = outcome.faults.length > 0 || outcome.seconds > slow;
  if (isTold) say([`seed ${seed}, ${world.prefix}:`, ...diary].join("\n  "));
  if (outcome.faults.length === 0)
    for (const name of ["a", "b", "t", "u"]) await removeAll(world, name);
  return outcome;
}

/** Carried out in all runs, by name. */
const totals = new Map<string, number>();

async function removeAll(world: World, name: string): Promise<void> {
  await ask(world, { method: "DELETE", path: `/api/v1/namespaces/${world.prefix}-${name}` });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "10" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      commands: { type: "string", default: "40" },
      kinds: { type: "string", default: Object.keys(kinds).join(",") },
      /** So many times as often as usual something befalls the machinery; a whole number. */
      faults: { type: "string", default: "1" },
      watchers: { type: "string", default: "1" },
      keep: { type: "boolean", default: false },
    },
  });
  const choice = { kinds: values.kinds.split(",") as Kind[], faults: Number(values.faults) };
  const rig = await startRig(Number(values.watchers));
  say(`logs are in ${rig.controlPlane.folder}`);
  const times: number[] = [];
  let failed = 0;
  try {
    for (let run = 0; run < Number(values.runs); run += 1) {
      const seed = Number(values.seed) + run;
      const commands = commandsOf(seed, Number(values.commands), choice);
      const { seconds, faults } = await play(rig, seed, commands);
      times.push(seconds);
      if (faults.length > 0) failed += 1;
      say(
        `seed ${seed}: ${faults.length === 0 ? "well" : "NOT WELL"} after ${seconds.toFixed(1)} s`,
      );
      for (const fault of faults) say(`  ${fault}`);
      if (faults.length > 0 && values.keep) await pause(3_600_000);
    }
    if (failed === 0) await untilGone(rig);
    report(rig, times, failed);
  } finally {
    await rig.stop();
  }
  process.exitCode = failed > 0 ? 1 : 0;
}

/** Namespaces with claims in them can be deleted. */
async function untilGone({ controlPlane }: Rig): Promise<void> {
  const begun = Date.now();
  await until(
    async () => {
      const { code, stdout } = await controlPlane.kubectl(["get", "namespaces", "-o", "name"]);
      return code === 0 && !stdout.includes("/chaos-");
    },
    { what: "waiting for the namespaces to be gone", seconds: patience },
  );
  say(`all namespaces were gone after ${((Date.now() - begun) / 1000).toFixed(1)} s`);
}

function report(rig: Rig, times: readonly number[], failed: number): void {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  say(`${times.length} runs, ${failed} failed; well after ${at(0.5)} s (p50), ${at(1)} s at most`);
  say(`commands: ${JSON.stringify(Object.fromEntries(totals))}`);
  say(`network: ${JSON.stringify(Object.fromEntries(rig.proxy.counts))}`);
}

main().then(
  () => process.exit(),
  (fault: unknown) => {
    say(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
    process.exit(1);
  },
);
