/** Where a claim gets in the way of claims of other kinds, or others in the way of its going. */
import { connectionRef, connectionRefs, type AnyClaim } from "../claim/claim";
import type { DatabaseClaim } from "../claim/database";
import type { Violation } from "../claim/violation";
import { isSameRef, keyOf, refOf } from "../kubernetes/objects";

/** So many claims are named in a message; the number says how many there are. */
const mostNamed = 5;

/** The claim's Secret is another's already. A race of two is settled by the reconcile: the second is told NotOwned. */
export function holderViolations(
  claim: AnyClaim,
  holders: readonly AnyClaim[],
): readonly Violation[] {
  const ref = connectionRef(claim);
  const field = connectionRefs(claim)[0]?.field ?? "writeConnectionSecretToRef";
  const other = holders.find(
    held => held.kind !== claim.kind || !isSameRef(refOf(held), refOf(claim)),
  );
  if (!ref || !other) return [];
  return [
    {
      field,
      problem: `asks for Secret ${keyOf(ref)}, which ${other.kind} ${keyOf(refOf(other))} needs: use another name`,
    },
  ];
}

/** With an instance goes all that others have in it. */
export function tenantViolations(tenants: readonly DatabaseClaim[]): readonly Violation[] {
  if (tenants.length === 0) return [];
  const names = tenants.slice(0, mostNamed).map(tenant => keyOf(refOf(tenant)));
  const more = tenants.length > mostNamed ? ` and ${tenants.length - mostNamed} more` : "";
  return [
    {
      field: "metadata.name",
      problem: `cannot be deleted: the instance holds the data of ${tenants.length} PostgresDatabases (${names.join(", ")}${more}); delete them first`,
    },
  ];
}
