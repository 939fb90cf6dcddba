/**
 * The monitoring of a claim: a PodMonitor for the metrics of its instances and poolers, as CNPG's documentation has it; its own
 * `enablePodMonitor` is deprecated. https://cloudnative-pg.io/documentation/1.30/monitoring/
 */
import { claimLabels } from "../../claim/labels";
import { ownerReference } from "../../kubernetes/owners";
import type { Claim } from "../../claim/claim";
import {
  apiVersionOf,
  type KubeObject,
  type Resource,
  keyOf,
  refOf,
} from "../../kubernetes/objects";
import type { OptionalObject, OptionalHealth } from "../operator";

/** Of the Prometheus operator, which may not be in the cluster. */
export const podMonitorResource = {
  group: "monitoring.coreos.com",
  version: "v1",
  kind: "PodMonitor",
  plural: "podmonitors",
} as const satisfies Resource;

export type PodMonitor = KubeObject & {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly podMetricsEndpoints: readonly { readonly port: string }[];
  };
};

export function monitoring(claim: Claim): OptionalObject {
  return {
    field: "monitoring",
    resource: podMonitorResource,
    provider: "the Prometheus operator",
    ref: refOf(claim),
    desired: claim.spec.monitoring === true ? podMonitor(claim) : undefined,
    health,
  };
}

function podMonitor(claim: Claim): PodMonitor {
  return {
    apiVersion: apiVersionOf(podMonitorResource),
    kind: podMonitorResource.kind,
    metadata: {
      ...refOf(claim),
      labels: claimLabels(claim),
      ownerReferences: [ownerReference(claim)],
    },
    spec: {
      selector: { matchLabels: { "cnpg.io/cluster": claim.metadata.name } },
      podMetricsEndpoints: [{ port: "metrics" }],
    },
  };
}

/** A PodMonitor has no status: it is there, or not. */
function health(object: KubeObject): OptionalHealth {
  return {
    state: "healthy",
    message: `metrics are read through PodMonitor ${keyOf(refOf(object))}`,
  };
}
