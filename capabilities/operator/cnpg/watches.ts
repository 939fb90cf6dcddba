/** What is watched for CNPG, and how much of it is kept: a Cluster as CNPG writes it is several times what is ever read of it. */
import { claimsOfLabels, type ClaimRef } from "../../claim/labels";
import { claimKind, labels } from "../../claim/names";
import {
  refOf,
  secretResource,
  type KubeObject,
  type Resource,
  type Secret,
} from "../../kubernetes/objects";
import { withFields, withValues } from "../../kubernetes/projection";
import type { Watched } from "../operator";
import { clusterResource } from "./cluster";
import { followedLabel } from "./credentials";
import { roleResource, sharedDatabases } from "./shared-databases";

/** What CNPG 1.30 makes carries this label (recordings, 01-create). */
export const operatorLabel = {
  name: "app.kubernetes.io/managed-by",
  value: "cloudnative-pg",
} as const;

/** CNPG's own say of which Cluster a Secret is of: https://cloudnative-pg.io/documentation/1.30/labels_annotations/ */
const clusterLabel = "cnpg.io/cluster";

/** Every field that `cluster` may write or `retaining` reads. */
const clusterSpec = [
  ...["instances", "imageName", "imagePullSecrets", "enableSuperuserAccess", "bootstrap"],
  ...["storage", "resources", "certificates", "affinity", "postgresql"],
];

/** Every field that health and diagnosis read. */
const clusterStatus = [
  ...["phase", "phaseReason", "readyInstances", "image", "currentPrimary", "conditions"],
  ...["pgDataImageInfo", "timelineID", "systemID", "healthyPVC", "danglingPVC", "certificates"],
];

function keepCluster(object: KubeObject): KubeObject {
  return withFields(object, { spec: clusterSpec, status: clusterStatus });
}

/** Of a Cluster's claim, or of the claim whose password it holds in an instance that others have databases in. */
function claimsOfSecret(secret: KubeObject, before: KubeObject | undefined): readonly ClaimRef[] {
  const { namespace = "" } = secret.metadata;
  const names = [secret, before].map(state => state?.metadata.labels?.[clusterLabel]);
  const ofCluster = [...new Set(names)].flatMap(name =>
    name === undefined ? [] : { kind: claimKind, name, namespace },
  );
  return [...ofCluster, ...claimsOfLabels(secret, before)];
}

/** As the owner reference says: the labels of an authority name no Cluster. */
function claimsOfAuthority({ metadata }: KubeObject): readonly ClaimRef[] {
  const { namespace = "", ownerReferences = [] } = metadata;
  return ownerReferences
    .filter(({ kind, controller }) => kind === clusterResource.kind && controller === true)
    .map(({ name }) => ({ kind: claimKind, name, namespace }));
}

/** Of a kind that the module makes beside a Cluster, only its own are watched; they are small. */
export function ownOf(resource: Resource): Watched {
  return {
    resource,
    labelSelector: labels.claimUid,
    claimsOf: claimsOfLabels,
    keep: object => object,
  };
}

/** A role that is let into a database beside its owner concerns the instance too, which says so to PostgreSQL. */
function claimsOfRole(role: KubeObject, before: KubeObject | undefined): readonly ClaimRef[] {
  const marks = [role, before].map(state => state?.metadata.labels?.[labels.accessIn]);
  const isAdmitted = marks.some(mark => mark !== undefined);
  const instance = { kind: claimKind, ...sharedDatabases.instanceOf(role) };
  return [...claimsOfLabels(role, before), ...(isAdmitted ? [instance] : [])];
}

export const rolesWatched: Watched = {
  ...ownOf(roleResource),
  claimsOf: claimsOfRole,
  index: ({ metadata }) => {
    const { [labels.accessIn]: uid } = metadata.labels ?? {};
    return uid === undefined ? [] : [`${labels.accessIn}=${uid}`];
  },
};

export const watches: readonly Watched[] = [
  {
    resource: clusterResource,
    keep: keepCluster,
    claimsOf: cluster => [{ kind: claimKind, ...refOf(cluster) }],
  },
  // The operator's own and those that users bring: CNPG follows both by this label.
  {
    resource: secretResource,
    labelSelector: `${followedLabel.name}=${followedLabel.value}`,
    keep: secret => withValues(secret as Secret, ["username", "password"]),
    claimsOf: claimsOfSecret,
  },
  // The authorities of servers; of CNPG's own Secrets only they are of this type.
  {
    resource: secretResource,
    labelSelector: `${operatorLabel.name}=${operatorLabel.value}`,
    fieldSelector: "type=Opaque",
    keep: secret => withValues(secret as Secret, ["ca.crt"]),
    claimsOf: claimsOfAuthority,
  },
];
