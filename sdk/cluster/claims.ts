/** Claims as they are in a cluster, and what can be said of each. */
import {
  conditionIn,
  externalCredentials,
  isInstanceClaim,
  type AnyClaim,
  type ClaimCondition,
} from "../../capabilities/claim/claim";
import type { ClaimRef } from "../../capabilities/claim/labels";
import {
  claimKind,
  claimResourceOf,
  claimResources,
  group,
  version,
} from "../../capabilities/claim/names";
import { type Ref, keyOf, refOf } from "../../capabilities/kubernetes/objects";
import { isRecord } from "../../capabilities/kubernetes/record";
import { explanations, type Explanation } from "../../capabilities/reconcile/reasons";
import { NotFoundError, NotInstalledError, type ToldByClaim } from "../errors";
import type { Access } from "./access";
import { read } from "./requests";

const base = `/apis/${group}/${version}`;

/** Of one claim, or without a name of all; without a namespace of all in the cluster. */
export function pathOf({ kind, name, namespace }: ClaimRef): string {
  const { plural } = claimResourceOf(kind);
  const parts = [...(namespace === "" ? [] : ["namespaces", namespace]), plural, name];
  return [base, ...parts.filter(part => part !== "").map(encodeURIComponent)].join("/");
}

/** The claim of this name; undefined if there is none. Throws if the cluster does not know claims at all. */
export async function claimAt(access: Access, ref: ClaimRef): Promise<AnyClaim | undefined> {
  const { code, body } = await read(access, pathOf(ref));
  if (code !== 404) return body as AnyClaim;
  // The API server says "the server could not find the requested resource" of a kind that it does not know.
  if (isRecord(body) && isRecord(body.details) && body.details.name === ref.name) return undefined;
  throw unknownKind(access, ref.kind);
}

/** The same where there must be one. Throws NotFoundError where there is none. */
export async function existingClaim(access: Access, ref: ClaimRef): Promise<AnyClaim> {
  const claim = await claimAt(access, ref);
  if (!claim) throw notThere(ref);
  return claim;
}

export function unknownKind({ server }: Access, kind = claimKind): NotInstalledError {
  return new NotInstalledError(
    `${server} does not know ${kind}: is the module installed? (zero-touch-postgres crds prints the definitions)`,
  );
}

export function notThere(ref: Ref): NotFoundError {
  return new NotFoundError(`there is no claim ${keyOf(ref)}`);
}

export function readyCondition({ status }: AnyClaim): ClaimCondition | undefined {
  return conditionIn(status, "Ready");
}

/** The claim of this name and kind, such as `orders` or, as kubectl has it, `pgdb/orders`. */
export function claimNamed(text: string, namespace: string): ClaimRef | undefined {
  const [word, name, ...more] = text.includes("/") ? text.split("/") : ["pgi", text];
  const kind = kindsByWord[word?.toLowerCase() ?? ""];
  return kind && name && more.length === 0 ? { kind, name, namespace } : undefined;
}

/** As kubectl takes them: https://kubernetes.io/docs/reference/kubectl/#resource-types */
const kindsByWord: Readonly<Record<string, string>> = Object.fromEntries(
  claimResources.flatMap(({ kind, plural }) =>
    [kind.toLowerCase(), plural, kind === claimKind ? "pgi" : "pgdb"].map(word => [word, kind]),
  ),
);

/** What the claim waits for, in its own words; nothing if it is ready. Said of an older generation it counts for nothing. */
export function waitsFor(claim: AnyClaim): string {
  const ready = readyCondition(claim);
  if (claim.metadata.deletionTimestamp !== undefined) {
    // What was said before the deletion says nothing of it.
    return ready?.reason === "Deleting" ? ready.message : "its deletion";
  }
  if (!ready || !isCurrent(claim)) return "the module to take note of it";
  return ready.status === "True" ? "" : `${ready.reason}: ${ready.message}`;
}

/** Whether somebody has to act before the claim can get ready, as it says of itself now. */
export function isStalled(claim: AnyClaim): boolean {
  return isCurrent(claim) && conditionIn(claim.status, "Stalled")?.status === "True";
}

/** Why the claim is not ready, for programs and with what to do; nothing where it is. */
export function toldBy(claim: AnyClaim): ToldByClaim {
  const ready = readyCondition(claim);
  if (!ready || ready.status === "True") return {};
  return { reason: ready.reason, remedy: remedyOf(ready.reason) };
}

function remedyOf(reason: string): string | undefined {
  const known: Readonly<Record<string, Explanation>> = explanations;
  return Object.hasOwn(known, reason) ? known[reason]?.remedy : undefined;
}

export function isReady(claim: AnyClaim): boolean {
  return (
    claim.metadata.deletionTimestamp === undefined &&
    isCurrent(claim) &&
    readyCondition(claim)?.status === "True"
  );
}

function isCurrent({ metadata, status }: AnyClaim): boolean {
  return status?.observedGeneration === metadata.generation;
}

/** Where the claim's applications find their credentials. */
export function secretOf(claim: AnyClaim): Ref | undefined {
  const { connectionSecretRef, binding } = claim.status ?? {};
  if (connectionSecretRef) {
    return { name: connectionSecretRef.name, namespace: connectionSecretRef.namespace };
  }
  if (binding) return { name: binding.name, namespace: refOf(claim).namespace };
  return isReady(claim) && isInstanceClaim(claim) ? externalCredentials(claim) : undefined;
}
