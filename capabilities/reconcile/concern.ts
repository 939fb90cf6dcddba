/** Which claims an object concerns. Labels may be changed by hand, so those that it had before count as well. */
import type { KubeObject, Ref } from "../claim/kubernetes";
import { isSameRef, labels } from "../claim/names";

type Labelled = Pick<KubeObject, "metadata">;

/** Of what the module has made: a connection secret, an optional object. */
export function claimsOfLabels(object: Labelled, before: Labelled | undefined): readonly Ref[] {
  return claimsOf([object, before], marks => ({
    name: marks[labels.claimName] ?? "",
    namespace: marks[labels.claimNamespace] ?? "",
  }));
}

/** Of the operator's own Secrets, https://cloudnative-pg.io/documentation/1.30/labels_annotations/ */
export function claimsOfCredentials(
  secret: Labelled,
  before: Labelled | undefined,
): readonly Ref[] {
  const { namespace = "" } = secret.metadata;
  return claimsOf([secret, before], marks => ({ name: marks["cnpg.io/cluster"] ?? "", namespace }));
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
