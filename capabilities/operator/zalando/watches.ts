/** What is watched for Zalando's operator, and how much of it is kept. */
import type { ClaimRef } from "../../claim/labels";
import { claimKind } from "../../claim/names";
import { secretResource, type KubeObject, type Secret } from "../../kubernetes/objects";
import { withFields, withValues } from "../../kubernetes/projection";
import { statefulSetResource } from "../diagnosis/evidence";
import type { Watched } from "../operator";
import { clusterLabel, operatorLabel, postgresqlResource, teamLabel } from "./names";

const labelSelector = `${operatorLabel.name}=${operatorLabel.value}`;

/** Every field that `postgresql` may write or `retaining` reads. */
const postgresqlSpec = [
  ...["teamId", "numberOfInstances", "postgresql", "volume", "resources", "users", "databases"],
  ...["patroni", "nodeAffinity", "tolerations"],
];

/** As the owner reference says; where someone has taken it off, the name may be the claim's. */
function claimsOfPostgresql({ metadata }: KubeObject): readonly ClaimRef[] {
  const { name, namespace = "", ownerReferences = [] } = metadata;
  const owner = ownerReferences.find(({ kind }) => kind === claimKind);
  return [{ kind: claimKind, name: owner?.name ?? name, namespace }];
}

/** The operator's labels name its object, which may be called after the team and the claim, or the claim alone. */
function claimsOfLabelled(object: KubeObject, before: KubeObject | undefined): readonly ClaimRef[] {
  const names = [object, before].flatMap(state => {
    const { [clusterLabel]: cluster, [teamLabel]: team } = state?.metadata.labels ?? {};
    if (cluster === undefined) return [];
    const prefix = `${team ?? ""}-`;
    return cluster.startsWith(prefix) ? [cluster, cluster.slice(prefix.length)] : [cluster];
  });
  const { namespace = "" } = object.metadata;
  return [...new Set(names)].map(name => ({ kind: claimKind, name, namespace }));
}

export const watches: readonly Watched[] = [
  {
    resource: postgresqlResource,
    keep: object => withFields(object, { spec: postgresqlSpec, status: ["PostgresClusterStatus"] }),
    claimsOf: claimsOfPostgresql,
  },
  {
    resource: secretResource,
    labelSelector,
    keep: secret => withValues(secret as Secret, ["username", "password"]),
    claimsOf: claimsOfLabelled,
  },
  {
    resource: statefulSetResource,
    labelSelector,
    keep: set =>
      withFields(set, {
        spec: ["replicas"],
        status: ["observedGeneration", "readyReplicas"],
      }),
    claimsOf: claimsOfLabelled,
  },
];
