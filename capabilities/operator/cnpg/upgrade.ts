/**
 * Major upgrades. CNPG 1.30 runs pg_upgrade once, in a Job beside the old data. If that fails, phase and Job stay as they are until the
 * old version is asked for again: then CNPG removes the Job and starts the database as it was
 * (https://cloudnative-pg.io/documentation/1.30/postgres_upgrades/#post-upgrade-actions, handleRollbackIfNeeded in its reconciler).
 */
import { type KubeObject, refOf } from "../../kubernetes/objects";
import type { Cause } from "../operator";
import { majorOf, type Cluster } from "./cluster";
import { containersOf, endedOf } from "../diagnosis/containers";
import type { Evidence, Job, Pod } from "../diagnosis/evidence";

export const upgradePhase = "Upgrading Postgres major version";

export type Upgrade = { readonly from: number; readonly to: number };

/** The upgrade that the definition asks for and the data has not come through; undefined where there is none. */
export function upgradeOf(database: KubeObject, definition: KubeObject): Upgrade | undefined {
  const from = dataMajorOf(database);
  const { spec } = definition as Partial<Cluster>;
  const to = majorOf(spec?.imageName ?? "");
  return from !== undefined && to !== undefined && from < to ? { from, to } : undefined;
}

/** CNPG keeps the major version of the data beside the image's. */
export function dataMajorOf(database: KubeObject): number | undefined {
  const { status } = database as KubeObject & {
    readonly status?: { readonly pgDataImageInfo?: { readonly majorVersion?: number } };
  };
  // 0 is what CNPG writes before it knows.
  return status?.pgDataImageInfo?.majorVersion || undefined;
}

/** That the upgrade which is asked for has failed, and the way back. */
export function upgradeFailed(database: KubeObject, evidence: Evidence): Cause | undefined {
  const upgrade = upgradeOf(database, database);
  const job = evidence.jobs.find(isUpgrade);
  if (!upgrade || !job) return undefined;
  const failed = podsOf(job, evidence).find(({ status }) => status?.phase === "Failed");
  if (!failed && !hasFailed(job)) return undefined;
  const { name, namespace } = refOf(job);
  const logs = `kubectl logs -n ${namespace} job/${name} --all-containers`;
  return {
    reason: "UpgradeFailed",
    message: `the upgrade from PostgreSQL ${upgrade.from} to ${targetOf(job) ?? upgrade.to} failed${endingOf(failed)} and left the data as it was: see ${logs}; with spec.version set back to "${upgrade.from}" the database starts again`,
  };
}

/** Without what is left of an upgrade that is no longer asked for: CNPG is about to remove it. */
export function withoutGivenUp(database: KubeObject, evidence: Evidence): Evidence {
  if (upgradeOf(database, database)) return evidence;
  const left = evidence.jobs.filter(isUpgrade).flatMap(job => podsOf(job, evidence));
  return {
    ...evidence,
    jobs: evidence.jobs.filter(job => !isUpgrade(job)),
    pods: evidence.pods.filter(pod => !left.includes(pod)),
  };
}

function isUpgrade({ metadata }: Job): boolean {
  return metadata.labels?.["cnpg.io/jobRole"] === "major-upgrade";
}

function podsOf({ metadata: { uid } }: Job, { pods }: Evidence): readonly Pod[] {
  return pods.filter(({ metadata }) => metadata.ownerReferences?.some(owner => owner.uid === uid));
}

function hasFailed({ status }: Job): boolean {
  const { conditions = [] } = status ?? {};
  return conditions.some(({ type, status: state }) => type === "Failed" && state === "True");
}

/** The version that this very Job was made for: another may have been asked for since, for which CNPG makes none. */
function targetOf({ spec }: Job): number | undefined {
  const { containers = [] } = spec?.template?.spec ?? {};
  const [image] = containers.map(container => container.image);
  return image === undefined ? undefined : majorOf(image);
}

function endingOf(pod: Pod | undefined): string {
  const endings = pod ? containersOf(pod).map(endedOf) : [];
  const ending = endings.find(({ exitCode = 0 }) => exitCode !== 0);
  if (!ending) return "";
  const { reason = "Error", exitCode = "unknown" } = ending;
  return ` (${reason}, exit code ${exitCode})`;
}
