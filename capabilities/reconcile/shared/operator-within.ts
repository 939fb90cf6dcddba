/** An instance as an operator of databases: what runs them for the claims that have one in it. */
import type { AnyClaim } from "../../claim/claim";
import type { DatabaseClaim } from "../../claim/database";
import { nameLabels } from "../../claim/labels";
import { isSameRef, refOf, type KubeObject, type Ref, type Secret } from "../../kubernetes/objects";
import type { Standing } from "../../kubernetes/owners";
import type { CredentialSecrets, Operator, SharedDatabases } from "../../operator/operator";
import { isOurs } from "../connection/connection-secret";
import type { Plan } from "../plan";

export type Host = {
  /** The plan of the instance. */
  readonly plan: Plan;
  /** The operator's object of the instance. */
  readonly found: KubeObject | undefined;
  readonly shared: SharedDatabases;
};

/** The database of a claim within the instance. */
export type Guest = {
  readonly claim: DatabaseClaim;
  /** The object that stands for it. */
  readonly database: KubeObject;
  /** The Secret with its password. */
  readonly secret: Ref;
  readonly proofOf: (place: Ref) => string;
};

/** Credentials, endpoint and certificate are of the instance; database and role are the claim's. */
export function operatorWithin({ plan, found, shared }: Host, guest: Guest): Operator {
  const { operator, claim, chosen } = plan;
  return {
    ...operator,
    objects: {
      ...operator.objects,
      resource: shared.database,
      ref: () => refOf(guest.database),
      desired: () => guest.database,
      retaining: desired => desired,
      standing: standingByName,
      optional: () => [],
      endpoint: () => operator.objects.endpoint(claim, chosen),
      pooledEndpoint: () => operator.objects.pooledEndpoint(claim, chosen),
    },
    credentials: credentialsWithin(operator.credentials, found, guest),
    witnesses: () => [],
    health: shared.health,
    running: () => {
      const { version } = claim.status ?? {};
      return version === undefined ? {} : { version };
    },
  };
}

function credentialsWithin(
  credentials: CredentialSecrets,
  found: KubeObject | undefined,
  { claim, secret, proofOf }: Guest,
): CredentialSecrets {
  return {
    ...credentials,
    ref: () => secret,
    isProven: one => {
      const ref = refOf(one);
      if (isSameRef(ref, secret)) return isPassword(one, claim, proofOf);
      return found !== undefined && credentials.isProven(one, found);
    },
    authority: () => found && credentials.authority(found),
  };
}

/** Whether the module made this Secret for the claim's role: who may write Secrets there may copy its labels. */
export function isPassword(
  secret: Secret,
  claim: AnyClaim,
  proofOf: (place: Ref) => string,
): boolean {
  return isOurs(secret, claim, proofOf(passwordPlace(refOf(secret))));
}

/** What is signed for the Secret with a password: not what a connection secret at the same place would bear. */
export function passwordPlace({ name, namespace }: Ref): Ref {
  return { name: `password ${name}`, namespace };
}

/**
 * Whose an object is that no owner reference can prove, since its claim may be in another namespace. Whoever may write one rules the
 * instance anyway. A claim of the same kind, namespace and name takes over what an earlier one left: there is never more than one.
 */
export function standingByName({ metadata }: KubeObject, claim: KubeObject): Standing {
  const isTheirs = Object.entries(nameLabels(claim)).every(
    ([name, value]) => metadata.labels?.[name] === value,
  );
  if (!isTheirs) return "foreign";
  return metadata.deletionTimestamp === undefined ? "ours" : "deleting";
}
