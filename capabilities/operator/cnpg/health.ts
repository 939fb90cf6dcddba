/**
 * How a Cluster is. CNPG 1.30 has no observedGeneration, and calls hibernated and half-lost clusters healthy: only the
 * condition, the phase and `readyInstances` together tell (recordings, 01 to 07).
 */
import type { KubeObject } from "../../kubernetes/objects";
import type { Health, Running } from "../operator";
import { hibernation, type ClusterSpec } from "./cluster";
import { dataMajorOf, upgradeOf, upgradePhase } from "./upgrade";

const healthyPhase = "Cluster in healthy state";
const invalidPhase = "Invalid cluster definition";

/** https://github.com/cloudnative-pg/cloudnative-pg/blob/v1.30.0/api/v1/cluster_types.go: phases that no time alone mends. */
const failedPhases: readonly string[] = [
  "Cluster is unrecoverable and needs manual intervention",
  "Cluster upgrade failed",
  "Unable to create required cluster objects",
  "Cluster cannot proceed to reconciliation due to an unknown plugin being required",
  "Cluster cannot proceed to reconciliation due to an interaction failure with a plugin",
  "Cluster has incomplete or invalid image catalog",
];

type ClusterStatus = {
  readonly phase?: string;
  readonly phaseReason?: string;
  readonly readyInstances?: number;
  readonly image?: string;
  readonly currentPrimary?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
};

type ObservedCluster = KubeObject & { readonly spec?: Partial<ClusterSpec> } & {
  readonly status?: ClusterStatus;
};

/** Healthy means: of what is desired now, not of what was there before the last change. */
export function health(database: KubeObject, desired: KubeObject): Health {
  const { status = {} } = database as ObservedCluster;
  const { phase, phaseReason } = status;
  const words = [phase, phaseReason].filter(word => word).join(": ");
  if (phase === invalidPhase) return { state: "invalid", message: words };
  if (phase !== undefined && failedPhases.includes(phase))
    return { state: "failed", message: words };
  return sleepOf(status, desired) ?? awake(database, desired, words || "not begun yet");
}

function awake(database: KubeObject, desired: KubeObject, words: string): Health {
  const { status = {} } = database as ObservedCluster;
  const major = dataMajorOf(database);
  const upgrade = upgradeOf(database, desired);
  // For some seconds after an upgrade, come through or given up, CNPG still calls the Cluster upgrading.
  if (status.phase === upgradePhase && major !== undefined && !upgrade) {
    return { state: "progressing", message: `PostgreSQL ${major} is about to start` };
  }
  if (status.phase !== healthyPhase || !hasCondition(status, "Ready")) {
    return { state: "progressing", message: words };
  }
  if (upgrade) {
    const message = `upgrading from PostgreSQL ${upgrade.from} to ${upgrade.to}`;
    return { state: "progressing", message };
  }
  return healthyOf(status, (desired as ObservedCluster).spec ?? {});
}

/** Between the wish and CNPG's taking notice of it the database is neither asleep nor healthy. */
function sleepOf(status: ClusterStatus, desired: KubeObject): Health | undefined {
  const wish = desired.metadata.annotations?.[hibernation];
  const isAsleep = hasCondition(status, hibernation);
  if (wish === "off" && isAsleep) return { state: "progressing", message: "waking up" };
  if (wish === "on" && !isAsleep) return { state: "progressing", message: "going to sleep" };
  if (!isAsleep) return undefined;
  const by =
    wish === "on"
      ? "spec.hibernate: set it to false to wake it up"
      : `the annotation ${hibernation}`;
  return { state: "hibernated", message: `hibernated by ${by}` };
}

function healthyOf(status: ClusterStatus, spec: Partial<ClusterSpec>): Health {
  const { readyInstances = 0, image } = status;
  const { instances = 1, imageName } = spec;
  if (readyInstances < instances) {
    return {
      state: "progressing",
      message: `${readyInstances} of ${instances} instances are ready`,
    };
  }
  if (image !== undefined && imageName !== undefined && image !== imageName) {
    return { state: "progressing", message: `changing image from ${image} to ${imageName}` };
  }
  return { state: "healthy", message: `${readyInstances} of ${instances} instances are ready` };
}

/** The version is that of the data: another than the image's while an upgrade runs, and after one that failed. */
export function running(database: KubeObject, desired: KubeObject): Running {
  const { status = {} } = database as ObservedCluster;
  const { readyInstances = 0, currentPrimary } = status;
  const majorVersion = dataMajorOf(database);
  return {
    instances: (desired as ObservedCluster).spec?.instances ?? 1,
    readyInstances,
    ...(currentPrimary === undefined || currentPrimary === "" ? {} : { primary: currentPrimary }),
    ...(majorVersion === undefined ? {} : { version: String(majorVersion) }),
  };
}

function hasCondition({ conditions = [] }: ClusterStatus, type: string): boolean {
  return conditions.some(condition => condition.type === type && condition.status === "True");
}
