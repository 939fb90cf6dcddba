/** What holds for the logins that a claim of any kind asks for beside its owner's. */
import { accessLogins, maxSuffixLength } from "../claim/access";
import { isInstanceClaim, type AnyClaim } from "../claim/claim";
import { databaseAndOwner } from "../claim/database";
import { maxIdentifierLength, nameableIdentifier } from "../claim/names";
import { quote } from "../claim/schema";
import type { Violation } from "../claim/violation";

type Asked = { readonly claim: AnyClaim };

export const accessRules: readonly ((asked: Asked) => readonly Violation[])[] = [
  databaseNameLeavesRoom,
  rolesAreNotTheOwner,
];

/** The roles are named for the database, and objects of Kubernetes for the roles. */
function databaseNameLeavesRoom({ claim }: Asked): readonly Violation[] {
  const { database } = databaseAndOwner(claim);
  const longest = maxIdentifierLength - maxSuffixLength;
  const isFit = database.length <= longest && new RegExp(nameableIdentifier).test(database);
  if (isFit || accessLogins(claim).length === 0) return [];
  return [
    {
      field: "spec.access",
      problem: `makes roles named for the database ${quote(database)}, which must for that have at most ${longest} characters, begin with a letter, and end with a letter or digit: leave it out, or make a claim with another spec.databaseName`,
    },
  ];
}

function rolesAreNotTheOwner({ claim }: Asked): readonly Violation[] {
  const { owner } = databaseAndOwner(claim);
  return accessLogins(claim)
    .filter(({ role }) => role === owner)
    .map(({ level }) => ({
      field: `spec.access.${level}`,
      problem: `makes role ${quote(owner)}, which is the owner's: make a claim with another ${isInstanceClaim(claim) ? "spec.databaseOwner" : "spec.owner"}`,
    }));
}
