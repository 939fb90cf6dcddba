/** When backups may be made: one rule for classes and claims, whose field has one name. */
import { scheduleFault } from "../claim/schedule";
import { quote } from "../claim/schema";
import type { Violation } from "../claim/violation";

export function scheduleViolations(schedule: string | undefined): readonly Violation[] {
  const fault = schedule === undefined ? undefined : scheduleFault(schedule);
  if (schedule === undefined || fault === undefined) return [];
  return [{ field: "spec.backup.schedule", problem: `is ${quote(schedule)}, but ${fault}` }];
}
