/** What holds for the connection secret of a claim of any kind. */
import { connectionRefs, type AnyClaim } from "../claim/claim";
import { connectionSecretName, namespacesWithoutAdmission } from "../claim/names";
import { quote } from "../claim/schema";
import type { Violation } from "../claim/violation";
import { isSameRef, keyOf, type KubeObject } from "../kubernetes/objects";
import { operatorSecretEndings } from "../operator/facts";

type Asked = { readonly claim: AnyClaim };

export const connectionRules: readonly ((asked: Asked) => readonly Violation[])[] = [
  refsAgree,
  refIsNotOfOtherDatabases,
  refIsWhereItsAuthorWasChecked,
];

function refsAgree({ claim }: Asked): readonly Violation[] {
  const [first, ...rest] = connectionRefs(claim);
  if (!first) return [];
  return rest
    .filter(({ ref }) => !isSameRef(ref, first.ref))
    .map(({ field, ref }) => ({
      field,
      problem: `asks for ${keyOf(ref)}, but ${first.field} for ${keyOf(first.ref)}: keep one of them`,
    }));
}

/**
 * An operator may take over the password of a Secret that has the name of one of its own: whoever wrote it would know the password of
 * another database, or of its superuser.
 */
function refIsNotOfOtherDatabases({ claim }: Asked): readonly Violation[] {
  return connectionRefs(claim)
    .filter(({ ref }) => operatorSecretEndings.some(ending => ref.name.endsWith(ending)))
    .map(({ field, ref }) => ({
      field,
      problem: `is ${quote(ref.name)}, a name as an operator gives to its own Secrets: use for example ${quote(connectionSecretName(claim.metadata.name))}`,
    }));
}

/** What no webhook sees has no author that was asked for: the reconcile alone meets this rule. */
function refIsWhereItsAuthorWasChecked({ claim }: Asked): readonly Violation[] {
  const { namespace = "" } = claim.metadata;
  if (!isWithoutAdmission(claim)) return [];
  return connectionRefs(claim)
    .filter(({ ref }) => ref.namespace !== namespace)
    .map(({ field, ref }) => ({
      field,
      problem: `asks for Secret ${keyOf(ref)}, but for claims in ${namespace} nobody can check that their author may write to another namespace: use one in ${namespace}, or make the claim elsewhere`,
    }));
}

/** Whether no webhook sees the claim. */
export function isWithoutAdmission({ metadata: { namespace = "" } }: KubeObject): boolean {
  return namespacesWithoutAdmission.some(name => name === namespace);
}
