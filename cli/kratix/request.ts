/** From a request to the Promise to the claim that it stands for, judged as any claim is. */
import type { PostgresClass } from "../../capabilities/claim/class";
import { defaultClass } from "../../capabilities/claim/class";
import { given } from "../../capabilities/kubernetes/given";
import { apiVersionOf, type Ref } from "../../capabilities/kubernetes/objects";
import {
  annotations,
  claimKind,
  group,
  identifierOf,
  version,
} from "../../capabilities/claim/names";
import { isRecord, quote, schemaFaults } from "../../capabilities/claim/schema";
import type { Violation } from "../../capabilities/claim/violation";
import { requestResource } from "../../capabilities/reconcile/request-health";
import type { Plan } from "../../capabilities/reconcile/plan";
import { outcomeOf } from "../review/claims";
import type { Fields } from "../review/kinds";
import { choicesOf, type Choices } from "./choices";
import { madeBefore, placeOf } from "./place";
import { promiseName, requestSpecSchema, type RequestSpec } from "./request-schema";

/** The claim of a request, what becomes of it, and what its class says about Kratix. */
export type Rendered = { readonly claim: Fields; readonly plan: Plan; readonly choices: Choices };

/** What a request comes to. */
export type Answer = Rendered | { readonly faults: readonly Violation[] };

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
  const spec = request.spec as RequestSpec;
  const made = madeBefore(request);
  const className =
    spec.className ?? (made ? made.className : defaultClass(classes)?.metadata.name);
  const choices = choicesOf(classNamed(className, classes) ?? defaultClass(classes));
  const place = placeOf(request, spec, made, choices);
  const refused = [...place.faults, ...emissionFaults(spec, choices)];
  if (refused.length > 0) return { faults: refused };
  const claim = claimOf(spec, place.ref, {
    className,
    marks: made && !made.isMarked ? undefined : marksOf(request),
  });
  const { plan, faults: ofClaim } = outcomeOf(claim, classes, []);
  return plan ? { claim, plan, choices } : { faults: ofClaim.map(asOfRequest) };
}

function classNamed(
  name: string | undefined,
  classes: readonly PostgresClass[],
): PostgresClass | undefined {
  return classes.find(({ metadata }) => metadata.name === name);
}

/**
 * Who made the claim, for the module in the destination: another request, or a person, cannot take it over then; and of which
 * generation it is, so that what is said of its health is said of that one.
 */
function marksOf({ metadata }: Fields): Readonly<Record<string, string>> {
  const { name, namespace = "default", generation } = isRecord(metadata) ? metadata : {};
  const isKnown = typeof generation === "number";
  return {
    [annotations.kratixRequest]: [promiseName, namespace, name].map(String).join("/"),
    ...(isKnown ? { [annotations.kratixRequestGeneration]: String(generation) } : {}),
  };
}

/** Without the module nobody writes a connection secret. */
function emissionFaults({ connectionSecretName }: RequestSpec, { emit }: Choices): Violation[] {
  if (connectionSecretName === undefined || emit === "claim") return [];
  const field = "spec.connectionSecretName";
  return [
    {
      field,
      problem:
        "is not to be had with this class, whose databases are run by the operator alone: leave it out, and use the operator's own Secret",
    },
  ];
}

function kindFaults({ apiVersion, kind }: Fields): readonly Violation[] {
  const expected = { apiVersion: apiVersionOf(requestResource), kind: requestResource.kind };
  return Object.entries({ apiVersion, kind })
    .filter(([field, found]) => found !== expected[field as keyof typeof expected])
    .map(([field, found]) => ({
      field,
      problem: `is ${typeof found === "string" ? quote(found) : typeof found}, but must be ${quote(expected[field as keyof typeof expected])}`,
    }));
}

/** What a claim has that no field of the request says. */
type Given = {
  readonly className: string | undefined;
  /** Which request it is of; none where the build before this one has made the claim. */
  readonly marks: Readonly<Record<string, string>> | undefined;
};

/**
 * Only what was asked for: what is left out, the destination fills in and keeps. With a class of the pipeline's the claim names
 * it, since the destination may have another default.
 */
function claimOf(spec: RequestSpec, ref: Ref, { className, marks }: Given): Fields {
  const { database, size = "small", ...asked } = spec;
  const identifier = identifierOf(database);
  const notOfClaim = ["namespace", "className"];
  const rest = Object.entries(asked).filter(([field]) => !notOfClaim.includes(field));
  return {
    apiVersion: `${group}/${version}`,
    kind: claimKind,
    metadata: {
      ...ref,
      ...given({ annotations: marks }),
    },
    spec: {
      size,
      ...given({ className }),
      ...Object.fromEntries(rest),
      databaseName: identifier,
      databaseOwner: identifier,
    },
  };
}

function asOfRequest({ field, problem }: Violation): Violation {
  return { field: requestFields[field] ?? field, problem };
}
