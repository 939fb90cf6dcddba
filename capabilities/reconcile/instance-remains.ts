/**
 * What a claim for an instance leaves behind. Garbage collection takes the operator's object with its owner, unless the claim's
 * deletionPolicy is Retain; the policy may have changed so lately that the object does not show it yet.
 */
import type { Claim } from "../claim/claim";
import { builtInClass, classOf, type DeletionPolicy, type PostgresClass } from "../claim/class";
import { deletionPolicyOf, isToBeAdopted } from "../claim/deletion";
import { annotations } from "../claim/names";
import { parseClaim } from "../claim/parse";
import { keyOf, refOf, type KubeObject, type Ref } from "../kubernetes/objects";
import { isControlledBy, ownerReference } from "../kubernetes/owners";
import type { Operator } from "../operator/operator";
import { operators } from "../operator/operators";
import type { Remains } from "./remains";
import { live, object, outcomeFor, untried, type Need, type Situation, type Step } from "./run";
import { backupsKept, type ClaimEvent } from "./status";

const aspect = "database";

/** The operator's object of the claim, and what is to become of it. */
type Leaving = {
  /** Undefined where nobody says: then the object stays or goes as it shows. */
  readonly policy: DeletionPolicy | undefined;
  readonly operator: Operator;
  readonly ref: Ref;
};

export function remainsOfInstance(claim: Claim, classes: readonly PostgresClass[]): Remains {
  const leaving = leavingOf(claim, classes);
  return {
    needs: run => needsOf(leaving, run),
    steps: run => untried(run, stepsOf(leaving, run)),
    left: run => leftWords(leaving, run),
    kept: run => keptEvent(leaving, run) ?? backupsKept(run),
  };
}

function leavingOf(raw: Claim, classes: readonly PostgresClass[]): Leaving {
  const { claim } = parseClaim(raw);
  const chosen = classOf(claim, classes);
  const known = chosen ?? builtInClass;
  const operator = operators[known.backend];
  return {
    policy: deletionPolicyOf(claim, chosen),
    operator,
    ref: operator.objects.ref(claim, known),
  };
}

function needsOf({ operator, ref }: Leaving, run: Situation): readonly Need[] {
  const { resource } = operator.objects;
  const isOutdated = outcomeFor(run, resource, ref)?.state === "outdated";
  return [object(resource, ref), ...(isOutdated ? [live(resource, ref)] : [])];
}

/** The object, if it is this very claim's: one that it could have taken over, and has not, is not. */
function foundOf({ operator, ref }: Leaving, { seen, claim }: Situation): KubeObject | undefined {
  const found = seen.object(operator.objects.resource, ref);
  if (!found || isToBeAdopted(found, claim)) return undefined;
  const standing = operator.objects.standing(found, claim);
  return standing === "ours" || standing === "deleting" ? found : undefined;
}

function stepsOf(leaving: Leaving, run: Situation): readonly Step[] {
  const found = foundOf(leaving, run);
  if (!found || found.metadata.deletionTimestamp !== undefined) return [];
  const { resource } = leaving.operator.objects;
  const what = `${resource.kind} ${keyOf(refOf(found))}`;
  const setting = { aspect, verb: "set owners", resource, object: found } as const;
  const others = (found.metadata.ownerReferences ?? []).filter(
    ({ uid }) => uid !== run.claim.metadata.uid,
  );
  // Garbage collection takes what the claim controls.
  const isCollected = isControlledBy(found, run.claim);
  if (leaving.policy === "Retain" && isCollected) {
    const why = `lets go of ${what}, which stays: deletionPolicy is Retain`;
    return [{ ...setting, owners: others, why }];
  }
  if (leaving.policy === "Delete" && !isCollected) {
    const why = `has ${what} go with its claim, data and all: deletionPolicy is Delete`;
    return [{ ...setting, owners: [...others, ownerReference(run.claim)], why }];
  }
  return [];
}

function leftWords(leaving: Leaving, run: Situation): string | undefined {
  const found = foundOf(leaving, run);
  if (!found) return undefined;
  const [open] = stepsOf(leaving, run);
  if (!open) return undefined;
  const wanted = leaving.policy === "Retain" ? "is to stay" : "is to go with it";
  return `${found.kind} ${keyOf(refOf(found))} ${wanted}, and could not be made to yet`;
}

function keptEvent(leaving: Leaving, run: Situation): ClaimEvent | undefined {
  const found = foundOf(leaving, run);
  if (!found || isControlledBy(found, run.claim)) return undefined;
  const { uid = "" } = found.metadata;
  const message = `${found.kind} ${keyOf(refOf(found))} stays with its data, volumes and own Secrets: a new PostgresInstance of this name takes it over with the annotation ${annotations.adopt}: ${uid}`;
  return { type: "Normal", reason: "DatabaseKept", message };
}
