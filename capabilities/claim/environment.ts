/** The environment of an application: by which names it finds its database. */

/** https://www.postgresql.org/docs/current/libpq-envars.html, and the URI for libraries that take one; each with its key in the connection secret. */
export const variables = {
  PGHOST: "endpoint",
  PGPORT: "port",
  PGDATABASE: "database",
  PGUSER: "username",
  PGPASSWORD: "password",
  DATABASE_URL: "uri",
} as const;

/** Before the names of a second and further database: `audit-db` gives `AUDIT_DB_`. */
export function prefixOf(name: string): string {
  return `${name.replaceAll(/[-.]/g, "_").toUpperCase()}_`;
}
