/** The status of a Cluster in each situation, field by field as recorded from CNPG. Pure: the time is an argument. */
import { imageInfo, imageOf, instanceNames, isHibernated } from "./cluster";
import type { Cluster, ClusterStatus, Condition, Phase } from "./cluster";

type Word = Omit<Condition, "lastTransitionTime">;

const words = {
  bootstrapped: word("Initialized", "True", "BootstrapCompleted", "Cluster has been bootstrapped"),
  noSystem: word(
    "ConsistentSystemID",
    "False",
    "NotFound",
    "No instances are present in the cluster to report a system ID.",
  ),
  oneSystem: word(
    "ConsistentSystemID",
    "True",
    "Unique",
    "A single, unique system ID was found across reporting instances.",
  ),
  ready: word("Ready", "True", "ClusterIsReady", "Cluster is Ready"),
  notReady: word("Ready", "False", "ClusterIsNotReady", "Cluster Is Not Ready"),
  archiving: word(
    "ContinuousArchiving",
    "True",
    "ContinuousArchivingSuccess",
    "Continuous archiving is working",
  ),
  hibernated: word("cnpg.io/hibernation", "True", "Hibernated", "Cluster has been hibernated"),
} as const;

function word(type: string, status: "True" | "False", reason: string, message: string): Word {
  return { type, status, reason, message };
}

/** Nothing runs yet. `Initialized` is True already: in CNPG it says nothing either. */
export function settingUp(cluster: Cluster, now: string): ClusterStatus {
  const said = [words.bootstrapped, words.noSystem, words.notReady];
  return {
    ...without(common(cluster, now), "healthyPVC"),
    initializingPVC: instanceNames(cluster),
    ...phase("Setting up primary", `Creating primary instance ${cluster.metadata.name}-1`),
    conditions: conditions(cluster, said, now),
  };
}

/** The server is being started. */
export function waiting(cluster: Cluster, now: string): ClusterStatus {
  const said = [words.bootstrapped, words.noSystem, words.notReady];
  return {
    ...common(cluster, now),
    ...phase(
      "Waiting for the instances to become active",
      "Some instances are not yet active. Please wait.",
    ),
    ...primary(cluster, now),
    instancesStatus: { failed: instanceNames(cluster) },
    pgDataImageInfo: imageInfo(imageOf(cluster)),
    conditions: conditions(cluster, said, now),
  };
}

/** The server answers. */
export function healthy(cluster: Cluster, now: string): ClusterStatus {
  const names = instanceNames(cluster);
  const said = [words.bootstrapped, words.oneSystem, words.ready, words.archiving];
  const reported = names.map((name, index) => [
    name,
    { ip: "127.0.0.1", isPrimary: index === 0, timeLineID: 1 },
  ]);
  return {
    ...common(cluster, now),
    ...primary(cluster, now),
    phase: "Cluster in healthy state",
    instancesReportedState: Object.fromEntries(reported) as object,
    instancesStatus: { healthy: names },
    pgDataImageInfo: imageInfo(imageOf(cluster)),
    readyInstances: names.length,
    timelineID: 1,
    conditions: conditions(cluster, said, now),
  };
}

/** The server has just gone: for a moment CNPG leaves phase and Ready as they were. */
export function lost({ status = {} }: Cluster): ClusterStatus {
  return without(status, "readyInstances", "instancesStatus");
}

/** The server sleeps: phase and Ready stay as they were, which looks like health. */
export function hibernated(cluster: Cluster, now: string): ClusterStatus {
  const asleep = [words.noSystem, words.hibernated];
  return {
    ...without(lost(cluster), "healthyPVC", "instancesReportedState"),
    danglingPVC: instanceNames(cluster),
    conditions: conditions(cluster, asleep, now),
  };
}

/** The data is being brought to a higher major version, at first while the old server still runs. */
export function upgrading(cluster: Cluster, now: string): ClusterStatus {
  const target = imageInfo(imageOf(cluster));
  const reason = `Upgrading cluster to major version ${target.majorVersion}`;
  return {
    ...cluster.status,
    ...phase("Upgrading Postgres major version", reason),
    image: target.image,
    targetPgDataImageInfo: target,
    conditions: conditions(cluster, [words.notReady], now),
  };
}

/** The definition is refused; what runs goes on as it did. */
export function invalid(cluster: Cluster, fault: string, now: string): ClusterStatus {
  return {
    ...cluster.status,
    ...phase("Invalid cluster definition", fault),
    conditions: conditions(cluster, [words.notReady], now),
  };
}

function common(cluster: Cluster, now: string): ClusterStatus {
  const { metadata, status = {} } = cluster;
  const names = instanceNames(cluster);
  const image = imageOf(cluster);
  return {
    cloudNativePGCommitHash: "stand-in",
    healthyPVC: names,
    image,
    instanceNames: names,
    instances: names.length,
    pgDataImageInfo: status.pgDataImageInfo ?? imageInfo(image),
    pvcCount: names.length,
    readService: `${metadata.name}-r`,
    selector: `cnpg.io/cluster=${metadata.name},cnpg.io/podRole=instance`,
    targetPrimary: `${metadata.name}-1`,
    targetPrimaryTimestamp: status.targetPrimaryTimestamp ?? now,
    writeService: `${metadata.name}-rw`,
  };
}

function primary({ metadata, status = {} }: Cluster, now: string): ClusterStatus {
  return {
    currentPrimary: `${metadata.name}-1`,
    currentPrimaryTimestamp: status.currentPrimaryTimestamp ?? now,
  };
}

function phase(name: Phase, reason: string): ClusterStatus {
  return { phase: name, phaseReason: reason };
}

/** The conditions with what is newly said of them; each keeps its time while its status stays. */
function conditions(cluster: Cluster, said: readonly Word[], now: string): readonly Condition[] {
  const old = (cluster.status?.conditions ?? []).filter(
    ({ type }) => type !== words.hibernated.type || isHibernated(cluster),
  );
  const all = [
    ...old.map(one => said.find(({ type }) => type === one.type) ?? one),
    ...said.filter(({ type }) => !old.some(one => one.type === type)),
  ];
  const second = `${now.slice(0, 19)}Z`;
  return all.map(({ type, status, reason, message }) => {
    const same = old.find(one => one.type === type && one.status === status);
    return {
      lastTransitionTime: same?.lastTransitionTime ?? second,
      message,
      reason,
      status,
      type,
    };
  });
}

function without(status: ClusterStatus, ...fields: readonly string[]): ClusterStatus {
  return Object.fromEntries(Object.entries(status).filter(([name]) => !fields.includes(name)));
}
