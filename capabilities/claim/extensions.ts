/**
 * The extensions that claims may ask for where a class does not say: those that PostgreSQL itself marks as trusted, so that
 * every owner of a database may create them by hand (https://www.postgresql.org/docs/current/contrib.html). A claim so gets
 * nobody further than SQL would. Left out are what reads files or reaches other servers (file_fdw, dblink, postgres_fdw,
 * adminpack), what needs a preloaded library (pg_stat_statements), what looks into other databases' pages or repairs them
 * (pageinspect, pg_surgery), and all languages, which can run programs or are of no use without a package more.
 */
export const builtInExtensions = [
  "btree_gin",
  "btree_gist",
  "citext",
  "cube",
  "dict_int",
  "fuzzystrmatch",
  "hstore",
  "intarray",
  "isn",
  "lo",
  "ltree",
  "pg_trgm",
  "pgcrypto",
  "seg",
  "tablefunc",
  "tcn",
  "tsm_system_rows",
  "tsm_system_time",
  "unaccent",
  "uuid-ossp",
  // pgvector is not of PostgreSQL and not marked, but adds types and index methods only, and CNPG's images have it.
  "vector",
] as const;
