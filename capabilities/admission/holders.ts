/** Where a claim gets in the way of claims of other kinds, or others in the way of its going. */
import type { AnyClaim } from "../claim/claim";
import type { DatabaseClaim } from "../claim/database";
import { labels } from "../claim/names";
import type { Violation } from "../claim/violation";
import { isSameRef, keyOf, refOf, type KubeObject, type Ref } from "../kubernetes/objects";

/** So many claims are named in a message; the number says how many there are. */
const mostNamed = 5;

/** A Secret that a claim wants written, and the claims that need it for themselves. */
export type Held = {
  readonly field: string;
  readonly ref: Ref;
  readonly holders: readonly AnyClaim[];
};

/** Where one is another's already. A race of two is settled by the reconcile: the second is told NotOwned. */
export function holderViolations(claim: AnyClaim, held: readonly Held[]): readonly Violation[] {
  return held.flatMap(({ field, ref, holders }) => {
    const other = holders.find(
      holder => holder.kind !== claim.kind || !isSameRef(refOf(holder), refOf(claim)),
    );
    if (!other) return [];
    const problem = `asks for Secret ${keyOf(ref)}, which ${other.kind} ${keyOf(refOf(other))} needs: use another name`;
    return [{ field, problem }];
  });
}

/** What others have in an instance. */
export type Holdings = {
  /** The claims for databases in it. */
  readonly tenants: readonly DatabaseClaim[];
  /** The operator's objects for databases in it, those that claims have left included. */
  readonly databases: readonly KubeObject[];
};

/** With an instance goes all that others have in it. */
export function holdingViolations({ tenants, databases }: Holdings): readonly Violation[] {
  const claims = tenants.map(tenant => keyOf(refOf(tenant)));
  const left = databases.map(claimOf).filter(claim => !claims.includes(claim));
  const field = "metadata.name";
  return [
    ...(claims.length === 0
      ? []
      : [
          {
            field,
            problem: `cannot be deleted: the instance holds the data of PostgresDatabases ${named(claims)}; delete them first`,
          },
        ]),
    ...(left.length === 0
      ? []
      : [
          {
            field,
            problem: `cannot be deleted: the instance keeps the data of PostgresDatabases ${named(left)}, which are gone; to drop it, make each again with deletionPolicy: Delete and delete it`,
          },
        ]),
  ];
}

/** The claim that an object was made for, as its labels say. */
function claimOf({ metadata: { labels: marks = {} } }: KubeObject): string {
  const { [labels.claimName]: name = "", [labels.claimNamespace]: namespace = "" } = marks;
  return keyOf({ name, namespace });
}

/** A few of them by name, and how many more there are. */
export function named(claims: readonly string[]): string {
  const more = claims.length > mostNamed ? ` and ${claims.length - mostNamed} more` : "";
  return `${claims.slice(0, mostNamed).join(", ")}${more}`;
}
