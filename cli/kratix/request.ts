/** From a request to the Promise to the claim that it stands for, judged as any claim is. */
import type { PostgresClass } from "../../capabilities/claim/class";
import { defaultClass } from "../../capabilities/claim/class";
import { given } from "../../capabilities/kubernetes/given";
import { claimKind, group, identifierOf, version } from "../../capabilities/claim/names";
import { isRecord, quote, schemaFaults } from "../../capabilities/claim/schema";
import type { Violation } from "../../capabilities/claim/violation";
import type { Plan } from "../../capabilities/reconcile/plan";
import { outcomeOf } from "../review/claims";
import type { Fields } from "../review/kinds";
import {
  requestGroup,
  requestKind,
  requestSpecSchema,
  requestVersion,
  type RequestSpec,
} from "./request-schema";

/** What a request comes to. */
export type Answer =
  | { readonly claim: Fields; readonly plan: Plan }
  | { readonly faults: readonly Violation[] };

/** Names of a request's fields, by those of the claim. */
const requestFields: Readonly<Record<string, string>> = {
  "spec.databaseName": "spec.database",
  "spec.databaseOwner": "spec.database",
  "metadata.namespace": "spec.namespace",
};

/** The claim of a request and what becomes of it, or everything that is wrong with the request. */
export function answerTo(request: Fields, classes: readonly PostgresClass[]): Answer {
  const faults = [...kindFaults(request), ...schemaFaults(requestSpecSchema, request.spec, "spec")];
  if (faults.length > 0) return { faults };
  // The cast is what the check of the schema has earned.
  const claim = claimOf(request.metadata, request.spec as RequestSpec, defaultClass(classes));
  const { plan, faults: ofClaim } = outcomeOf(claim, classes, []);
  return plan ? { claim, plan } : { faults: ofClaim.map(asOfRequest) };
}

function kindFaults({ apiVersion, kind }: Fields): readonly Violation[] {
  const expected = { apiVersion: `${requestGroup}/${requestVersion}`, kind: requestKind };
  return Object.entries({ apiVersion, kind })
    .filter(([field, found]) => found !== expected[field as keyof typeof expected])
    .map(([field, found]) => ({
      field,
      problem: `is ${typeof found === "string" ? quote(found) : typeof found}, but must be ${quote(expected[field as keyof typeof expected])}`,
    }));
}

/**
 * Only what was asked for: what is left out, the destination fills in and keeps. With a class of the pipeline's the claim names
 * it, since the destination may have another default.
 */
function claimOf(metadata: unknown, spec: RequestSpec, chosen: PostgresClass | undefined): Fields {
  const { name, namespace } = isRecord(metadata) ? metadata : {};
  const { database, namespace: wanted, size = "small", ...rest } = spec;
  const identifier = identifierOf(database);
  return {
    apiVersion: `${group}/${version}`,
    kind: claimKind,
    metadata: { name, namespace: wanted ?? namespace ?? "default" },
    spec: {
      size,
      ...given({ className: chosen?.metadata.name }),
      ...rest,
      databaseName: identifier,
      databaseOwner: identifier,
    },
  };
}

function asOfRequest({ field, problem }: Violation): Violation {
  return { field: requestFields[field] ?? field, problem };
}
