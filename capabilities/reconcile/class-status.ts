/** What a class says of itself, written once for a burst of claims: never more often than every few seconds. */
import type { Claim } from "../claim/claim";
import {
  claimsOfClass,
  completeClass,
  isMarkedDefault,
  type ClassStatus,
  type PostgresClass,
} from "../claim/class";
import { isSame } from "../kubernetes/sameness";
import { once, type Again } from "./pace";

/** What the telling asks of the shell. */
export type ClassKube = {
  readonly found: (name: string) => PostgresClass | undefined;
  /** All claims that are remembered. */
  readonly claims: () => readonly Claim[];
  readonly setClassStatus: (found: PostgresClass, status: ClassStatus) => Promise<void>;
};

/** After the first change of a class or its claims, the status waits so many ms for more of them. */
export const burst = 3000;
/**
 * The work for a queue of class names: gives when to come back, if at all. Events are only noted; claims are counted when there may be
 * something to write.
 */
export function createClassTelling(
  kube: ClassKube,
  clock: () => number,
): (name: string) => Promise<Again | undefined> {
  const due = new Map<string, number>();
  return async name => {
    const now = clock();
    const at = due.get(name) ?? now + burst;
    due.set(name, at);
    if (at > now) return once(at - now);
    due.delete(name);
    const found = kube.found(name);
    if (!found) return undefined;
    const status = classStatus(found, kube.claims());
    if (!isSame(status, found.status)) await kube.setClassStatus(found, status);
    return undefined;
  };
}

export function classStatus(found: PostgresClass, claims: readonly Claim[]): ClassStatus {
  const { backend, versions } = completeClass(found);
  return {
    observedGeneration: found.metadata.generation ?? 0,
    backend,
    defaultVersion: versions.default,
    claims: claimsOfClass(found.metadata.name, claims, []).length,
  };
}

/** Names of the classes whose count a change of a claim concerns; none for the most part. */
export function classesConcerned(
  before: Claim | undefined,
  after: Claim | undefined,
): readonly string[] {
  const [was, is] = [before, after].map(claim =>
    claim?.metadata.deletionTimestamp === undefined ? claim?.spec.className : undefined,
  );
  return was === is ? [] : [was, is].filter(name => name !== undefined);
}

/** Whether a change of a class is one for its claims: its status is not. */
export function concernsClaims(
  before: PostgresClass | undefined,
  after: PostgresClass | undefined,
): boolean {
  if (!before || !after) return true;
  return (
    before.metadata.uid !== after.metadata.uid ||
    before.metadata.generation !== after.metadata.generation ||
    isMarkedDefault(before) !== isMarkedDefault(after)
  );
}
