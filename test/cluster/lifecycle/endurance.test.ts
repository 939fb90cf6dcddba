/** What `npm run endurance` and `npm run chaos` do for hours, for some minutes. */
import { join } from "node:path";
import { run } from "../../../local/processes";
import { callAdmission } from "../../endurance/admission";
import { stayIdle } from "../../endurance/idle";
import { comeAndGo, leftPerClaim } from "../../endurance/memory";
import { type Rig, startRig } from "../../endurance/rig";

const checkout = join(__dirname, "..", "..", "..");
const startTime = 180_000;
const partTime = 600_000;

describe("with many claims", () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig();
  }, startTime);

  afterAll(async () => {
    await rig.cluster.stop();
  }, startTime);

  test(
    "settled claims cost no write and no line of log",
    async () => {
      const { writes, logs } = await stayIdle(rig, 40, 1);
      expect(writes).toBe(0);
      const lines = [...logs.values()].reduce((sum, log) => sum + log.lines, 0);
      expect(lines).toBe(0);
    },
    partTime,
  );

  test(
    "claims that came and went leave next to nothing in the watcher's memory",
    async () => {
      const curve = await comeAndGo(rig, 50, 6);
      // A claim with its Cluster and Secrets is some 20 KB in memory while it is there.
      expect(leftPerClaim(curve, 50)).toBeLessThan(10);
    },
    partTime,
  );

  test(
    "no call of admission is dropped while its pods are replaced",
    async () => {
      const load = { calls: 2000, clients: 4, longestPause: 2, restarts: 1 };
      const { made, failures, logBytesPerCall } = await callAdmission(rig, load);
      expect(failures).toEqual([]);
      expect(made).toBeGreaterThanOrEqual(load.calls);
      expect(logBytesPerCall).toBeLessThan(5000);
    },
    partTime,
  );
});

test(
  "after random faults everything is as it should be",
  async () => {
    const script = join(checkout, "test", "chaos", "chaos.ts");
    const args = ["--import", "tsx", script, "--runs", "4", "--seed", "1", "--commands", "40"];
    const { code, stderr } = await run(process.execPath, args, { cwd: checkout });
    expect(code === 0 ? "well" : stderr).toBe("well");
  },
  partTime,
);
