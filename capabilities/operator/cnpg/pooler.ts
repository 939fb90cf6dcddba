/** The pooler of a claim: a CNPG Pooler before its primary. https://cloudnative-pg.io/documentation/1.30/connection_pooling/ */
import { claimLabels } from "../../claim/labels";
import { ownerReference } from "../../kubernetes/owners";
import type { Claim } from "../../claim/claim";
import type { Class } from "../../claim/class";
import {
  apiVersionOf,
  type KubeObject,
  type Ref,
  type Resource,
  refOf,
} from "../../kubernetes/objects";
import { poolerName } from "../../claim/names";
import type { OptionalObject, OptionalHealth } from "../operator";

export const poolerResource = {
  group: "postgresql.cnpg.io",
  version: "v1",
  kind: "Pooler",
  plural: "poolers",
} as const satisfies Resource;

export type PoolerSpec = {
  readonly cluster: { readonly name: string };
  readonly type: "rw";
  readonly instances: number;
  readonly pgbouncer: { readonly poolMode: "session" | "transaction" };
};

export type Pooler = KubeObject & { readonly spec: PoolerSpec };

export function pooler(claim: Claim): OptionalObject {
  return {
    field: "pooler",
    resource: poolerResource,
    provider: "CloudNativePG 1.30",
    ref: poolerRef(claim),
    desired: claim.spec.pooler && pgBouncer(claim, claim.spec.pooler),
    health,
  };
}

/** CNPG makes a Service of this name. */
export function poolerRef(claim: Claim): Ref {
  const { name, namespace } = refOf(claim);
  return { name: poolerName(name), namespace };
}

/** Host name of the pooler's Service, if the claim asks for a pooler. */
export function pooledEndpoint(claim: Claim, { clusterDomain }: Class): string | undefined {
  const { name, namespace } = poolerRef(claim);
  return claim.spec.pooler && `${name}.${namespace}.svc.${clusterDomain}`;
}

/** In session mode, as by default, an application does not notice the pooler; in transaction mode it must keep nothing in a session. */
function pgBouncer(
  claim: Claim,
  { instances = 1, mode = "session" }: NonNullable<Claim["spec"]["pooler"]>,
): Pooler {
  return {
    apiVersion: apiVersionOf(poolerResource),
    kind: poolerResource.kind,
    metadata: {
      ...poolerRef(claim),
      labels: claimLabels(claim),
      ownerReferences: [ownerReference(claim)],
    },
    spec: {
      cluster: { name: claim.metadata.name },
      type: "rw",
      instances,
      pgbouncer: { poolMode: mode },
    },
  };
}

type PoolerStatus = {
  readonly phase?: "active" | "paused" | "inactive" | "failed";
  readonly phaseReason?: string;
  readonly error?: string;
  readonly instances?: number;
};

/**
 * CNPG 1.30 says in the phase whether it has made the pooler's Deployment, not whether its pods answer; releases before it have
 * no phase, but count the pods.
 */
function health(object: KubeObject): OptionalHealth {
  const { status = {}, spec } = object as Pooler & { readonly status?: PoolerStatus };
  const { phase, phaseReason, error, instances = 0 } = status;
  const words = [phaseReason, error].filter(word => word).join(": ");
  if (phase === "failed") return { state: "failed", message: words || "no reason given" };
  const isActive = phase === "active" || (phase === undefined && instances >= spec.instances);
  return isActive
    ? { state: "healthy", message: `the pooler is there (instances: ${spec.instances})` }
    : { state: "progressing", message: words || `the pooler is ${phase ?? "not made yet"}` };
}
