/** Whether volumes are as large as asked for. */
import { isLess } from "../../kubernetes/quantity";
import type { Growth } from "../operator";
import type { VolumeClaim } from "./evidence";

/** The smallest of these volumes that are there, if it is smaller than wanted; undefined where none is. */
export function growthOf(volumes: readonly VolumeClaim[], wanted: string): Growth | undefined {
  const [smallest] = volumes
    .filter(({ status }) => status?.capacity?.storage !== undefined)
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

function capacityOf({ status }: VolumeClaim): string {
  return status?.capacity?.storage ?? "0";
}
