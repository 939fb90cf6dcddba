/** When backups are made: schedules as a CronJob has them, and which of them are refused. */
import * as fc from "fast-check";
import { nextRuns, nightlySchedule, scheduleFault } from "../../capabilities/claim/schedule";
import { named, withFields } from "../good-claim";

const monday = new Date("2026-11-30T22:00:00Z");

function nextRun(schedule: string, from: Date): Date | undefined {
  return nextRuns(schedule, from, 1)[0];
}

test.each([
  ["30 2 * * *", "2026-12-01T02:30:00.000Z"],
  ["0 * * * *", "2026-11-30T23:00:00.000Z"],
  ["15 3 * * SUN", "2026-12-06T03:15:00.000Z"],
  ["0 0 1 JAN *", "2027-01-01T00:00:00.000Z"],
  ["0 4,16 * * 1-5", "2026-12-01T04:00:00.000Z"],
  // As in a CronJob, a day that fits either of the two counts.
  ["0 4 13 * FRI", "2026-12-04T04:00:00.000Z"],
  ["0 0 29 2 *", "2028-02-29T00:00:00.000Z"],
])("%s comes next at %s", (schedule, next) => {
  expect(scheduleFault(schedule)).toBeUndefined();
  expect(nextRun(schedule, monday)?.toISOString()).toBe(next);
});

test.each([
  ["a macro", "@daily"],
  ["six fields, as CloudNativePG has them", "0 30 2 * * *"],
  ["four fields", "30 2 * *"],
  ["a minute that is none", "60 2 * * *"],
  ["an hour that is none", "0 24 * * *"],
  ["Sunday as 7, which Kubernetes refuses", "0 2 * * 7"],
  ["what croner takes and Kubernetes does not: the last day", "0 2 L * *"],
  ["the nearest weekday", "0 2 15W * *"],
  ["the second Monday", "0 2 * * MON#2"],
  ["two blanks", "30  2 * * *"],
  ["nothing", ""],
  ["a command", "* * * * * ; rm"],
])("%s is refused: %s", (_what, schedule) => {
  expect(scheduleFault(schedule)).toMatch(/^must have five fields/);
  expect(nextRun(schedule, monday)).toBeUndefined();
});

test("a day that never comes is refused", () => {
  expect(scheduleFault("0 0 30 2 *")).toBe("never comes: there is no such day");
});

test.each(["* * * * *", "*/30 * * * *", "0,30 2 * * *", "59,0 * * * *"])(
  "less than an hour apart is refused: %s",
  schedule => {
    expect(scheduleFault(schedule)).toMatch(/^makes backups less than an hour apart/);
  },
);

test("every claim has its own time in the night, the same each time, and legal", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/), name => {
      const claim = named(name);
      const schedule = nightlySchedule(claim);
      expect(nightlySchedule(claim)).toBe(schedule);
      expect(scheduleFault(schedule)).toBeUndefined();
      const hour = nextRun(schedule, monday)?.getUTCHours() ?? NaN;
      expect(hour).toBeGreaterThanOrEqual(1);
      expect(hour).toBeLessThan(5);
    }),
  );
});

test("a thousand claims are spread over the night: no minute has more than a few", () => {
  const schedules = Array.from({ length: 1000 }, (_, index) =>
    nightlySchedule(withFields({ metadata: { name: `db-${index}`, namespace: "team-a" } })),
  );
  const counts = new Map<string, number>();
  for (const one of schedules) counts.set(one, (counts.get(one) ?? 0) + 1);
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(15);
  expect(counts.size).toBeGreaterThan(200);
});
