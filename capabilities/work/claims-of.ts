/** Which claims and classes have to be looked at when something has changed. */
import {
  connectionRef,
  isInstanceClaim,
  secretWord,
  type AnyClaim,
  type Claim,
} from "../claim/claim";
import { instanceWord } from "../claim/database";
import type { PostgresClass } from "../claim/class";
import { claimKeyOf, type ClaimRef } from "../claim/labels";
import {
  claimResource,
  claimResourceOf,
  claimResources,
  classResource,
  databaseClaimResource,
  labels,
} from "../claim/names";
import { refOf, secretResource, type KubeObject, type Ref } from "../kubernetes/objects";
import { isSame } from "../kubernetes/sameness";
import { classesConcerned, concernsClaims } from "../reconcile/class-status";
import { troubleOf } from "../reconcile/shared/plan";
import type { Source } from "./source";
import type { Change, Store } from "./store";

/** Keys of claims and names of classes. */
export type Concerned = { readonly claims: readonly string[]; readonly classes: readonly string[] };

/** The claims that an object of a source concerns. */
export type ClaimsOfObject = (
  object: KubeObject,
  before: KubeObject | undefined,
) => readonly ClaimRef[];

const nothing: Concerned = { claims: [], classes: [] };

/** What a change concerns. `claimsOf` has the sources of what is neither claim nor class. */
export function concernedBy(
  { source, before, after }: Change,
  store: Store,
  claimsOf: ReadonlyMap<Source, ClaimsOfObject>,
): Concerned {
  const object = after ?? before;
  if (!object) return nothing;
  if (source.resource === classResource) return concernedByClass(object, { before, after }, store);
  if (claimResources.includes(source.resource)) {
    return concernedByClaim(object, { source, before, after }, store);
  }
  const found = claimsOf.get(source)?.(object, before) ?? [];
  const known = found.filter(ref => isKnown(store, ref)).map(claimKeyOf);
  const naming =
    source.resource === secretResource ? claimsNaming(refOf(object), store).map(keyOfClaim) : [];
  return { claims: [...known, ...naming], classes: [] };
}

function concernedByClaim(
  claim: KubeObject,
  { source, before, after }: Change,
  store: Store,
): Concerned {
  const own = after ? [keyOfClaim(after)] : [];
  if (source.resource !== claimResource) return { claims: own, classes: [] };
  const tenants = tenantsConcerned(claim, { before, after }, store).map(keyOfClaim);
  return {
    claims: [...own, ...tenants],
    classes: classesConcerned(before as Claim | undefined, after as Claim | undefined),
  };
}

/** The claims for databases in an instance, where something that they go by has changed. */
function tenantsConcerned(
  instance: KubeObject,
  { before, after }: Pick<Change, "before" | "after">,
  store: Store,
): readonly KubeObject[] {
  if (before && after && isSame(forTenants(before as Claim), forTenants(after as Claim))) return [];
  return tenantsOf(instance, store);
}

function tenantsOf(instance: KubeObject, store: Store): readonly KubeObject[] {
  return store.indexed(databaseClaimResource, instanceWord(refOf(instance)));
}

/** What of an instance the claims in it go by. */
function forTenants(instance: Claim): unknown {
  const { uid, generation, deletionTimestamp } = instance.metadata;
  const trouble = troubleOf(instance);
  return { uid, generation, deletionTimestamp, trouble, version: instance.status?.version };
}

function concernedByClass(
  { metadata: { name } }: KubeObject,
  { before, after }: Pick<Change, "before" | "after">,
  store: Store,
): Concerned {
  if (!concernsClaims(before as PostgresClass | undefined, after as PostgresClass | undefined)) {
    return nothing;
  }
  const users = allClaims(store)
    .filter(isInstanceClaim)
    .filter(({ spec }) => (spec.className ?? name) === name);
  const tenants = users.flatMap(instance => tenantsOf(instance, store));
  return { claims: [...users, ...tenants].map(keyOfClaim), classes: [name] };
}

/** The claims that name a Secret. One that the module wrote itself is found by its labels. */
function claimsNaming(ref: Ref, store: Store): readonly AnyClaim[] {
  const marks = store.find(secretResource, ref)?.metadata.labels ?? {};
  if (marks[labels.claimUid] !== undefined) return [];
  const found: readonly KubeObject[] = claimResources.flatMap(resource =>
    store.indexed(resource, secretWord(ref)),
  );
  return found as readonly AnyClaim[];
}

/** The waiting claims that name a Secret which is not in the store: it may have come, changed or gone. */
export function claimsAwaiting(ref: Ref, store: Store): readonly string[] {
  return claimsNaming(ref, store).filter(waits).map(keyOfClaim);
}

/** The waiting claims whose connection secret is wanted in a namespace, or which are in it: it may have come, or have other labels. */
export function claimsWriting({ name }: Ref, store: Store): readonly string[] {
  const waiting = allClaims(store).filter(waits);
  return waiting
    .filter(claim => [connectionRef(claim)?.namespace, claim.metadata.namespace].includes(name))
    .map(keyOfClaim);
}

export function waitingClaims(store: Store): readonly string[] {
  return allClaims(store).filter(waits).map(keyOfClaim);
}

export function allClaims(store: Store): readonly AnyClaim[] {
  return claimResources.flatMap(resource => store.all(resource)) as AnyClaim[];
}

export function isKnown(store: Store, { kind, ...ref }: ClaimRef): boolean {
  return store.find(claimResourceOf(kind), ref) !== undefined;
}

export function keyOfClaim(claim: KubeObject): string {
  return claimKeyOf({ kind: claim.kind, ...refOf(claim) });
}

function waits({ status }: AnyClaim): boolean {
  return status?.phase !== "Ready";
}
