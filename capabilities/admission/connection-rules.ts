/** What holds for the Secrets that are written for a claim of any kind. */
import { accessLogins, writtenRefs, writtenSecrets } from "../claim/access";
import { connectionRefs, type AnyClaim } from "../claim/claim";
import { instanceRef, isDatabaseClaim } from "../claim/database";
import { connectionSecretName, namespacesWithoutAdmission } from "../claim/names";
import { quote } from "../claim/schema";
import type { Violation } from "../claim/violation";
import { isSameRef, keyOf, refOf, type KubeObject, type Ref } from "../kubernetes/objects";
import { operatorSecretEndings } from "../operator/facts";

type Asked = { readonly claim: AnyClaim };

export const connectionRules: readonly ((asked: Asked) => readonly Violation[])[] = [
  refsAgree,
  secretsAreApart,
  refIsNotOfOtherDatabases,
  refIsNotAPassword,
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

/** Each login has a Secret of its own. */
function secretsAreApart({ claim }: Asked): readonly Violation[] {
  const secrets = writtenSecrets(claim);
  return accessLogins(claim)
    .filter(({ ref }) => secrets.filter(secret => isSameRef(secret, ref)).length > 1)
    .map(({ field, ref }) => ({
      field,
      problem: `is ${quote(ref.name)}, which another field names too: each login needs a Secret of its own`,
    }));
}

/**
 * An operator may take over the password of a Secret that has the name of one of its own: whoever wrote it would know the password of
 * another database, or of its superuser.
 */
function refIsNotOfOtherDatabases({ claim }: Asked): readonly Violation[] {
  return writtenRefs(claim)
    .filter(({ ref }) => operatorSecretEndings.some(ending => ref.name.endsWith(ending)))
    .map(({ field, ref }) => ({
      field,
      problem: `is ${quote(ref.name)}, a name as an operator gives to its own Secrets: use for example ${quote(connectionSecretName(claim.metadata.name))}`,
    }));
}

/** Beside an instance the module keeps the passwords of roles under such names. */
function refIsNotAPassword({ claim }: Asked): readonly Violation[] {
  const instance = instanceWithPasswords(claim);
  if (!instance) return [];
  return writtenRefs(claim)
    .filter(({ ref }) => ref.namespace === instance.namespace)
    .filter(({ ref }) => ref.name.startsWith(`${instance.name}.`))
    .map(({ field, ref }) => ({
      field,
      problem: `is ${quote(ref.name)}, a name as the passwords of the instance's roles have: use for example ${quote(connectionSecretName(claim.metadata.name))}`,
    }));
}

/** The instance of the claim, where the module makes roles in it. */
function instanceWithPasswords(claim: AnyClaim): Ref | undefined {
  if (isDatabaseClaim(claim)) return instanceRef(claim);
  return (claim.spec.share ?? claim.spec.access) ? refOf(claim) : undefined;
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
