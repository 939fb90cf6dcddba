/**
 * The settings of PostgreSQL that a claim may make: those that tune a database and are the same in 14 to 18. Deny by default:
 * others run programs, read files, turn durability off, or are the operator's own.
 */

/** https://www.postgresql.org/docs/current/config-setting.html#CONFIG-SETTING-NAMES-VALUES */
const kinds = {
  flag: { pattern: /^(on|off|true|false|yes|no|1|0)$/, example: "on or off" },
  number: { pattern: /^-?[0-9]{1,12}(\.[0-9]{1,6})?$/, example: "a number" },
  memory: {
    pattern: /^-?[0-9]{1,12}(\.[0-9]{1,6})?(B|kB|MB|GB|TB)?$/,
    example: 'an amount of memory such as "64MB"',
  },
  time: {
    pattern: /^-?[0-9]{1,12}(\.[0-9]{1,6})?(us|ms|s|min|h|d)?$/,
    example: 'a time such as "30s" or "5min"',
  },
  words: { pattern: /^[A-Za-z0-9_/+:,. -]{1,100}$/, example: "plain words" },
} as const;

export type SettingKind = keyof typeof kinds;

const namesByKind: Readonly<Record<SettingKind, string>> = {
  flag: `autovacuum enable_bitmapscan enable_hashagg enable_hashjoin enable_indexonlyscan enable_indexscan enable_mergejoin
    enable_nestloop enable_partition_pruning enable_partitionwise_aggregate enable_partitionwise_join enable_seqscan geqo jit
    log_checkpoints log_disconnections log_duration log_lock_waits track_commit_timestamp track_io_timing`,
  number: `autovacuum_analyze_scale_factor autovacuum_analyze_threshold autovacuum_max_workers autovacuum_vacuum_cost_limit
    autovacuum_vacuum_insert_scale_factor autovacuum_vacuum_insert_threshold autovacuum_vacuum_scale_factor
    autovacuum_vacuum_threshold checkpoint_completion_target cpu_index_tuple_cost cpu_operator_cost cpu_tuple_cost
    cursor_tuple_fraction default_statistics_target effective_io_concurrency from_collapse_limit geqo_threshold
    hash_mem_multiplier jit_above_cost join_collapse_limit log_statement_sample_rate maintenance_io_concurrency max_connections
    max_locks_per_transaction max_parallel_maintenance_workers max_parallel_workers max_parallel_workers_per_gather
    parallel_setup_cost parallel_tuple_cost random_page_cost seq_page_cost vacuum_cost_limit`,
  memory: `effective_cache_size gin_pending_list_limit log_temp_files logical_decoding_work_mem maintenance_work_mem
    max_slot_wal_keep_size max_wal_size min_wal_size shared_buffers temp_buffers temp_file_limit track_activity_query_size
    wal_buffers work_mem`,
  time: `autovacuum_naptime autovacuum_vacuum_cost_delay checkpoint_timeout client_connection_check_interval deadlock_timeout
    idle_in_transaction_session_timeout idle_session_timeout lock_timeout log_autovacuum_min_duration log_min_duration_sample
    log_min_duration_statement max_standby_archive_delay max_standby_streaming_delay statement_timeout vacuum_cost_delay
    wal_writer_delay`,
  words: `DateStyle IntervalStyle TimeZone default_toast_compression default_transaction_isolation log_min_error_statement
    log_min_messages log_statement plan_cache_mode track_functions wal_compression`,
};

/** Settings that are allowed, each with the kind of its values. */
export const settings: ReadonlyMap<string, SettingKind> = new Map(
  (Object.keys(namesByKind) as SettingKind[]).flatMap(kind =>
    namesByKind[kind].split(/\s+/).map(name => [name, kind] as const),
  ),
);

/** What a value of this kind must be; undefined if it is. */
export function settingProblem(kind: SettingKind, value: string): string | undefined {
  const { pattern, example } = kinds[kind];
  return pattern.test(value) ? undefined : example;
}

/** Without these a commit that was acknowledged can be lost, or the data with it. */
export const durabilitySettings: readonly string[] = [
  "fsync",
  "full_page_writes",
  "synchronous_commit",
  "wal_sync_method",
  "data_sync_retry",
  "ignore_checksum_failure",
  "zero_damaged_pages",
];
