/** What lies around a `postgresql`. Nothing of it has an owner reference to the object: labels and names tell. */
import { refOf, type KubeObject, type Resource } from "../../kubernetes/objects";
import {
  eventsAmong,
  podResource,
  statefulSetResource,
  volumeClaimResource,
  type Evidence,
  type Pod,
  type VolumeClaim,
} from "../diagnosis/evidence";
import { growthOf } from "../diagnosis/growth";
import type { Growth, Search } from "../operator";
import { clusterLabel, operatorLabel } from "./names";
import type { Postgresql } from "./postgresql";

/** Kubernetes labels the pods of a StatefulSet with it. */
const instanceLabel = "statefulset.kubernetes.io/pod-name";

/** Three lists of a few objects each. */
export function searches(database: KubeObject): readonly Search[] {
  return [podResource, volumeClaimResource, statefulSetResource].map(resource =>
    searchFor(resource, database),
  );
}

export function volumeSearches(database: KubeObject): readonly Search[] {
  return [searchFor(volumeClaimResource, database)];
}

function searchFor(resource: Resource, database: KubeObject): Search {
  const { name, namespace } = refOf(database);
  const labelSelector = `${operatorLabel.name}=${operatorLabel.value},${clusterLabel}=${name}`;
  return { resource, namespace, labelSelector };
}

/** Labels may be anyone's, but pods of the StatefulSet and volume claims by the names that its controller gives are its own. */
export function evidenceOf(database: KubeObject, found: readonly KubeObject[]): Evidence {
  const { name } = database.metadata;
  const set = found.find(({ kind, metadata }) => kind === "StatefulSet" && metadata.name === name);
  const ofKind = (kind: string): readonly KubeObject[] => found.filter(one => one.kind === kind);
  const isOfSet = ({ metadata }: Pod): boolean =>
    (metadata.ownerReferences ?? []).some(({ uid }) => uid === set?.metadata.uid);
  const isVolume = ({ metadata }: VolumeClaim): boolean =>
    metadata.name.startsWith(`pgdata-${name}-`);
  return {
    jobs: [],
    sets: set ? [set] : [],
    pods: ofKind(podResource.kind).filter(isOfSet),
    volumes: ofKind(volumeClaimResource.kind).filter(isVolume),
    events: eventsAmong(found),
    instanceLabel,
  };
}

/** The smallest volume, if it is smaller than desired. */
export function growth(
  database: KubeObject,
  desired: KubeObject,
  found: readonly KubeObject[],
): Growth | undefined {
  const { size } = (desired as Postgresql).spec.volume;
  return growthOf(evidenceOf(database, found).volumes, size);
}
