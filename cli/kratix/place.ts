/**
 * Where the claim of a request goes, and under which name. Two requests never make one object: a tenant would reach the database of
 * another, and two files for one object stop the GitOps agent of the whole destination.
 */
import { createHash } from "node:crypto";
import type { Ref } from "../../capabilities/kubernetes/objects";
import { textIn } from "../../capabilities/kubernetes/record";
import { isRecord, quote } from "../../capabilities/claim/schema";
import type { Violation } from "../../capabilities/claim/violation";
import type { Fields } from "../review/kinds";
import { kratixAnnotations, type Choices } from "./choices";
import type { RequestSpec } from "./request-schema";

/** What an earlier run made of the request: what a claim got when it was made stays. */
export type Made = {
  readonly name: string;
  readonly namespace: string;
  /** Undefined where the destination has chosen it. */
  readonly className: string | undefined;
  /** Whether the claim says which request made it. Those of the build before this one do not, and stay so. */
  readonly isMarked: boolean;
};

export type Place = { readonly ref: Ref; readonly faults: readonly Violation[] };

/** Digits of a name that tell apart requests of one name from different namespaces. */
const digits = 10;
const derived = new RegExp(`--[0-9a-f]{${digits}}$`);

/** What the request's own status says of earlier runs; undefined where there was none. */
export function madeBefore({ metadata, status }: Fields): Made | undefined {
  const { claim, connectionDetails } = isRecord(status) ? status : {};
  if (isRecord(claim)) {
    return {
      ...refIn(claim),
      className: textIn(claim, "className"),
      isMarked: claim.isMarked === true,
    };
  }
  const { secretRef } = isRecord(connectionDetails) ? connectionDetails : {};
  if (!isRecord(secretRef)) return undefined;
  const { name } = refIn(metadata);
  const { namespace } = refIn(secretRef);
  return { name, namespace, className: undefined, isMarked: false };
}

/** In the request's own namespace under its own name; in another, if the class allows that, under one that no other request gets. */
export function placeOf(
  { metadata }: Fields,
  { namespace: wanted }: RequestSpec,
  made: Made | undefined,
  { namespaces }: Choices,
): Place {
  const { name: asked, namespace: home } = refIn(metadata);
  const namespace = wanted ?? home;
  if (namespace === home) {
    const isTaken = derived.test(asked) && made === undefined;
    return { ref: { name: asked, namespace }, faults: isTaken ? [derivedFault(asked)] : [] };
  }
  return {
    ref: { name: nameElsewhere(asked, home, made), namespace },
    faults: namespaces.includes(namespace) ? [] : [foreignFault(namespace, home)],
  };
}

function refIn(value: unknown): Ref {
  return { name: textIn(value, "name") ?? "", namespace: textIn(value, "namespace") ?? "default" };
}

/** Under its own name stays what the build before this one has made: under another it would be another database. */
function nameElsewhere(asked: string, home: string, made: Made | undefined): string {
  if (made?.name === asked && made.namespace !== home) return asked;
  const digest = createHash("sha256").update(`${home}/${asked}`).digest("hex");
  return `${asked}--${digest.slice(0, digits)}`;
}

function derivedFault(name: string): Violation {
  return {
    field: "metadata.name",
    problem: `is ${quote(name)}, but names that end in -- and ${digits} hexadecimal digits are for databases of requests in other namespaces: use another`,
  };
}

function foreignFault(namespace: string, home: string): Violation {
  return {
    field: "spec.namespace",
    problem: `is ${quote(namespace)}, but requests in namespace ${quote(home)} have their databases in ${quote(home)}: leave it out, or ask the platform team to allow it (annotation ${kratixAnnotations.namespaces} of the class)`,
  };
}
