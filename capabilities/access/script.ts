/**
 * What the pod that grants rights runs, as the database's owner: no superuser is needed. PostgreSQL's own pg_read_all_data would do it
 * without a pod, but its members read the password verifiers of every role of the instance (pg_authid).
 * Nothing of it is made of what a claim says: all that comes by the environment.
 */

/** How long it waits for a table that someone alters. */
const lockTimeoutMs = 60_000;

/** Schemas and what is in them, as far as they are the owner's. */
const ownSchemas =
  "FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND pg_has_role(n.nspowner, 'USAGE')";
const ownIn = (kinds: string): string =>
  `FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN (${kinds}) AND pg_has_role(c.relowner, 'USAGE')`;
/** Tables, those with partitions, views, and foreign tables. */
const tables = "'r', 'p', 'v', 'm', 'f'";

export const accessScript = `set -eu

# Gives role $1 the rights $2 on tables and $3 on sequences: on those that are there, and on those that the owner makes later.
grant() {
  psql --no-password --no-psqlrc --quiet --single-transaction --set=ON_ERROR_STOP=1 --output=/dev/null \\
    --set=role="$1" --set=tables="$2" --set=sequences="$3" <<'SQL'
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = ${lockTimeoutMs};
GRANT CONNECT ON DATABASE :"DBNAME" TO :"role";
SELECT format('GRANT USAGE ON SCHEMA %I TO %I', n.nspname, :'role') ${ownSchemas} \\gexec
SELECT format('GRANT %s ON TABLE %I.%I TO %I', :'tables', n.nspname, c.relname, :'role') ${ownIn(tables)} \\gexec
SELECT format('GRANT %s ON SEQUENCE %I.%I TO %I', :'sequences', n.nspname, c.relname, :'role') ${ownIn("'S'")} \\gexec
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO :"role";
ALTER DEFAULT PRIVILEGES GRANT :tables ON TABLES TO :"role";
ALTER DEFAULT PRIVILEGES GRANT :sequences ON SEQUENCES TO :"role";
SQL
}

if [ -n "$READ_ONLY_ROLE" ]; then
  grant "$READ_ONLY_ROLE" SELECT SELECT
fi
if [ -n "$READ_WRITE_ROLE" ]; then
  grant "$READ_WRITE_ROLE" "SELECT, INSERT, UPDATE, DELETE" "USAGE, SELECT"
fi
`;
