/** What becomes of the database of a claim that is deleted, and how the operator's object shows whose it is meanwhile. */
import { ownerReference, standingOf, type Standing } from "../kubernetes/owners";
import { refOf, isSameRef, type KubeObject } from "../kubernetes/objects";
import type { Claim } from "./claim";
import type { Class, DeletionPolicy } from "./class";
import { claimLabels } from "./labels";
import { annotations, fieldManager, labels } from "./names";

/** Undefined where the claim says nothing and its class is not there: then what the operator's object shows is right. */
export function deletionPolicyOf(
  { spec }: Claim,
  chosen: Class | undefined,
): DeletionPolicy | undefined {
  return spec.deletionPolicy ?? chosen?.deletionPolicies.default;
}

/** Whether the claim's database is to stay when the claim goes. */
export function isToOutlive(claim: Claim, chosen: Class | undefined): boolean {
  return deletionPolicyOf(claim, chosen) === "Retain";
}

/** What a claim of the class may choose. */
export function offeredPolicies({ deletionPolicies }: Class): readonly DeletionPolicy[] {
  return [...new Set([deletionPolicies.default, ...deletionPolicies.allowed])];
}

/** Whether the claim asks for no policy, or for one that the class lets it choose. */
export function offersPolicy(chosen: Class, { spec: { deletionPolicy: asked } }: Claim): boolean {
  return asked === undefined || offeredPolicies(chosen).includes(asked);
}

/**
 * The metadata by which the operator's object belongs to the claim. Kubernetes takes what has an owner with it, in a deletion in the
 * foreground (as Argo CD's is) before anyone can act: so an object that is to outlive its claim has none, and bears the claim's uid as a label.
 */
export function belonging(
  claim: Claim,
  chosen: Class,
): Pick<KubeObject["metadata"], "labels" | "ownerReferences"> {
  return isToOutlive(claim, chosen)
    ? { labels: claimLabels(claim) }
    : {
        labels: { "app.kubernetes.io/managed-by": fieldManager },
        ownerReferences: [ownerReference(claim)],
      };
}

/** Whose the operator's object is that bears the name of the claim's. */
export function standingOfDatabase(found: KubeObject, claim: KubeObject): Standing {
  const byOwner = standingOf(found, claim);
  if (byOwner !== "foreign") return byOwner;
  const uid = keptUid(found, claim);
  if (uid === undefined) return "foreign";
  if (uid !== claim.metadata.uid && !isAdoptedBy(found, claim)) return "kept";
  return found.metadata.deletionTimestamp === undefined ? "ours" : "deleting";
}

/** Whether the object is an earlier claim's still, although the claim may have it. */
export function isToBeAdopted(found: KubeObject, claim: KubeObject): boolean {
  const uid = keptUid(found, claim);
  return uid !== undefined && uid !== claim.metadata.uid && isAdoptedBy(found, claim);
}

/** The uid of the claim of this name that an object was made for which nobody controls. */
function keptUid(found: KubeObject, claim: KubeObject): string | undefined {
  const marks = found.metadata.labels ?? {};
  const { [labels.claimName]: name = "", [labels.claimNamespace]: namespace = "" } = marks;
  const isOfName =
    marks[labels.claimKind] === claim.kind && isSameRef({ name, namespace }, refOf(claim));
  const isControlled = (found.metadata.ownerReferences ?? []).some(({ controller }) => controller);
  return isOfName && !isControlled ? marks[labels.claimUid] : undefined;
}

/** The uid is of the one object that its author has looked at, and of no later one of its name. */
function isAdoptedBy({ metadata: { uid } }: KubeObject, { metadata }: KubeObject): boolean {
  return uid !== undefined && metadata.annotations?.[annotations.adopt] === uid;
}
