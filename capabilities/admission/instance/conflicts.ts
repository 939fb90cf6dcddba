/** Where a claim gets in the way of others, as an ordered list of small rules. */
import { operatorSecretNames } from "../../operator/facts";
import { writtenRefs, writtenSecrets } from "../../claim/access";
import { externalCredentials, secretWord, type Claim } from "../../claim/claim";
import { type Ref, keyOf, isSameRef, refOf } from "../../kubernetes/objects";
import { poolerName } from "../../claim/names";
import { quote } from "../../claim/schema";
import type { Violation } from "../../claim/violation";

type ConflictRule = (claim: Claim, other: Claim) => readonly Violation[];

const conflictRules: readonly ConflictRule[] = [
  refIsNotHeld,
  refIsNotAnothersOperatorSecret,
  operatorSecretsAreNotHeld,
  credentialsAreNotWritten,
  refIsNotAnothersCredentials,
  operatorSecretsAreNotCredentials,
  nameIsNotAnothersPooler,
  poolerIsNotAnotherClaim,
];

/** Where the claim gets in the way of other claims. A race of two is settled by the reconcile: the second is told NotOwned. */
export function conflictViolations(claim: Claim, others: readonly Claim[]): readonly Violation[] {
  return others
    .filter(other => !isSameRef(refOf(other), refOf(claim)))
    .flatMap(other => conflictRules.flatMap(rule => rule(claim, other)));
}

/**
 * Which of these claims can get in the way of one of them: those that need something of a name that it needs too. Judging all of
 * many claims beside all others would take the square of their number.
 */
export function rivalsAmong(claims: readonly Claim[]): (claim: Claim) => readonly Claim[] {
  const needing = new Map<string, Claim[]>();
  for (const claim of claims) {
    for (const need of rivalWords(claim)) {
      const before = needing.get(need);
      if (before) before.push(claim);
      else needing.set(need, [claim]);
    }
  }
  const ranks = new Map(claims.map((claim, rank) => [claim, rank]));
  const rank = (claim: Claim): number => ranks.get(claim) ?? 0;
  return claim => {
    const found = new Set(rivalWords(claim).flatMap(need => needing.get(need) ?? []));
    return [...found].sort((a, b) => rank(a) - rank(b));
  };
}

/**
 * The words under which rivals of a claim are found. Every rule here is about one of these: Secrets that are written, read or made by
 * the operator, and what has the claim's name.
 */
export function rivalWords(claim: Claim): readonly string[] {
  const { name, namespace = "" } = claim.metadata;
  const made = operatorSecretNames(claim).map(secret => ({ name: secret, namespace }));
  const brought = externalCredentials(claim);
  const named = [...writtenSecrets(claim), ...(brought ? [brought] : [])];
  const secrets = [...made, ...named].map(secretWord);
  const names = claim.spec.pooler === undefined ? [name] : [name, poolerName(name)];
  return [...secrets, ...names.map(own => `name ${keyOf({ name: own, namespace })}`)];
}

function refIsNotHeld(claim: Claim, other: Claim): readonly Violation[] {
  const held = writtenSecrets(other);
  return faultsOf(
    claim,
    ref => held.some(secret => isSameRef(ref, secret)),
    `claim ${keyOf(refOf(other))} already writes`,
  );
}

function refIsNotAnothersOperatorSecret(claim: Claim, other: Claim): readonly Violation[] {
  return faultsOf(
    claim,
    ref => isOperatorSecretOf(ref, other),
    `the operator makes for claim ${keyOf(refOf(other))}`,
  );
}

function operatorSecretsAreNotHeld(claim: Claim, other: Claim): readonly Violation[] {
  return writtenSecrets(other)
    .filter(held => isOperatorSecretOf(held, claim))
    .map(held => ({
      field: "metadata.name",
      problem: `${quote(claim.metadata.name)} makes the operator need Secret ${keyOf(held)}, which claim ${keyOf(refOf(other))} already writes: use another name`,
    }));
}

/** What the module or the operator writes for another claim is that claim's; two claims may share what a user brings. */
function credentialsAreNotWritten(claim: Claim, other: Claim): readonly Violation[] {
  const given = externalCredentials(claim);
  if (!given) return [];
  const isWritten = writtenSecrets(other).some(held => isSameRef(given, held));
  if (!isWritten && !isOperatorSecretOf(given, other)) return [];
  return [
    {
      field: "spec.credentialsSecretName",
      problem: `asks for Secret ${keyOf(given)}, which belongs to claim ${keyOf(refOf(other))}: name one of your own`,
    },
  ];
}

function refIsNotAnothersCredentials(claim: Claim, other: Claim): readonly Violation[] {
  const read = externalCredentials(other);
  return faultsOf(
    claim,
    ref => read !== undefined && isSameRef(ref, read),
    `has the credentials for claim ${keyOf(refOf(other))}`,
  );
}

function operatorSecretsAreNotCredentials(claim: Claim, other: Claim): readonly Violation[] {
  const read = externalCredentials(other);
  if (!read || !isOperatorSecretOf(read, claim)) return [];
  return [
    {
      field: "metadata.name",
      problem: `${quote(claim.metadata.name)} makes the operator need Secret ${keyOf(read)}, which has the credentials for claim ${keyOf(refOf(other))}: use another name`,
    },
  ];
}

/** https://cloudnative-pg.io/documentation/1.30/connection_pooling/: a Pooler must not have the name of a Cluster. */
function nameIsNotAnothersPooler(claim: Claim, other: Claim): readonly Violation[] {
  if (!isPoolerOf(claim, other)) return [];
  return [
    {
      field: "metadata.name",
      problem: `is ${quote(claim.metadata.name)}, the name of the pooler of claim ${keyOf(refOf(other))}: use another name`,
    },
  ];
}

function poolerIsNotAnotherClaim(claim: Claim, other: Claim): readonly Violation[] {
  if (!isPoolerOf(other, claim)) return [];
  return [
    {
      field: "spec.pooler",
      problem: `would be named ${quote(other.metadata.name)}, as claim ${keyOf(refOf(other))} is: leave it out, or make a claim of another name`,
    },
  ];
}

/** Whether `claim` bears the name that the pooler of `other` has, which asks for one. */
function isPoolerOf(claim: Claim, other: Claim): boolean {
  return (
    other.spec.pooler !== undefined &&
    claim.metadata.namespace === other.metadata.namespace &&
    claim.metadata.name === poolerName(other.metadata.name)
  );
}

/** The claim's own Secrets that are another's; `why` says whose. */
function faultsOf(claim: Claim, isTaken: (ref: Ref) => boolean, why: string): readonly Violation[] {
  return writtenRefs(claim)
    .filter(({ ref }) => isTaken(ref))
    .map(({ field, ref }) => ({
      field,
      problem: `asks for Secret ${keyOf(ref)}, which ${why}: use another name`,
    }));
}

function isOperatorSecretOf(ref: Ref, claim: Claim): boolean {
  return (
    ref.namespace === claim.metadata.namespace && operatorSecretNames(claim).includes(ref.name)
  );
}
