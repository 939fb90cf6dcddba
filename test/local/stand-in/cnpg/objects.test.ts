import { X509Certificate } from "node:crypto";
import type { Secret } from "../../../../capabilities/kubernetes/objects";
import { marks } from "../../../../local/stand-in/cnpg/cluster";
import {
  appSecret,
  companions,
  credentials,
  isFollowed,
  renewedServer,
} from "../../../../local/stand-in/cnpg/objects";
import { good, withSpec } from "./clusters";

function clear({ data = {} }: Secret): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, Buffer.from(value, "base64").toString()]),
  );
}

const owner = {
  apiVersion: "postgresql.cnpg.io/v1",
  kind: "Cluster",
  name: "orders-db",
  uid: "8928fb7e",
  controller: true,
};

test("the -app secret has CNPG's keys", () => {
  expect(clear(appSecret(good, "s3cret"))).toEqual({
    dbname: "orders",
    "fqdn-jdbc-uri":
      "jdbc:postgresql://orders-db-rw.demo.svc.cluster.local:5432/orders?password=s3cret&user=orders_user",
    "fqdn-uri": "postgresql://orders_user:s3cret@orders-db-rw.demo.svc.cluster.local:5432/orders",
    host: "orders-db-rw",
    "jdbc-uri": "jdbc:postgresql://orders-db-rw.demo:5432/orders?password=s3cret&user=orders_user",
    password: "s3cret",
    pgpass: "orders-db-rw:5432:orders:orders_user:s3cret\n",
    port: "5432",
    uri: "postgresql://orders_user:s3cret@orders-db-rw.demo:5432/orders",
    user: "orders_user",
    username: "orders_user",
  });
});

test("the -app secret has CNPG's type and labels, and says who made it", () => {
  expect(appSecret(good, "s3cret")).toMatchObject({
    type: "kubernetes.io/basic-auth",
    metadata: {
      name: "orders-db-app",
      namespace: "demo",
      labels: {
        "app.kubernetes.io/managed-by": "cloudnative-pg",
        "cnpg.io/cluster": "orders-db",
        "cnpg.io/reload": "true",
        "cnpg.io/userType": "app",
      },
      annotations: { "cnpg.io/operatorVersion": "1.30.0", [marks.standIn]: "true" },
      ownerReferences: [owner],
    },
  });
});

test("all objects beside the Cluster are its own, marked, and named as CNPG names them", () => {
  const beside = companions(good, new Date());
  expect(beside.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    "Secret orders-db-ca",
    "Secret orders-db-server",
    "Secret orders-db-replication",
    "Service orders-db-r",
    "Service orders-db-ro",
    "Service orders-db-rw",
  ]);
  for (const { metadata } of beside) {
    expect(metadata.namespace).toBe("demo");
    expect(metadata.ownerReferences).toEqual([owner]);
    expect(metadata.annotations).toMatchObject({ [marks.standIn]: "true" });
  }
});

test("the server's certificate is the authority's, for the names that CNPG gives it and those that are asked for", () => {
  const certificates = { serverAltDNSNames: ["orders-db-rw.demo.svc.k8s.example.com"] };
  const [ca, server] = companions(withSpec({ certificates }), new Date()) as Secret[];
  const authority = new X509Certificate(clear(ca as Secret)["ca.crt"] ?? "");
  const certificate = new X509Certificate(clear(server as Secret)["tls.crt"] ?? "");
  expect(certificate.verify(authority.publicKey)).toBe(true);
  const names = [
    "orders-db-rw",
    "orders-db-rw.demo.svc.cluster.local",
    ...certificates.serverAltDNSNames,
  ];
  expect(names.map(name => certificate.checkHost(name))).toEqual(names);
});

test("the server's certificate is renewed when other names are asked for, and only then", () => {
  const [authority, server] = companions(good, new Date()) as [Secret, Secret];
  expect(renewedServer(good, { authority, server }, new Date())).toBeUndefined();
  const pooled = withSpec({ certificates: { serverAltDNSNames: ["orders-db-pooler.demo"] } });
  const renewed = renewedServer(pooled, { authority, server }, new Date());
  const certificate = new X509Certificate(renewed?.certificate ?? "");
  const signer = new X509Certificate(clear(authority)["ca.crt"] ?? "");
  expect(certificate.verify(signer.publicKey)).toBe(true);
  expect(certificate.checkHost("orders-db-pooler.demo")).toBe("orders-db-pooler.demo");
});

test("the secret lets in the owner that it was made for", () => {
  expect(credentials(good, appSecret(good, "s3cret"))).toEqual({
    username: "orders_user",
    password: "s3cret",
  });
});

test.each<[string, Secret | undefined]>([
  ["that is not there", undefined],
  ["for another user", appSecret(withSpec({ bootstrap: { initdb: { owner: "b" } } }), "s3cret")],
  ["without a password", appSecret(good, "")],
])("a secret %s lets nobody in", (_, secret) => {
  expect(credentials(good, secret)).toBeUndefined();
});

test("a password is followed where the secret is labelled for it", () => {
  const secret = appSecret(good, "s3cret");
  expect(isFollowed(secret)).toBe(true);
  expect(isFollowed({ ...secret, metadata: { name: "mine" } })).toBe(false);
});
