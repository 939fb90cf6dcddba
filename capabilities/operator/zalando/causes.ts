/** What holds a database of Zalando's operator up: its status says nothing but "Creating" meanwhile (recordings, 07-stuck). */
import type { KubeObject } from "../../kubernetes/objects";
import { causeIn, eventsOn, silentIn } from "../diagnosis/causes";
import type { Evidence } from "../diagnosis/evidence";
import { fitWords } from "../diagnosis/words";
import type { Cause } from "../operator";
import { evidenceOf } from "./evidence";
import { hasFailed, statusOf } from "./health";
import { postgresqlResource } from "./names";

export function cause(database: KubeObject, found: readonly KubeObject[]): Cause | undefined {
  const evidence = evidenceOf(database, found);
  return (
    causeIn(evidence) ?? operatorFailed(database, evidence) ?? operatorSilent(database, evidence)
  );
}

export function suspects(
  database: KubeObject,
  found: readonly KubeObject[],
): readonly KubeObject[] {
  const silent = silentIn(evidenceOf(database, found));
  return hasFailed(database) ? [database, ...silent] : silent;
}

/** Its status is one word; why, only its events say. */
function operatorFailed(database: KubeObject, evidence: Evidence): Cause | undefined {
  if (!hasFailed(database)) return undefined;
  const said = eventsOn(evidence, postgresqlResource.kind);
  const latest = said.find(({ type }) => type === "Warning");
  if (!latest) return undefined;
  return {
    reason: "OperatorFailed",
    message: `Zalando's operator says ${statusOf(database) ?? ""}: ${fitWords(latest.message ?? "")}`,
  };
}

function operatorSilent(database: KubeObject, { sets }: Evidence): Cause | undefined {
  if (sets.length > 0 || statusOf(database) !== undefined) return undefined;
  return {
    reason: "OperatorSilent",
    message:
      "Zalando's operator has not acted on the postgresql yet; check that it runs and watches this namespace. It serves few databases at a time: one that hangs holds others up",
  };
}
