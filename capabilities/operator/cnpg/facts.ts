/** What CNPG 1.30 decides on, whatever a claim says. */
import type { Facts } from "../operator";

/** https://cloudnative-pg.io/documentation/1.30/postgresql_conf/#fixed-parameters: CNPG refuses them, or decides on them itself. */
const fixedSettings =
  /^(allow_alter_system|allow_system_table_mods|archive_.*|bonjour.*|cluster_name|config_file|cnpg\..*|data_directory|external_pid_file|hba_file|hot_standby|ident_file|jit_provider|listen_addresses|log_(destination|directory|file.*|rotation.*|truncate.*)|logging_collector|max_replication_slots|max_wal_senders|pg_failover_slots\..*|port|primary_.*|recovery_.*|restart_after_crash|restore_command|shared_preload_libraries|ssl.*|stats_temp_directory|synchronized_standby_slots|synchronous_standby_names|syslog_.*|temp_tablespaces|unix_socket_.*|wal_level|wal_log_hints)$/;

export const facts: Facts = {
  /** CNPG 1.30 accepts no longer cluster name (recordings, refusals.txt). */
  maxNameLength: 50,
  /** CNPG 1.30 accepts these, and then nobody can log in, or does so with the rights of replication (recordings, accepted names). */
  reservedIdentifiers: ["streaming_replica", "cnpg_pooler_pgbouncer", "cnpg_metrics_exporter"],
  // With a pooler, which may come later, there is one more: `-pooler`.
  secretSuffixes: ["-app", "-ca", "-pooler", "-server", "-replication", "-superuser"],
  // It makes them beside a Cluster alone, and takes none of another.
  secretEndings: [],
  /** https://cloudnative-pg.io/documentation/1.30/supported_releases/ */
  versions: ["14", "15", "16", "17", "18"],
  fixedSettings,
  upgradesMajors: true,
};
