/** The Secrets and Services beside a Cluster, all owned by it, so that they go when it goes. */
import { createPrivateKey, X509Certificate } from "node:crypto";

import type { KubeObject, Secret } from "../../../capabilities/kubernetes/objects";
import { makeAuthority, signServer } from "../certificate";
import type { Identity } from "../database";
import {
  apiVersion,
  databaseOf,
  imageOf,
  majorOf,
  marks,
  operatorVersion,
  ownerOf,
} from "./cluster";
import type { Cluster } from "./cluster";

/** Who logs in to the database, and with what. */
export type Credentials = { readonly username: string; readonly password: string };

type Service = KubeObject & { readonly spec: object };

const managedBy = { "app.kubernetes.io/managed-by": "cloudnative-pg" };
const noReplication = "The stand-in has no replicas that would need a certificate.";

/** The secret that CNPG makes for the owner of the database: `{cluster}-app`. */
export function appSecret(cluster: Cluster, password: string): Secret {
  const metadata = metadataOf(cluster, "app");
  return {
    ...secret(cluster, "app", "kubernetes.io/basic-auth", connection(cluster, password)),
    metadata: {
      ...metadata,
      annotations: { ...metadata.annotations, "cnpg.io/operatorVersion": operatorVersion },
      labels: {
        ...managedBy,
        "cnpg.io/cluster": cluster.metadata.name,
        "cnpg.io/reload": "true",
        "cnpg.io/userType": "app",
      },
    },
  };
}

/** All that CNPG makes beside the Cluster and its `-app` secret, as far as it is imitated. */
export function companions(cluster: Cluster, now: Date): readonly KubeObject[] {
  const { name } = cluster.metadata;
  const authority = makeAuthority(name, now);
  const server = signServer(authority, name, serverNames(cluster), now);
  const key = authority.key.export({ type: "pkcs8", format: "pem" }).toString();
  const none = { "tls.crt": noReplication, "tls.key": noReplication };
  return [
    secret(cluster, "ca", "Opaque", { "ca.crt": authority.certificate, "ca.key": key }),
    secret(cluster, "server", "kubernetes.io/tls", {
      "tls.crt": server.certificate,
      "tls.key": server.key,
    }),
    secret(cluster, "replication", "kubernetes.io/tls", none),
    service(cluster, "r", { "cnpg.io/podRole": "instance" }),
    service(cluster, "ro", { "cnpg.io/instanceRole": "replica" }),
    service(cluster, "rw", { "cnpg.io/instanceRole": "primary" }),
  ];
}

/** Names in the certificate of the server (recordings, 01-create: status.certificates.serverAltDNSNames). */
export function serverNames({ metadata: { name, namespace }, spec }: Cluster): readonly string[] {
  const own = ["rw", "r", "ro"].flatMap(suffix => {
    const service = `${name}-${suffix}`;
    const near = `${service}.${namespace}`;
    return [service, near, `${near}.svc`, `${near}.svc.cluster.local`];
  });
  return [...own, ...(spec.certificates?.serverAltDNSNames ?? [])];
}

/**
 * A certificate for the server where that in its Secret is not for the names that are asked for now; undefined where it is. CNPG
 * renews it likewise, but with the same key.
 */
export function renewedServer(
  cluster: Cluster,
  beside: { readonly authority: Secret; readonly server: Secret },
  now: Date,
): Identity | undefined {
  const names = serverNames(cluster);
  const signed = new X509Certificate(decode(beside.server.data?.["tls.crt"]));
  if (signed.subjectAltName === names.map(name => `DNS:${name}`).join(", ")) return undefined;
  const authority = {
    certificate: decode(beside.authority.data?.["ca.crt"]),
    key: createPrivateKey(decode(beside.authority.data?.["ca.key"])),
  };
  return signServer(authority, cluster.metadata.name, names, now);
}

/** What the server's secret has it show; undefined while that is not whole. */
export function identityIn({ data }: Secret): Identity | undefined {
  const [certificate, key] = [decode(data?.["tls.crt"]), decode(data?.["tls.key"])];
  return certificate && key ? { certificate, key } : undefined;
}

/** Who may log in by this secret; undefined unless it is for the Cluster's owner, as CNPG demands without a word. */
export function credentials(cluster: Cluster, found: Secret | undefined): Credentials | undefined {
  const username = decode(found?.data?.["username"]);
  const password = decode(found?.data?.["password"]);
  return username === ownerOf(cluster) && password ? { username, password } : undefined;
}

/** Whether a password changed in this secret is followed. */
export function isFollowed({ metadata }: Secret): boolean {
  return metadata.labels?.["cnpg.io/reload"] === "true";
}

function connection(cluster: Cluster, password: string): Readonly<Record<string, string>> {
  const { name, namespace } = cluster.metadata;
  const [user, dbname, host, port] = [ownerOf(cluster), databaseOf(cluster), `${name}-rw`, "5432"];
  const [near, far] = [`${host}.${namespace}`, `${host}.${namespace}.svc.cluster.local`];
  const uri = (server: string): string =>
    `postgresql://${encodeURIComponent(user)}:${password}@${server}:${port}/${dbname}`;
  const jdbc = (server: string): string =>
    `jdbc:postgresql://${server}:${port}/${dbname}?password=${password}&user=${encodeURIComponent(user)}`;
  return {
    dbname,
    "fqdn-jdbc-uri": jdbc(far),
    "fqdn-uri": uri(far),
    host,
    "jdbc-uri": jdbc(near),
    password,
    pgpass: `${host}:${port}:${dbname}:${user}:${password}\n`,
    port,
    uri: uri(near),
    user,
    username: user,
  };
}

function secret(
  cluster: Cluster,
  suffix: string,
  type: string,
  clear: Readonly<Record<string, string>>,
): Secret {
  const data = Object.fromEntries(
    Object.entries(clear).map(([name, value]) => [name, Buffer.from(value).toString("base64")]),
  );
  return { apiVersion: "v1", kind: "Secret", metadata: metadataOf(cluster, suffix), type, data };
}

function service(
  cluster: Cluster,
  suffix: string,
  role: Readonly<Record<string, string>>,
): Service {
  const { name } = cluster.metadata;
  const labels = {
    ...managedBy,
    "app.kubernetes.io/component": "database",
    "app.kubernetes.io/instance": name,
    "app.kubernetes.io/name": "postgresql",
    "app.kubernetes.io/version": String(majorOf(imageOf(cluster))),
    "cnpg.io/cluster": name,
  };
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...metadataOf(cluster, suffix), labels },
    spec: {
      type: "ClusterIP",
      selector: { "cnpg.io/cluster": name, ...role },
      ports: [{ name: "postgres", port: 5432, protocol: "TCP", targetPort: 5432 }],
    },
  };
}

function metadataOf({ metadata: { name, namespace, uid } }: Cluster, suffix: string) {
  return {
    name: `${name}-${suffix}`,
    namespace,
    labels: managedBy,
    annotations: { [marks.standIn]: "true" },
    ownerReferences: [{ apiVersion, kind: "Cluster", name, uid, controller: true }],
  };
}

function decode(value: string | undefined): string {
  return Buffer.from(value ?? "", "base64").toString();
}
