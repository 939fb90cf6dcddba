/** Who may connect to what in a Cluster that holds databases of several claims. */
import type { Admitted } from "../operator";

/**
 * Lines of pg_hba.conf that keep tenants apart, without a superuser (recordings, 39): CNPG's own roles come before them; the instance's
 * owner gets its database, and an admitted role the one that it is let into; each other role gets only databases that bear the name of a
 * role which it is a member of; nobody anything else.
 */
export function pgHba(own: Admitted, admitted: readonly Admitted[]): readonly string[] {
  return [
    ...[own, ...admitted].map(lineOf),
    "host samerole all all scram-sha-256",
    "host all all all reject",
  ];
}

/** Whether these lines let the role in; where there are none, every role may connect. */
export function letsIn(lines: readonly string[] | undefined, admitted: Admitted): boolean {
  return lines === undefined || lines.includes(lineOf(admitted));
}

/** In quotes no name is a word of the file's own, such as all. */
function lineOf({ database, role }: Admitted): string {
  return `host "${database}" "${role}" all scram-sha-256`;
}
