/** What came of the Jobs of backups, as their own status and the last words of their pods have it. */
import { backupNamePattern, mostBackupsNamed } from "../claim/names";
import { isRecord } from "../kubernetes/record";
import type { KubeObject } from "../kubernetes/objects";
import { newestFirst, type Job, type KubeEvent, type Pod } from "../operator/diagnosis/evidence";
import { fitWords } from "../operator/diagnosis/words";

/** A Job that has ended. */
export type Ended = {
  readonly job: Job;
  readonly state: "Succeeded" | "Failed";
  readonly time: string;
};

/** The Job with its end, if it has ended. */
export function endedOf(job: Job): Ended | undefined {
  const { conditions = [], completionTime } = job.status ?? {};
  const found = conditions.find(
    ({ type, status }) => (type === "Complete" || type === "Failed") && status === "True",
  );
  if (!found) return undefined;
  const time = completionTime ?? found.lastTransitionTime ?? job.metadata.creationTimestamp ?? "";
  return { job, state: found.type === "Failed" ? "Failed" : "Succeeded", time };
}

/** The newest of the Jobs that have ended so. */
export function newestOf(jobs: readonly Job[], state: Ended["state"]): Ended | undefined {
  return jobs
    .map(endedOf)
    .filter(ended => ended?.state === state)
    .reduce((a, b) => (b && (!a || a.time < b.time) ? b : a), undefined);
}

/** What the script says of itself: see `script.ts`. Whoever may make pods in the namespace may say anything: it is only shown. */
export type Report = {
  readonly backup?: string;
  readonly restored?: string;
  readonly safety?: string;
  readonly bytes?: number;
  readonly available?: readonly string[];
};

const backupNamed = new RegExp(`^${backupNamePattern}$`);

export function reportIn(pods: readonly Pod[]): Report {
  for (const said of lastWords(pods, code => code === 0)) {
    const report = parsed(said);
    if (isRecord(report)) return reportOf(report);
  }
  return {};
}

function reportOf(report: Readonly<Record<string, unknown>>): Report {
  const { bytes, available } = report;
  const name = (field: string): object => {
    const value = report[field];
    return isBackupName(value) ? { [field]: value } : {};
  };
  return {
    ...name("backup"),
    ...name("restored"),
    ...name("safety"),
    ...(Number.isSafeInteger(bytes) && { bytes: bytes as number }),
    ...(Array.isArray(available) && {
      available: available.filter(isBackupName).slice(0, mostBackupsNamed),
    }),
  };
}

function isBackupName(value: unknown): value is string {
  return typeof value === "string" && backupNamed.test(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Another container's last words: nothing is known then but that it ended.
    return undefined;
  }
}

/** Why the Job failed: its pods' last words, else the controller's. */
export function faultOf({ job }: Ended, pods: readonly Pod[]): string {
  const [said] = lastWords(pods, code => code !== 0);
  const failed = job.status?.conditions?.find(({ type }) => type === "Failed");
  return fitWords(said ?? failed?.message ?? "no reason is given");
}

/** The last words of the pods that ended with such a code, the newest pod first. */
function lastWords(
  pods: readonly Pod[],
  isMeant: (exitCode: number | undefined) => boolean,
): readonly string[] {
  return [...pods]
    .sort((a, b) => ageOf(b).localeCompare(ageOf(a)))
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .map(({ state }) => state?.terminated)
    .filter(terminated => terminated !== undefined && isMeant(terminated.exitCode))
    .flatMap(terminated => {
      const { message, reason } = terminated ?? {};
      return [message, reason].filter(words => words !== undefined && words.trim() !== "")[0] ?? [];
    });
}

function ageOf({ metadata }: KubeObject): string {
  return metadata.creationTimestamp ?? "";
}

/** Why a Job's pod has not begun, where an event says so. */
export function hindranceIn(events: readonly KubeEvent[]): string | undefined {
  const [newest] = newestFirst(events.filter(({ type }) => type === "Warning"));
  return newest && fitWords(`${newest.reason ?? ""}: ${newest.message ?? ""}`);
}
