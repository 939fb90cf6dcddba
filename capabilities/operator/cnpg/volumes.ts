/** Whether a Cluster's volumes are as large as asked for. CNPG 1.30 says it nowhere but in its log if they cannot be (recordings, 03). */
import type { KubeObject } from "../../kubernetes/objects";
import type { Growth, Search } from "../operator";
import type { Cluster } from "./cluster";
import { volumeClaimResource, type VolumeClaim } from "../diagnosis/evidence";
import { growthOf } from "../diagnosis/growth";
import { evidenceOf, searches } from "./evidence";

/** One list, of as many volume claims as there are instances, or a few more. */
export function volumeSearches(database: KubeObject): readonly Search[] {
  return searches(database).filter(({ resource }) => resource === volumeClaimResource);
}

/** The smallest volume, if it is smaller than desired; undefined where none is. */
export function growth(
  database: KubeObject,
  desired: KubeObject,
  found: readonly KubeObject[],
): Growth | undefined {
  const wanted = (desired as Cluster).spec.storage.size;
  return growthOf(evidenceOf(database, found).volumes.filter(isData), wanted);
}

/** The write-ahead log and tablespaces may have volumes of sizes of their own. */
function isData({ metadata }: VolumeClaim): boolean {
  return metadata.labels?.["cnpg.io/pvcRole"] === "PG_DATA";
}
