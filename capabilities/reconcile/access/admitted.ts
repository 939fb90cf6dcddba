/** The roles that a shared instance lets into databases beside their owners: as the operator's objects for them say, which nobody else may write. */
import { labels } from "../../claim/names";
import type { Search, SharedDatabases } from "../../operator/operator";
import { withAdmitted, type Plan } from "../plan";
import { list, type Need, type Seen } from "../run";

export function needsOfAdmitted(plan: Plan): readonly Need[] {
  const shared = sharedBy(plan);
  return shared ? [list(searchFor(plan, shared))] : [];
}

/** The plan with the roles that were seen. A claim's name alone lets nobody in: names are locked by those objects. */
export function withAdmittedRoles(plan: Plan, seen: Seen): Plan {
  const shared = sharedBy(plan);
  if (!shared) return plan;
  const roles = seen.list(searchFor(plan, shared)) ?? [];
  const admitted = roles.flatMap(object => shared.admitted(object) ?? []);
  const byRole = admitted.sort((a, b) => (a.role < b.role ? -1 : 1));
  return withAdmitted(plan, byRole);
}

/** Undefined for what is no shared instance: there every role may connect. */
function sharedBy({ claim, operator, shared }: Plan): SharedDatabases | undefined {
  return claim.spec.share && !shared ? operator.sharedDatabases : undefined;
}

function searchFor({ claim, chosen, operator }: Plan, { role }: SharedDatabases): Search {
  const { namespace } = operator.objects.ref(claim, chosen);
  const labelSelector = `${labels.accessIn}=${claim.metadata.uid ?? ""}`;
  return { resource: role, namespace, labelSelector };
}
