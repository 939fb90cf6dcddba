/** Claims as they are in a cluster, and what can be said of each. */
import {
  conditionIn,
  externalCredentials,
  type Claim,
  type ClaimCondition,
} from "../../capabilities/claim/claim";
import { claimResource } from "../../capabilities/claim/names";
import { type Ref, keyOf, refOf } from "../../capabilities/kubernetes/objects";
import { isRecord } from "../../capabilities/claim/schema";
import { CommandFailure, exitCodes } from "../command";
import type { Access } from "./kubeconfig";
import { read } from "./reading";

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

export function unknownKind({ server }: Access): CommandFailure {
  return new CommandFailure(
    exitCodes.unavailable,
    `${server} does not know PostgresInstance: is the module installed? (zero-touch-postgres crds prints the definitions)`,
  );
}

export function notThere(ref: Ref): CommandFailure {
  return new CommandFailure(exitCodes.refused, `there is no claim ${keyOf(ref)}`);
}

export function readyCondition({ status }: Claim): ClaimCondition | undefined {
  return conditionIn(status, "Ready");
}

/** What the claim waits for, in its own words; nothing if it is ready. Said of an older generation it counts for nothing. */
export function waitsFor(claim: Claim): string {
  const ready = readyCondition(claim);
  if (claim.metadata.deletionTimestamp !== undefined) return ready?.message ?? "being deleted";
  if (!ready || !isCurrent(claim)) return "the module to take note of it";
  return ready.status === "True" ? "" : `${ready.reason}: ${ready.message}`;
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
