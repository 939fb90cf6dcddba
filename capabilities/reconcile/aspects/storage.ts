/**
 * Whether the volumes of a database that runs are as large as its claim asks for. Volumes are looked at after a change of the claim
 * alone, and until they have grown: a claim that was never changed costs no request.
 */
import { conditionIn, type Claim } from "../../claim/claim";
import { amountOf } from "../../kubernetes/quantity";
import type { KubeObject } from "../../kubernetes/objects";
import type { Growth, Surplus } from "../../operator/operator";
import { diagnosisPauseMs, growthAskingMs, poll } from "../pace";
import { askedOnce } from "../per-run";
import { liveList, type Aspect, type Need, type Run, type Told } from "../run";
import { openMs, saidBefore, type Verdict } from "../status";
import { databaseAspect, databaseOf, isWritten } from "./database";

const condition = "StorageReady";

/** The condition is there only where there is something to say. Ready does not wait for it: the database runs. */
export const storageAspect: Aspect = askedOnce({
  name: "storage",
  condition,
  isVital: false,
  after: databaseAspect.condition,
  needs: needsOf,
  steps: () => [],
  tell,
});

function needsOf(run: Run): readonly Need[] {
  const database = healthyOf(run);
  if (!database || !isOpen(run.claim) || !isWritten(run)) return [];
  return run.plan.operator.diagnosis.volumeSearches(database).map(liveList);
}

function tell(run: Run): Told | undefined {
  const database = healthyOf(run);
  const verdict = database ? verdictOf(run, database) : saidBefore(run.claim, condition);
  if (!verdict) return undefined;
  const isGrowing = verdict.reason !== "VolumeLarger";
  const age = openMs(run.claim, condition, run.now);
  return {
    condition,
    isVital: false,
    verdict,
    ...(isGrowing ? { again: poll(age, diagnosisPauseMs) } : {}),
  };
}

function healthyOf(run: Run): KubeObject | undefined {
  const database = databaseOf(run);
  const isHealthy = databaseAspect.tell(run)?.verdict.reason === "DatabaseHealthy";
  return isHealthy ? database : undefined;
}

function verdictOf(run: Run, database: KubeObject): Verdict | undefined {
  const { plan, seen } = run;
  const { diagnosis } = plan.operator;
  const surplus = diagnosis.surplus(database, plan.database);
  if (surplus) return largerVerdict(surplus);
  const lists = diagnosis.volumeSearches(database).map(seen.list);
  const growth = diagnosis.growth(
    database,
    plan.database,
    lists.flatMap(found => found ?? []),
  );
  const age = openMs(run.claim, condition, run.now);
  return growth && growthVerdict(growth, age >= growthAskingMs);
}

/** A change has not been answered yet, the database has just come back from one, or its volumes were too small. */
function isOpen({ metadata: { generation = 1 }, status }: Claim): boolean {
  if (generation === 1) return false;
  const wasReady = conditionIn(status, "DatabaseReady")?.status === "True";
  return (
    status?.observedGeneration !== generation ||
    !wasReady ||
    conditionIn(status, condition) !== undefined
  );
}

function growthVerdict({ volume, has, wanted, ...growth }: Growth, isLate: boolean): Verdict {
  const sizes = `volume ${volume} has ${has} of ${wanted}`;
  if (growth.isAskedFor || !isLate) {
    return { reason: "VolumeGrowing", message: `${sizes}; it is growing` };
  }
  return {
    reason: "VolumeCannotGrow",
    message: `${sizes} and cannot grow: most likely StorageClass ${growth.storageClass ?? "(none)"} does not allow it; the database goes on with what it has. Set allowVolumeExpansion: true on the StorageClass if its driver can, and the volume grows by itself`,
  };
}

const gibibyte = amountOf("1Gi") ?? 1n;

function largerVerdict({ has, wanted }: Surplus): Verdict {
  const amount = amountOf(has) ?? 0n;
  const storageGB = (amount + gibibyte - 1n) / gibibyte;
  return {
    reason: "VolumeLarger",
    message: `volumes have ${has}, although the claim asks for ${wanted}; volumes never shrink, so they stay: write spec.storageGB: ${storageGB} into the claim`,
  };
}
