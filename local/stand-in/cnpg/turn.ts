/**
 * What comes next for a Cluster, by what is there now: one act and one status at a time, so that a change of mind in
 * between (an edit, a deletion) is met before the next. Pure: clock and servers are arguments.
 */
import { imageOf, isDoomed, isHibernated, majorOf } from "./cluster";
import type { Cluster, ClusterStatus } from "./cluster";
import { healthy, hibernated, invalid, lost, settingUp, upgrading, waiting } from "./status";

export type Scene = {
  readonly cluster: Cluster;
  readonly fault: string | undefined;
  /** Whether the secret for the owner is there and fits. */
  readonly hasCredentials: boolean;
  readonly isUp: boolean;
  /** For how long the present status has stood, and how long one is to stand at least, in ms. */
  readonly stood: number;
  readonly pause: number;
  readonly now: string;
};

export type Act = "start" | "login" | "stop";

/** First the act, then the status; `again` is in how many ms to look anew without being told to. */
export type Turn = { readonly act?: Act; readonly status: ClusterStatus; readonly again?: number };

/** For how long CNPG was seen to call a Cluster healthy whose pod had gone, in ms. */
const moment = 200;

/** What to do for the Cluster now, and what to say of it. */
export function turn(scene: Scene): Turn {
  const { cluster, fault, now } = scene;
  if (fault !== undefined) return { status: invalid(cluster, fault, now) };
  if (isHibernated(cluster)) return { act: "stop", status: hibernated(cluster, now) };
  if (isUpgrade(cluster)) return upgrade(scene);
  return scene.isUp ? up(scene) : down(scene);
}

/** A higher major version is asked for than the data has. */
export function isUpgrade(cluster: Cluster): boolean {
  const { currentPrimary, pgDataImageInfo } = cluster.status ?? {};
  if (currentPrimary === undefined || pgDataImageInfo === undefined) return false;
  return (majorOf(imageOf(cluster)) ?? 0) > pgDataImageInfo.majorVersion;
}

/** Only played: the server that comes back is of the same major version, the only one that is installed. */
function upgrade(scene: Scene): Turn {
  const { cluster, now, pause } = scene;
  const status = upgrading(cluster, now);
  if (cluster.status?.phase !== status.phase) return { status, again: Math.min(pause, moment) };
  if (status.readyInstances !== undefined) {
    return { act: "stop", status: lost({ ...cluster, status }), again: pause };
  }
  if (!scene.hasCredentials || isDoomed(cluster)) return { status };
  if (scene.stood < pause) return { status, again: pause - scene.stood };
  return { act: "start", status: waiting(cluster, now), again: pause };
}

function up(scene: Scene): Turn {
  const { cluster, now, pause, stood } = scene;
  const { status = {} } = cluster;
  const wasHealthy =
    status.phase === "Cluster in healthy state" && status.readyInstances !== undefined;
  if (wasHealthy) return { status: healthy(cluster, now) };
  if (!scene.hasCredentials) return down(scene);
  if (stood < pause) return { status, again: pause - stood };
  return { act: "login", status: healthy(cluster, now) };
}

function down(scene: Scene): Turn {
  const { cluster, now, pause, stood } = scene;
  const { phase, readyInstances, currentPrimary } = cluster.status ?? {};
  if (phase === "Cluster in healthy state" && readyInstances !== undefined) {
    return { status: lost(cluster), again: Math.min(pause, moment) };
  }
  const hasRun = currentPrimary !== undefined;
  const status = hasRun ? waiting(cluster, now) : settingUp(cluster, now);
  if (!scene.hasCredentials) return { status };
  if (phase !== status.phase) return { status, again: pause };
  if (stood < pause) return { status, again: pause - stood };
  return { act: "start", status: waiting(cluster, now), again: pause };
}
