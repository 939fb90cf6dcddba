/** What the stand-in writes into the Cluster itself: CNPG's defaults where the spec says nothing, and its own marks. */
import { databaseOf, imageOf, marks, ownerOf } from "./cluster";
import type { Cluster } from "./cluster";

type Json = Readonly<Record<string, unknown>>;

/** A part of what CNPG's webhook fills in: what tells a field of CNPG's from one of the user's. */
export function defaults(cluster: Cluster): Json {
  return {
    affinity: { podAntiAffinityType: "preferred" },
    bootstrap: { initdb: initdbDefaults(cluster) },
    enablePDB: true,
    enableSuperuserAccess: false,
    failoverDelay: 0,
    imageName: imageOf(cluster),
    instances: 1,
    logLevel: "info",
    maxSyncReplicas: 0,
    minSyncReplicas: 0,
    monitoring: {
      customQueriesConfigMap: [{ key: "queries", name: "cnpg-default-monitoring" }],
      disableDefaultQueries: false,
      enablePodMonitor: false,
    },
    postgresGID: 26,
    postgresUID: 26,
    postgresql: { parameters, syncReplicaElectionConstraint: { enabled: false } },
    primaryUpdateMethod: "restart",
    primaryUpdateStrategy: "unsupervised",
    replicationSlots: {
      highAvailability: { enabled: true, slotPrefix: "_cnpg_" },
      synchronizeReplicas: { enabled: true },
      updateInterval: 30,
    },
    resources: {},
    smartShutdownTimeout: 180,
    startDelay: 3600,
    stopDelay: 1800,
    storage: { resizeInUseVolumes: true },
    switchoverDelay: 3600,
  };
}

const parameters = {
  archive_mode: "on",
  archive_timeout: "5min",
  full_page_writes: "on",
  log_destination: "csvlog",
  max_parallel_workers: "32",
  max_replication_slots: "32",
  max_worker_processes: "32",
  shared_preload_libraries: "",
  ssl_max_protocol_version: "TLSv1.3",
  ssl_min_protocol_version: "TLSv1.3",
  wal_keep_size: "512MB",
  wal_level: "logical",
  wal_log_hints: "on",
};

function initdbDefaults(cluster: Cluster): Json {
  return {
    database: databaseOf(cluster),
    owner: ownerOf(cluster),
    encoding: "UTF8",
    localeCType: "C",
    localeCollate: "C",
  };
}

/** The merge patch that brings the Cluster's defaults and marks up to date; undefined when they are. */
export function additions(cluster: Cluster, address: string | undefined): Json | undefined {
  const spec = missing(defaults(cluster), cluster.spec);
  const old = cluster.metadata.annotations ?? {};
  const annotations = Object.fromEntries(
    Object.entries(marksOf(cluster, address)).filter(([name, value]) => old[name] !== value),
  );
  const marked = Object.keys(annotations).length > 0;
  if (!spec && !marked) return undefined;
  return { ...(spec && { spec }), ...(marked && { metadata: { annotations } }) };
}

function marksOf({ spec }: Cluster, address: string | undefined): Record<string, string> {
  return {
    [marks.standIn]: "true",
    ...(spec.storage?.size && { [marks.storage]: spec.storage.size }),
    ...(address !== undefined && { [marks.address]: address }),
  };
}

/** What `given` lacks of `wanted`, at any depth; a list or a value that is given counts as it is. */
function missing(wanted: Json, given: Json): Json | undefined {
  const lacking = Object.entries(wanted).flatMap(([name, value]) => {
    if (given[name] === undefined) return [[name, value] as const];
    if (!isJson(value) || !isJson(given[name])) return [];
    const deeper = missing(value, given[name]);
    return deeper ? [[name, deeper] as const] : [];
  });
  return lacking.length > 0 ? Object.fromEntries(lacking) : undefined;
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
