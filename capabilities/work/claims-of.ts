/** Which claims an object concerns. Labels may be changed by hand, so those that it had before count as well. */
import { externalCredentials, type Claim } from "../claim/claim";
import { type KubeObject, type Ref, type Resource, isSameRef, refOf } from "../kubernetes/objects";
import { labels } from "../claim/names";

type Labelled = Pick<KubeObject, "metadata">;

/** Of what the module has made: a connection secret, an optional object. */
export function claimsOfLabels(object: Labelled, before: Labelled | undefined): readonly Ref[] {
  return claimsOf([object, before], marks => ({
    name: marks[labels.claimName] ?? "",
    namespace: marks[labels.claimNamespace] ?? "",
  }));
}

/**
 * Of credentials, which CNPG follows by one label whoever made them. Its own say of which Cluster they are
 * (https://cloudnative-pg.io/documentation/1.30/labels_annotations/); those that users bring concern the claims that name them.
 */
export function claimsOfFollowed(
  secret: Labelled,
  before: Labelled | undefined,
  claims: () => readonly Claim[],
): readonly Ref[] {
  const { namespace = "" } = secret.metadata;
  const made = claimsOf([secret, before], marks => ({
    name: marks["cnpg.io/cluster"] ?? "",
    namespace,
  }));
  return made.length > 0
    ? made
    : claims()
        .filter(claim => isNamedBy(claim, secret))
        .map(refOf);
}

/** Of what an operator made for an object of the claim's name, as the owner reference says. */
export function claimsOfOwner({ metadata }: Labelled, { kind }: Resource): readonly Ref[] {
  const { namespace = "", ownerReferences = [] } = metadata;
  return ownerReferences
    .filter(owner => owner.kind === kind && owner.controller === true)
    .map(({ name }) => ({ name, namespace }));
}

function isNamedBy(claim: Claim, { metadata: { name, namespace = "" } }: Labelled): boolean {
  const named = externalCredentials(claim);
  return named !== undefined && isSameRef(named, { name, namespace });
}

function claimsOf(
  states: readonly (Labelled | undefined)[],
  claimOf: (marks: Readonly<Record<string, string>>) => Ref,
): readonly Ref[] {
  const claims = states
    .map(state => claimOf(state?.metadata.labels ?? {}))
    .filter(({ name }) => name !== "");
  return claims.filter(
    (claim, index) => claims.findIndex(other => isSameRef(other, claim)) === index,
  );
}
