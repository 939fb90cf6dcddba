/**
 * What holds a Cluster up. With CNPG 1.30 a missing image, a pod that fits nowhere and a missing StorageClass all look like
 * "Setting up primary", for ever: only pods, volume claims, Jobs and their events tell (recordings, 20 to 22).
 */
import type { KubeObject } from "../../kubernetes/objects";
import { causeIn, silentIn } from "../diagnosis/causes";
import type { Evidence } from "../diagnosis/evidence";
import type { Cause } from "../operator";
import { evidenceOf } from "./evidence";
import { upgradeFailed, withoutGivenUp } from "./upgrade";

/** The gravest cause in what was found around the Cluster. */
export function cause(database: KubeObject, found: readonly KubeObject[]): Cause | undefined {
  const evidence = withoutGivenUp(database, evidenceOf(database, found));
  return (
    upgradeFailed(database, evidence) ?? causeIn(evidence) ?? operatorSilent(database, evidence)
  );
}

/** Whose events are asked for. */
export function suspects(
  database: KubeObject,
  found: readonly KubeObject[],
): readonly KubeObject[] {
  return silentIn(evidenceOf(database, found));
}

/** The operator always makes something within a second; if it is away, nobody says so. */
function operatorSilent(database: KubeObject, found: Evidence): Cause | undefined {
  const { status } = database as KubeObject & { readonly status?: { readonly phase?: string } };
  const isTouched = [found.pods, found.volumes, found.jobs].some(({ length }) => length > 0);
  if (isTouched || status?.phase !== undefined) return undefined;
  return {
    reason: "OperatorSilent",
    message:
      "CloudNativePG has not acted on the Cluster yet; check that the operator runs and watches this namespace",
  };
}
