/** Whether a Cluster's volumes are as large as asked for. CNPG 1.30 says it nowhere but in its log if they cannot be (recordings, 03). */
import type { KubeObject } from "../../kubernetes/objects";
import { isLess } from "../../kubernetes/quantity";
import type { Growth, Search } from "../operator";
import type { Cluster } from "./cluster";
import { volumeClaimResource, type VolumeClaim } from "../diagnosis/evidence";
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
  const [smallest] = evidenceOf(database, found)
    .volumes.filter(isData)
    .filter(volume => isLess(capacityOf(volume), wanted))
    .sort((a, b) => (isLess(capacityOf(a), capacityOf(b)) ? -1 : 1));
  if (!smallest) return undefined;
  return {
    volume: smallest.metadata.name,
    has: capacityOf(smallest),
    wanted,
    storageClass: smallest.spec?.storageClassName,
    isAskedFor: !isLess(smallest.spec?.resources?.requests?.storage ?? "0", wanted),
  };
}

/** A volume that is there. The write-ahead log and tablespaces may have volumes of sizes of their own. */
function isData({ metadata, status }: VolumeClaim): boolean {
  const isThere = status?.capacity?.storage !== undefined;
  return metadata.labels?.["cnpg.io/pvcRole"] === "PG_DATA" && isThere;
}

function capacityOf({ status }: VolumeClaim): string {
  return status?.capacity?.storage ?? "0";
}
