/** Until when PostgreSQL's majors get fixes: https://www.postgresql.org/support/versioning/, read on 2026-11-27. */

/** The day of the last release, by major. */
export const endOfLife = {
  "14": "2026-11-12",
  "15": "2027-11-11",
  "16": "2028-11-09",
  "17": "2029-11-08",
  "18": "2030-11-14",
} as const;

const dayMs = 86_400_000;
/** So long before the end a claim is told: an upgrade has to be planned. */
const noticeDays = 180;

/** What there is to say of a major that gets no more fixes, or will soon get none; undefined for any other. */
export function endOfLifeNotice(major: string, now: Date): string | undefined {
  const end = Object.entries(endOfLife).find(([known]) => known === major)?.[1];
  if (end === undefined || Date.parse(end) - now.getTime() > noticeDays * dayMs) return undefined;
  return Date.parse(end) < now.getTime()
    ? `PostgreSQL ${major} has had no fixes since ${end}: use a newer one`
    : `PostgreSQL ${major} gets its last fixes on ${end}: plan for a newer one`;
}
