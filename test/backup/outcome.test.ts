/** What came of a Job, from its status and the last words of its pods. */
import * as fc from "fast-check";
import {
  endedOf,
  faultOf,
  hindranceIn,
  newestOf,
  reportIn,
} from "../../capabilities/backup/outcome";
import type { Job, KubeEvent, Pod } from "../../capabilities/operator/diagnosis/evidence";

function job(name: string, status: Job["status"] = {}): Job {
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name, namespace: "team-a" }, status };
}

const complete = (completionTime: string): Job["status"] => ({
  completionTime,
  conditions: [{ type: "Complete", status: "True" }],
});
const failed = (lastTransitionTime: string, message?: string): Job["status"] => ({
  conditions: [{ type: "Failed", status: "True", lastTransitionTime, ...(message && { message }) }],
});

function pod(name: string, exitCode: number, message?: string, reason = "Error"): Pod {
  const terminated = { exitCode, reason, ...(message !== undefined && { message }) };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, creationTimestamp: `2026-11-30T02:0${name}:00Z` },
    status: { containerStatuses: [{ name: "backup", state: { terminated } }] },
  };
}

test("a Job that runs, or is only suspected to fail, has not ended", () => {
  expect(endedOf(job("a"))).toBeUndefined();
  expect(
    endedOf(job("a", { conditions: [{ type: "FailureTarget", status: "True" }] })),
  ).toBeUndefined();
});

test("the newest of each kind counts", () => {
  const jobs = [
    job("old", complete("2026-11-28T02:00:00Z")),
    job("new", complete("2026-11-30T02:00:00Z")),
    job("bad", failed("2026-11-29T02:00:00Z")),
    job("running"),
  ];
  expect(newestOf(jobs, "Succeeded")).toMatchObject({ job: { metadata: { name: "new" } } });
  expect(newestOf(jobs, "Failed")).toMatchObject({ time: "2026-11-29T02:00:00Z" });
  expect(newestOf([], "Failed")).toBeUndefined();
});

test("a pod's report is read", () => {
  const report = { backup: "20261130T020000Z", bytes: 7, available: ["20261130T020000Z"] };
  expect(reportIn([pod("1", 0, JSON.stringify(report))])).toEqual(report);
});

test.each([
  ["no pod", []],
  ["no words", [pod("1", 0)]],
  ["words of a pod that failed", [pod("1", 1, '{"backup":"20261130T020000Z"}')]],
  ["a number", [pod("1", 0, "7")]],
  ["an array", [pod("1", 0, "[]")]],
  ["other names and sizes", [pod("1", 0, '{"backup":"../x","bytes":"7","available":[7,"x"]}')]],
])("of %s nothing is believed", (_what, pods) => {
  const { available = [], ...rest } = reportIn(pods);
  expect([available, rest]).toEqual([[], {}]);
});

test("whatever pods say, the report is of its form, and bounded", () => {
  fc.assert(
    fc.property(fc.json(), said => {
      const { available = [], ...rest } = reportIn([pod("1", 0, said)]);
      expect(available.length).toBeLessThanOrEqual(100);
      for (const value of Object.values(rest)) expect(["string", "number"]).toContain(typeof value);
    }),
  );
});

test("why it failed: the newest pod's last words, else its reason, else the controller's message", () => {
  const ended = endedOf(job("a", failed("2026-11-29T02:00:00Z", "Job was active too long")));
  if (!ended) throw new Error("it has ended");
  const pods = [pod("1", 1, "first try"), pod("2", 1, "pg_dump: error: no space\n  left\n")];
  expect(faultOf(ended, pods)).toBe("pg_dump: error: no space left");
  expect(faultOf(ended, [pod("1", 137, undefined, "OOMKilled")])).toBe("OOMKilled");
  expect(faultOf(ended, [])).toBe("Job was active too long");
  expect(faultOf({ ...ended, job: job("a") }, [])).toBe("no reason is given");
});

test("a password that a program prints is not passed on", () => {
  const ended = endedOf(job("a", failed("2026-11-29T02:00:00Z")));
  if (!ended) throw new Error("it has ended");
  const words = faultOf(ended, [
    pod("1", 1, "postgresql://app:hunter2@db/orders password=hunter2"),
  ]);
  expect(words).not.toContain("hunter2");
});

test("what keeps a pod from beginning: the newest warning", () => {
  const event = (reason: string, lastTimestamp: string, type = "Warning"): KubeEvent => ({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: reason },
    type,
    reason,
    message: "the words",
    lastTimestamp,
  });
  const events = [
    event("Scheduled", "2026-11-30T02:03:00Z", "Normal"),
    event("FailedMount", "2026-11-30T02:02:00Z"),
    event("FailedCreate", "2026-11-30T02:01:00Z"),
  ];
  expect(hindranceIn(events)).toBe("FailedMount: the words");
  expect(hindranceIn([])).toBeUndefined();
});
