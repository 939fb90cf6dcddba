/** Server-side apply by one manager, as far as our manifests need it: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
import type { OwnerReference } from "../capabilities/kubernetes/objects";
import { isRecord } from "../capabilities/claim/schema";

/** `live` with all fields of `applied`, without those that were applied `before` and are no longer; others' fields stay. */
export function merged(live: unknown, before: unknown, applied: unknown): unknown {
  if (!isRecord(live) || !isRecord(applied)) return applied;
  const was = isRecord(before) ? before : {};
  const kept = Object.entries(live).filter(
    ([name]) => !Object.hasOwn(was, name) || Object.hasOwn(applied, name),
  );
  const ours = Object.entries(applied).map(([name, value]) => [
    name,
    name === "ownerReferences"
      ? mergedOwners(live[name], was[name], value)
      : merged(live[name], was[name], value),
  ]);
  return { ...Object.fromEntries(kept), ...Object.fromEntries(ours) } as unknown;
}

/** A list that is merged by uid; all others of ours are atomic. */
function mergedOwners(live: unknown, before: unknown, ours: unknown): unknown {
  const own = [...ownersIn(before), ...ownersIn(ours)].map(({ uid }) => uid);
  const others = ownersIn(live).filter(({ uid }) => !own.includes(uid));
  return [...others, ...ownersIn(ours)];
}

function ownersIn(value: unknown): readonly OwnerReference[] {
  return Array.isArray(value) ? (value as readonly OwnerReference[]) : [];
}
