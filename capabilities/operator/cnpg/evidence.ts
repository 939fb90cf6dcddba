/** How to find what lies around a Cluster: CNPG labels all of it. */
import { refOf, type KubeObject } from "../../kubernetes/objects";
import {
  evidenceAround,
  jobResource,
  podResource,
  volumeClaimResource,
  type Evidence,
} from "../diagnosis/evidence";
import type { Search } from "../operator";

/** https://cloudnative-pg.io/documentation/1.30/labels_annotations/ */
const instanceLabel = "cnpg.io/instanceName";

/** Three lists, each of a few objects: pods and volumes are as many as instances. */
export function searches(database: KubeObject): readonly Search[] {
  const { name, namespace } = refOf(database);
  return [podResource, volumeClaimResource, jobResource].map(resource => ({
    resource,
    namespace,
    labelSelector: `cnpg.io/cluster=${name}`,
  }));
}

/** What was found, by kind. */
export function evidenceOf(database: KubeObject, found: readonly KubeObject[]): Evidence {
  return evidenceAround(database, found, instanceLabel);
}
