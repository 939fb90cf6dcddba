/** Claims as they are in a cluster, and what can be said of each. */
import {
  conditionIn,
  externalCredentials,
  type Claim,
  type ClaimCondition,
} from "../../capabilities/claim/claim";
import { claimResource } from "../../capabilities/claim/names";
import { type Ref, keyOf, refOf } from "../../capabilities/kubernetes/objects";
import { isRecord } from "../../capabilities/kubernetes/record";
import { explanations, type Explanation } from "../../capabilities/reconcile/reasons";
import { NotFoundError, NotInstalledError, type ToldByClaim } from "../errors";
import type { Access } from "./access";
import { read } from "./requests";

const { group, version, plural } = claimResource;
const base = `/apis/${group}/${version}`;

export function pathOf({ name, namespace }: Ref): string {
  const parts = [...(namespace === "" ? [] : ["namespaces", namespace]), plural, name];
  return [base, ...parts.filter(part => part !== "").map(encodeURIComponent)].join("/");
}

/** The claim of this name; undefined if there is none. Throws if the cluster does not know claims at all. */
export async function claimAt(access: Access, ref: Ref): Promise<Claim | undefined> {
  const { code, body } = await read(access, pathOf(ref));
  if (code !== 404) return body as Claim;
  // The API server says "the server could not find the requested resource" of a kind that it does not know.
  if (isRecord(body) && isRecord(body.details) && body.details.name === ref.name) return undefined;
  throw unknownKind(access);
}

/** The same where there must be one. Throws NotFoundError where there is none. */
export async function existingClaim(access: Access, ref: Ref): Promise<Claim> {
  const claim = await claimAt(access, ref);
  if (!claim) throw notThere(ref);
  return claim;
}

export function unknownKind({ server }: Access): NotInstalledError {
  return new NotInstalledError(
    `${server} does not know PostgresInstance: is the module installed? (zero-touch-postgres crds prints the definitions)`,
  );
}

export function notThere(ref: Ref): NotFoundError {
  return new NotFoundError(`there is no claim ${keyOf(ref)}`);
}

export function readyCondition({ status }: Claim): ClaimCondition | undefined {
  return conditionIn(status, "Ready");
}

/** What the claim waits for, in its own words; nothing if it is ready. Said of an older generation it counts for nothing. */
export function waitsFor(claim: Claim): string {
  const ready = readyCondition(claim);
  if (claim.metadata.deletionTimestamp !== undefined) {
    // What was said before the deletion says nothing of it.
    return ready?.reason === "Deleting" ? ready.message : "its deletion";
  }
  if (!ready || !isCurrent(claim)) return "the module to take note of it";
  return ready.status === "True" ? "" : `${ready.reason}: ${ready.message}`;
}

/** Whether somebody has to act before the claim can get ready, as it says of itself now. */
export function isStalled(claim: Claim): boolean {
  return isCurrent(claim) && conditionIn(claim.status, "Stalled")?.status === "True";
}

/** Why the claim is not ready, for programs and with what to do; nothing where it is. */
export function toldBy(claim: Claim): ToldByClaim {
  const ready = readyCondition(claim);
  if (!ready || ready.status === "True") return {};
  return { reason: ready.reason, remedy: remedyOf(ready.reason) };
}

function remedyOf(reason: string): string | undefined {
  const known: Readonly<Record<string, Explanation>> = explanations;
  return Object.hasOwn(known, reason) ? known[reason]?.remedy : undefined;
}

export function isReady(claim: Claim): boolean {
  return (
    claim.metadata.deletionTimestamp === undefined &&
    isCurrent(claim) &&
    readyCondition(claim)?.status === "True"
  );
}

function isCurrent({ metadata, status }: Claim): boolean {
  return status?.observedGeneration === metadata.generation;
}

/** Where the claim's applications find their credentials. */
export function secretOf(claim: Claim): Ref | undefined {
  const { connectionSecretRef, binding } = claim.status ?? {};
  if (connectionSecretRef) {
    return { name: connectionSecretRef.name, namespace: connectionSecretRef.namespace };
  }
  if (binding) return { name: binding.name, namespace: refOf(claim).namespace };
  return isReady(claim) ? externalCredentials(claim) : undefined;
}
