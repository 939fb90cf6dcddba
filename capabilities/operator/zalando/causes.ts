/** What holds a database of Zalando's operator up: its status says nothing but "Creating" meanwhile (recordings, 07-stuck). */
import type { KubeObject } from "../../kubernetes/objects";
import { causeIn, silentIn } from "../diagnosis/causes";
import type { Cause } from "../operator";
import { evidenceOf } from "./evidence";
import { statusOf } from "./health";

export function cause(database: KubeObject, found: readonly KubeObject[]): Cause | undefined {
  return causeIn(evidenceOf(database, found)) ?? operatorSilent(database, found);
}

export function suspects(
  database: KubeObject,
  found: readonly KubeObject[],
): readonly KubeObject[] {
  return silentIn(evidenceOf(database, found));
}

function operatorSilent(database: KubeObject, found: readonly KubeObject[]): Cause | undefined {
  const { sets } = evidenceOf(database, found);
  if (sets.length > 0 || statusOf(database) !== undefined) return undefined;
  return {
    reason: "OperatorSilent",
    message:
      "Zalando's operator has not acted on the postgresql yet; check that it runs and watches this namespace. It serves few databases at a time: one that hangs holds others up",
  };
}
