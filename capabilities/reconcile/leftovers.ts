/**
 * What an earlier database of the same name has left and garbage collection has not taken yet. CNPG takes a pod or a volume of the name
 * for the new Cluster's, which ends with them: it is Ready for a moment, with the old data, and then unrecoverable (seen on the real one,
 * 1 December 2026).
 */
import { keyOf, refOf, type KubeObject } from "../kubernetes/objects";
import { perRun } from "./per-run";
import { liveList, type Need, type Run } from "./run";
import { saidBefore, type Verdict } from "./status";

/** Lists to be asked for before the database is made; none where no earlier one is known of. */
export function needsOfLeftovers(run: Run): readonly Need[] {
  const { operator, database } = run.plan;
  const isSuspected =
    run.wasThere(operator.objects.resource, refOf(database)) ||
    saidBefore(run.claim, "DatabaseReady")?.reason === "DatabaseDeleting";
  const isThere = run.seen.object(operator.objects.resource, refOf(database)) !== undefined;
  return isSuspected && !isThere ? operator.diagnosis.volumeSearches(database).map(liveList) : [];
}

/** Volumes that are on their way: pods hold them for as long as they are there. One without an owner was kept by somebody. */
const leftoversOf = perRun((run: Run): readonly KubeObject[] => {
  const { operator, database } = run.plan;
  const found = operator.diagnosis
    .volumeSearches(database)
    .flatMap(search => run.seen.list(search) ?? []);
  return found.filter(
    ({ metadata }) =>
      metadata.deletionTimestamp !== undefined || (metadata.ownerReferences ?? []).length > 0,
  );
});

/** What the claim waits for before its database is made; undefined where nothing is left. */
export function leftoverVerdict(run: Run): Verdict | undefined {
  const { operator, database } = run.plan;
  if (run.seen.object(operator.objects.resource, refOf(database))) return undefined;
  const [first] = leftoversOf(run);
  if (!first) return undefined;
  const message = `${first.kind} ${keyOf(refOf(first))} of an earlier database of this name is still being removed; the database is made when it is gone`;
  return { reason: "DatabaseDeleting", message };
}
