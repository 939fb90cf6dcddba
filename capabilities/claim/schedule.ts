/** When backups are made: a schedule of five fields as a CronJob has it, in UTC, read by croner. */
import { Cron } from "croner";
import type { KubeObject } from "../kubernetes/objects";
import { refOf, keyOf } from "../kubernetes/objects";
import { digestOf } from "../kubernetes/digest";

/** What CronJob and croner read alike: no seconds, no `@daily`, no L, W or #. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax */
const names = "SUN|MON|TUE|WED|THU|FRI|SAT|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC";
const value = `([0-9]{1,2}|${names})`;
const item = `(\\*|${value}(-${value})?)(/[1-9][0-9]?)?`;
const field = `${item}(,${item})*`;
const fiveFields = new RegExp(`^${field}( ${field}){4}$`, "i");

const hourMs = 3_600_000;
/** Runs so many in a row are looked at for the shortest pause: a day of hourly ones, and the night after. */
const runsLookedAt = 50;
/** Nightly backups that nobody has given a time begin within so many hours, ... */
const nightHours = 4;
/** ... from this hour on, in UTC: not at midnight, when everything else begins. */
const firstHour = 1;

/** What is wrong with a schedule, and how to write it; undefined where nothing is. */
export function scheduleFault(schedule: string): string | undefined {
  const cron = cronOf(schedule);
  if (!cron) {
    return 'must have five fields as in a CronJob (minute, hour, day of month, month, day of week): use for example "30 2 * * *", each night at 2:30 UTC';
  }
  const runs = cron.nextRuns(runsLookedAt, new Date(0)).map(run => run.getTime());
  if (runs.length === 0) return "never comes: there is no such day";
  const pauses = runs.slice(1).map((run, index) => run - (runs[index] ?? 0));
  return Math.min(...pauses) < hourMs
    ? "makes backups less than an hour apart, and each reads the whole database: make it hourly at most"
    : undefined;
}

/** The next times after `from`, as many as asked for; fewer where there are no more. */
export function nextRuns(schedule: string, from: Date, count: number): readonly Date[] {
  return cronOf(schedule)?.nextRuns(count, from) ?? [];
}

/** Once a night, at a time of its own for each claim: a thousand databases are not to be read in one minute. */
export function nightlySchedule(claim: KubeObject): string {
  const number = parseInt(digestOf(keyOf(refOf(claim))).slice(0, 8), 16);
  const minute = number % (nightHours * 60);
  return `${minute % 60} ${firstHour + Math.floor(minute / 60)} * * *`;
}

function cronOf(schedule: string): Cron | undefined {
  // Sunday is 0 alone for Kubernetes: "7" would be refused there.
  if (!fiveFields.test(schedule) || /(^|[,-])7/.test(schedule.split(" ")[4] ?? "")) {
    return undefined;
  }
  try {
    // Without a function to call it never starts a timer. By an offset it reckons ten times as fast as by the name of a zone.
    return new Cron(schedule, { utcOffset: 0, paused: true });
  } catch {
    // croner throws for numbers that are out of range, and says so in words of its own.
    return undefined;
  }
}
