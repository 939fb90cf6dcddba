/** What is to be made of `spec.access`: for each login a Secret with a password, a role, and a connection secret. */
import { withDigest } from "../../claim/applied";
import { accessLogins, type AccessLogin } from "../../claim/access";
import { isInstanceClaim, type AnyClaim } from "../../claim/claim";
import type { KubeObject, Ref } from "../../kubernetes/objects";
import { ownerReference } from "../../kubernetes/owners";
import type { SharedDatabases, Tenant } from "../../operator/operator";
import type { Source } from "../../pods/client-pod";

export type PlannedLogin = AccessLogin & {
  /** The Secret with its password, beside the instance. */
  readonly secret: Ref;
  /** The operator's object for the role. */
  readonly object: KubeObject;
};

export type AccessPlan = {
  readonly shared: SharedDatabases;
  readonly tenant: Tenant;
  readonly logins: readonly PlannedLogin[];
  /** The operator's object of an instance that is another claim's, as far as it is there. */
  readonly host: KubeObject | undefined;
  /** Undefined where the owner's password is in no Secret of the claim's namespace, where the pod that grants rights runs. */
  readonly source: Source | undefined;
};

export function accessPlan(
  claim: AnyClaim,
  around: Pick<AccessPlan, "shared" | "tenant" | "source" | "host">,
): AccessPlan {
  const { shared, tenant } = around;
  const logins = accessLogins(claim).map(login => ({
    ...login,
    secret: shared.passwordSecret({ ...tenant, owner: login.role }),
    object: withDigest(collected(shared.accessRole(tenant, login.role), claim)),
  }));
  return { ...around, logins };
}

/** What lies beside an instance goes with its claim; what a database has in an instance of another claim is removed in order. */
export function collected<T extends KubeObject>(object: T, claim: AnyClaim): T {
  if (!isInstanceClaim(claim)) return object;
  return {
    ...object,
    metadata: { ...object.metadata, ownerReferences: [ownerReference(claim)] },
  };
}
