/** What Zalando's operator 2.0.1 decides on, whatever a claim says. */
import type { Facts } from "../operator";
import { postgresqlResource } from "./names";

/** Patroni decides on these: https://patroni.readthedocs.io/en/latest/patroni_configuration.html#important-rules */
const fixedSettings =
  /^(archive_(command|mode|timeout)|bg_mon\..*|cluster_name|extwlist\..*|hot_standby|listen_addresses|log_(destination|directory|file.*|rotation.*|truncate.*)|logging_collector|max_(prepared_transactions|replication_slots|wal_senders)|port|shared_preload_libraries|ssl.*|unix_socket_.*|wal_level|wal_log_hints)$/;

/**
 * Of the operator's and of Patroni's own roles: `super_username`, `replication_username`, `connection_pooler`, `pam_role_name` and
 * `protected_role_names` as they are by default. They are kept from the claims of this operator alone.
 */
export const ownRoles: readonly string[] = [
  ...["standby", "pooler", "admin", "cron_admin", "zalandos", "robot_zmon"],
  ...["rewind_user", "user_management"],
];

/**
 * The label `controller-revision-hash` of a pod is the StatefulSet's name, a dash and ten characters, and a label's value has 63 at
 * most: with more no pod is ever made (https://github.com/kubernetes/kubernetes/issues/64023).
 */
export const maxClusterNameLength = 52;

export const facts: Facts = {
  // 52 would do, but a name is to fit whichever operator a class has: see `unsupported.ts` for what a prefix takes of it.
  maxNameLength: 50,
  // PostgreSQL's own are kept from all; the operator's roles from its own claims.
  reservedIdentifiers: [],
  // Its Secrets are named by a template, after the role.
  secretSuffixes: [],
  // By its template as it is by default. Its operator takes over the password of whatever Secret has such a name, also the superuser's.
  secretEndings: [`.credentials.${postgresqlResource.kind}.${postgresqlResource.group}`],
  /** The enumeration in the CRD of 2.0.1. */
  versions: ["14", "15", "16", "17", "18"],
  fixedSettings,
  // `Running` says nothing of the version of the data, and with `major_version_upgrade_mode: off` it stays what it was (recordings, 04).
  upgradesMajors: false,
};
