/** kratix/health-rights.yaml: what the module may do where Kratix runs beside it. Elsewhere it has none of these rights. */
import { moduleNamespace } from "../../capabilities/claim/names";
import { healthRecordResource, requestResource } from "../../capabilities/reconcile/request-health";

const name = "zero-touch-postgres-kratix-health";

/** As `pepr build` names it. */
const serviceAccount = "pepr-zero-touch-postgres";

export const healthRights: readonly object[] = [
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name },
    rules: [
      {
        apiGroups: [healthRecordResource.group],
        resources: [healthRecordResource.plural],
        verbs: ["get", "create", "patch"],
      },
      {
        apiGroups: [requestResource.group],
        resources: [requestResource.plural],
        verbs: ["get"],
      },
    ],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ kind: "ServiceAccount", name: serviceAccount, namespace: moduleNamespace }],
  },
];
