/** Who may connect to what in a Cluster that holds databases of several claims. */

/**
 * Lines of pg_hba.conf that keep tenants apart, without a superuser (recordings, 39): CNPG's own roles come before them; the instance's
 * owner gets its database; each other role only databases that bear the name of a role which it is a member of; nobody anything else.
 */
export function pgHba(database: string, owner: string): readonly string[] {
  return [
    // In quotes no name is a word of the file's own, such as all.
    `host "${database}" "${owner}" all scram-sha-256`,
    "host samerole all all scram-sha-256",
    "host all all all reject",
  ];
}
