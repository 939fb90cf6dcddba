/** What Zalando's operator makes of a `postgresql` (recordings, 02-create). All of it has the owners that the `postgresql` has. */
import type { KubeObject, Secret } from "../../../capabilities/kubernetes/objects";
import { labelsOf, marks, secretName, type Postgresql } from "./postgresql";

/** Of documentation alone (RFC 5737): the API server takes no loopback address, and nothing here would route another. */
const address = "192.0.2.1";

type Made = KubeObject & { readonly [field: string]: unknown };

/** The superuser's and the standby's are beside those of the users. */
export function rolesOf({ spec }: Postgresql): readonly string[] {
  return [...Object.keys(spec.users ?? {}), "postgres", "standby"];
}

export function secretOf(postgresql: Postgresql, role: string, password: string): Secret {
  const encode = (value: string): string => Buffer.from(value).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: metadataOf(postgresql, secretName(postgresql, role)),
    type: "Opaque",
    data: { username: encode(role), password: encode(password) },
  };
}

/** The Service of the primary has no selector: Patroni keeps its endpoints. */
export function service(postgresql: Postgresql): Made {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadataOf(postgresql, postgresql.metadata.name),
    spec: { type: "ClusterIP", ports: [{ name: "postgresql", port: 5432, targetPort: 5432 }] },
  };
}

/** Where the primary is, if there is one. */
export function subsetsOf(
  { metadata: { name, namespace } }: Postgresql,
  isUp: boolean,
): readonly object[] {
  if (!isUp) return [];
  const targetRef = { kind: "Pod", name: `${name}-0`, namespace };
  return [{ addresses: [{ ip: address, targetRef }], ports: [{ name: "postgresql", port: 5432 }] }];
}

export function endpoints(postgresql: Postgresql): Made {
  return {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: metadataOf(postgresql, postgresql.metadata.name),
    subsets: [],
  };
}

export function statefulSet(postgresql: Postgresql): Made {
  const { name } = postgresql.metadata;
  const {
    numberOfInstances,
    postgresql: { version },
  } = postgresql.spec;
  const labels = labelsOf(postgresql);
  const container = {
    name: "postgres",
    image: "zero-touch-postgres/stand-in",
    env: [{ name: "PGVERSION", value: version }],
  };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: metadataOf(postgresql, name),
    spec: {
      replicas: numberOfInstances,
      serviceName: name,
      updateStrategy: { type: "OnDelete" },
      selector: { matchLabels: { application: "spilo", "cluster-name": name } },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
}

/** What the operator says of a sync that failed (recordings, 06-invalid). */
export function failure(postgresql: Postgresql, message: string, at: Date): Made {
  const { apiVersion, kind, metadata } = postgresql;
  const { name, namespace, uid } = metadata;
  const time = `${at.toISOString().slice(0, 19)}Z`;
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.${at.getTime().toString(16)}`, namespace },
    involvedObject: { apiVersion, kind, name, namespace, uid },
    type: "Warning",
    reason: "Sync",
    message: `could not sync cluster: ${message}`,
    source: { component: "postgres-operator" },
    ...{ firstTimestamp: time, lastTimestamp: time, count: 1 },
  };
}

function metadataOf(postgresql: Postgresql, name: string): KubeObject["metadata"] {
  const { namespace, ownerReferences } = postgresql.metadata;
  return {
    name,
    namespace,
    ...(ownerReferences ? { ownerReferences } : {}),
    labels: labelsOf(postgresql),
    annotations: { [marks.standIn]: "true" },
  };
}
