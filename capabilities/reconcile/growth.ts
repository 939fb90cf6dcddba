/**
 * Whether the volumes of a database that runs have become as large as its claim asks for. That is looked at after a change of the
 * claim alone, and until it is so: a claim that was never changed costs no request.
 */
import type { Growth } from "../operator/operator";
import { conditionIn, type Claim } from "../claim/claim";
import type { DatabaseOutcome } from "./database";
import { pauseAt, searchAll } from "./diagnosis";
import type { Kube } from "./kube";
import type { Plan } from "./plan";
import { holds, isReason, storageCondition, type Verdict } from "./status";

/** CNPG asks for larger volumes within a second (recordings, 03); where it has not for so many ms, it cannot. */
const askingTime = 30_000;

/** What is to be said of the volumes; undefined where they are as they should be, or nothing has changed. */
export async function inquireGrowth(
  { claim, operator: backend, database: desired }: Plan,
  { database, verdict }: DatabaseOutcome,
  kube: Kube,
  now: Date,
): Promise<Verdict | undefined> {
  if (!database || !holds(verdict)) return growthBefore(claim);
  if (!isOpen(claim)) return undefined;
  const { volumeSearches, growth } = backend.diagnosis;
  const found = growth(database, desired, await searchAll(volumeSearches(database), kube));
  return found && verdictOf(found, ageOf(claim, now) >= askingTime);
}

/** A change has not been answered yet, the database has just come back from one, or its volumes were too small. */
function isOpen({ metadata: { generation = 1 }, status }: Claim): boolean {
  if (generation === 1) return false;
  const wasReady = conditionIn(status, "DatabaseReady")?.status === "True";
  return (
    status?.observedGeneration !== generation ||
    !wasReady ||
    conditionIn(status, storageCondition) !== undefined
  );
}

function verdictOf({ volume, has, wanted, ...growth }: Growth, isLate: boolean): Verdict {
  const sizes = `volume ${volume} has ${has} of ${wanted}`;
  if (growth.isAskedFor || !isLate) {
    return { reason: "VolumeGrowing", message: `${sizes}; it is growing` };
  }
  return {
    reason: "VolumeCannotGrow",
    message: `${sizes} and cannot grow: most likely StorageClass ${growth.storageClass ?? "(none)"} does not allow it; the database goes on with what it has. Set allowVolumeExpansion: true on the StorageClass if its driver can, and the volume grows by itself`,
  };
}

/** What was last said of the volumes. */
export function growthBefore(claim: Pick<Claim, "status">): Verdict | undefined {
  const { reason = "", message = "" } = conditionIn(claim.status, storageCondition) ?? {};
  return isReason(reason) ? { reason, message } : undefined;
}

function ageOf(claim: Claim, now: Date): number {
  const since = Date.parse(conditionIn(claim.status, storageCondition)?.lastTransitionTime ?? "");
  return Number.isNaN(since) ? 0 : now.getTime() - since;
}

/** After how many ms to look at the volumes again; undefined where that is not needed. */
export function lookAtGrowthAfter(
  claim: Claim,
  growth: Verdict | undefined,
  now: Date,
): number | undefined {
  return growth && pauseAt(ageOf(claim, now));
}
