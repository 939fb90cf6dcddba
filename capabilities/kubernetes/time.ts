/** Times as the API server writes them. */

/** RFC 3339 to the second, in UTC. */
export function secondOf(time: Date): string {
  return `${time.toISOString().slice(0, "2026-01-01T00:00:00".length)}Z`;
}
