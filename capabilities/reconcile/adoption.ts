/**
 * A database that an earlier claim of the name has left is taken over, where the claim's author says so. Not where the two differ in
 * what cannot be changed, or would be changed for good.
 */
import { databaseName, databaseOwner } from "../claim/claim";
import { isToBeAdopted } from "../claim/deletion";
import { annotations } from "../claim/names";
import { quote } from "../claim/schema";
import { keyOf, refOf, type KubeObject } from "../kubernetes/objects";
import { perRun } from "./per-run";
import type { Run } from "./run";
import type { Verdict } from "./status";

/** The object that the claim is to take over, as it is now. */
function adopted({ plan: { operator, database }, seen, claim }: Run): KubeObject | undefined {
  const found = seen.object(operator.objects.resource, refOf(database));
  return found && isToBeAdopted(found, claim) ? found : undefined;
}

type Difference = { readonly field: string; readonly has: string };

function differencesFrom(found: KubeObject, { plan }: Run): readonly Difference[] {
  const { claim, operator, database } = plan;
  const { objects } = operator;
  const compared = [
    ["version", operator.running(found, database, []).version, claim.spec.version],
    ["databaseName", objects.databaseOf(found), databaseName(claim)],
    ["databaseOwner", objects.ownerOf(found), databaseOwner(claim)],
  ] as const;
  return compared.flatMap(([field, has, wanted]) =>
    has === undefined || has === wanted ? [] : [{ field: `spec.${field}`, has }],
  );
}

/** Why the claim does not take over the database that it names; undefined where it does, or names none. */
export const differenceVerdict = perRun((run: Run): Verdict | undefined => {
  const found = adopted(run);
  if (!found) return undefined;
  const differences = differencesFrom(found, run);
  if (differences.length === 0) return undefined;
  const wanted = differences.map(({ field, has }) => `${field}: ${quote(has)}`).join(", ");
  const message = `${wordsFor(found)} differs from what the claim asks for, so it was left as it is: the claim needs ${wanted}; where a field is immutable, make the claim again with it`;
  return { reason: "DatabaseDiffers", message };
});

/** How a database that was left can be taken over. */
export function keptVerdict(found: KubeObject): Verdict {
  const { name, namespace, uid = "" } = found.metadata;
  const command = `kubectl delete ${found.kind.toLowerCase()} ${name} -n ${namespace ?? ""}`;
  const message = `${wordsFor(found)} was left by an earlier claim of this name (deletionPolicy Retain): to take it over, annotate the claim with ${annotations.adopt}: ${uid}; to be rid of it and its data, ${command}`;
  return { reason: "DatabaseKept", message };
}

function wordsFor(found: KubeObject): string {
  return `${found.kind} ${keyOf(refOf(found))}`;
}
