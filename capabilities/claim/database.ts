/** A claim for a database in a shared instance: its types, and the reading of its fields. */
import { databaseName, databaseOwner, type AnyClaim, type Claim, type Claimed } from "./claim";
import type { Class } from "./class";
import type { databaseSpecSchema } from "./database-schema";
import { databaseClaimKind, identifierOf } from "./names";
import type { FromSchema } from "./schema";
import { keyOf, refOf, type KubeObject, type Ref } from "../kubernetes/objects";

export type DatabaseSpec = FromSchema<typeof databaseSpecSchema>;
export type DatabaseClaim = Claimed & { readonly spec: DatabaseSpec };

/** The instance that is to hold the database. */
export function instanceRef({ metadata, spec }: DatabaseClaim): Ref {
  const { name, namespace = metadata.namespace ?? "" } = spec.instanceRef;
  return { name, namespace };
}

/** The word of an instance in an index of database claims. */
export function instanceWord(ref: Ref): string {
  return `instance ${keyOf(ref)}`;
}

export function ownDatabase({ metadata, spec }: DatabaseClaim): string {
  return spec.databaseName ?? identifierOf(metadata.name);
}

export function ownRole(claim: DatabaseClaim): string {
  return claim.spec.owner ?? ownDatabase(claim);
}

export function isDatabaseClaim(claim: AnyClaim): claim is DatabaseClaim {
  return claim.kind === databaseClaimKind;
}

/** The database of a claim of any kind, and the role that owns it, as far as the claim says. */
export function databaseAndOwner(claim: AnyClaim): {
  readonly database: string;
  readonly owner: string;
} {
  return isDatabaseClaim(claim)
    ? { database: ownDatabase(claim), owner: ownRole(claim) }
    : { database: databaseName(claim), owner: databaseOwner(claim) };
}

export function connectionLimitOf({ spec }: DatabaseClaim, chosen: Class): number {
  const { connectionLimit: most } = chosen.shared;
  return Math.min(spec.connectionLimit ?? most, most);
}

export function isDataKept({ spec }: DatabaseClaim): boolean {
  return spec.deletionPolicy !== "Delete";
}

/** Whether the instance may hold databases of claims in a namespace with these labels. */
export function isSharedWith(
  instance: Claim,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  const { share } = instance.spec;
  if (!share) return false;
  if (namespace === instance.metadata.namespace) return true;
  const { namespaces = [], selector } = share;
  if (namespaces.some(name => name === "*" || name === namespace)) return true;
  // No label at all would select every namespace, which nobody asks for so.
  const wanted = Object.entries(selector?.matchLabels ?? {});
  return wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
}

/** Whether it depends on the namespace's labels. */
export function isSharedByLabel({ spec }: Claim): boolean {
  return spec.share?.selector !== undefined;
}

/** Of claims for one instance the first of them, as they are served where there is not room for all. */
export function inOrderOfAge<T extends KubeObject>(claims: readonly T[]): readonly T[] {
  const age = ({ metadata }: T): string => metadata.creationTimestamp ?? "";
  return [...claims].sort(
    (a, b) => age(a).localeCompare(age(b)) || keyOf(refOf(a)).localeCompare(keyOf(refOf(b))),
  );
}
