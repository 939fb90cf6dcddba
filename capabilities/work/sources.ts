/** Every source that is watched, how much of its objects is kept, and which claims they concern. */
import { watches as backupWatches } from "../backup/watches";
import type { AnyClaim } from "../claim/claim";
import { claimsOfLabels } from "../claim/labels";
import { claimResources, classResource, fieldManager, labels } from "../claim/names";
import { secretResource, type KubeObject, type Secret } from "../kubernetes/objects";
import { withoutBookkeeping, withoutValues } from "../kubernetes/projection";
import { operators } from "../operator/operators";
import type { ClaimsOfObject } from "./claims-of";
import type { Source } from "./source";

/** The module's own kinds; claims are found again by `words`. */
export function ownSources(words: (claim: AnyClaim) => readonly string[]): readonly Source[] {
  return [
    ...claimResources.map(resource => ({
      resource,
      keep: lean,
      index: (claim: KubeObject) => words(claim as AnyClaim),
    })),
    { resource: classResource, keep: lean },
  ];
}

function lean(object: KubeObject): KubeObject {
  return withoutBookkeeping(object, fieldManager);
}

/** What is watched for claims, each with the claims that an object of it concerns. */
export function watchedSources(
  fingerprinted: (secret: Secret) => Secret,
  areKnown: (refs: ReturnType<ClaimsOfObject>) => boolean,
): readonly (readonly [Source, ClaimsOfObject])[] {
  const connections: Source = {
    resource: secretResource,
    labelSelector: labels.claimUid,
    keep: secret => fingerprinted(lean(secret) as Secret),
    index: ({ metadata }) => [`${labels.claimUid}=${metadata.labels?.[labels.claimUid] ?? ""}`],
  };
  const watched = [...Object.values(operators).flatMap(({ watches }) => watches), ...backupWatches];
  return [
    [connections, claimsOfLabels],
    ...watched.map(({ claimsOf, keep, ...selected }): readonly [Source, ClaimsOfObject] => {
      const kept = (object: KubeObject): KubeObject => {
        // Credentials of a database that is not a claim's are none of the module's business.
        const isAnyones =
          selected.resource === secretResource && !areKnown(claimsOf(object, undefined));
        return keep(lean(isAnyones ? withoutValues(object) : object));
      };
      return [{ ...selected, keep: kept }, claimsOf];
    }),
  ];
}
