// `npm run endurance -- --parts idle,memory,delay,admission`: what shows only after many minutes or calls. Figures are those of the
// machine and of what else runs on it: the load is told with them. docs/reliability.md has some.
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { callAdmission } from "./admission";
import { besideAFailingClaim } from "./delay";
import { stayIdle, tellIdle } from "./idle";
import { comeAndGo, leftPerClaim } from "./memory";
import { type Rig, say, startRig } from "./rig";

const { values } = parseArgs({
  options: {
    parts: { type: "string", default: "idle,memory,delay,admission" },
    /** idle */
    claims: { type: "string", default: "500" },
    minutes: { type: "string", default: "10" },
    /** memory */
    rounds: { type: "string", default: "20" },
    "round-claims": { type: "string", default: "200" },
    /** admission */
    calls: { type: "string", default: "50000" },
    clients: { type: "string", default: "6" },
    "longest-pause": { type: "string", default: "60" },
    restarts: { type: "string", default: "5" },
  },
});

/** Of each part: whether all is well. */
const parts: Readonly<Record<string, (rig: Rig) => Promise<boolean>>> = {
  idle,
  memory,
  delay,
  admission,
};

async function idle(rig: Rig): Promise<boolean> {
  const [claims, minutes] = [Number(values.claims), Number(values.minutes)];
  const done = await stayIdle(rig, claims, minutes);
  tellIdle(claims, minutes, done);
  return done.writes === 0;
}

async function memory(rig: Rig): Promise<boolean> {
  const count = Number(values["round-claims"]);
  say(`memory: ${values.rounds} rounds of ${count} claims that come and go`);
  const curve = await comeAndGo(rig, count, Number(values.rounds));
  say(`memory: heap by round, MB: ${curve.map(({ heap }) => heap.toFixed(1)).join(" ")}`);
  say(`memory: ${leftPerClaim(curve, count).toFixed(2)} KB left by a claim, over the second half`);
  return true;
}

async function delay(rig: Rig): Promise<boolean> {
  const { alone, beside } = await besideAFailingClaim(rig, 50);
  const told = ({ p50, slowest }: typeof alone): string =>
    `${p50.toFixed(0)} ms (p50), ${slowest.toFixed(0)} ms at most`;
  say(`delay: Ready after ${told(alone)}; beside a claim that always fails ${told(beside)}`);
  return true;
}

async function admission(rig: Rig): Promise<boolean> {
  const answers = await callAdmission(rig, {
    calls: Number(values.calls),
    clients: Number(values.clients),
    longestPause: Number(values["longest-pause"]),
    restarts: Number(values.restarts),
  });
  const { made, failures, p50, p99, slowest, logBytesPerCall } = answers;
  say(
    `admission: ${made} calls, ${failures.length} failed, ${values.restarts} restarts of both pods`,
  );
  for (const failure of new Set(failures)) say(`  ${failure}`);
  const times = [p50, p99, slowest].map(ms => `${ms.toFixed(0)} ms`);
  say(`  p50 ${times[0] ?? ""}, p99 ${times[1] ?? ""}, slowest ${times[2] ?? ""}`);
  say(`  ${logBytesPerCall.toFixed(0)} bytes of log per call`);
  return failures.length === 0;
}

async function main(): Promise<void> {
  const rig = await startRig();
  let isWell = true;
  try {
    for (const name of values.parts.split(",")) {
      const part = parts[name];
      if (!part) throw new Error(`there is no part ${name}, only ${Object.keys(parts).join(", ")}`);
      isWell = (await part(rig)) && isWell;
      say(
        `load of the machine by now: ${loadavg()
          .map(load => load.toFixed(1))
          .join(" ")}`,
      );
    }
  } finally {
    await rig.cluster.stop();
  }
  process.exitCode = isWell ? 0 : 1;
}

main().then(
  () => process.exit(),
  (fault: unknown) => {
    say(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
    process.exit(1);
  },
);
