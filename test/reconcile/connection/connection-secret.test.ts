import { claimLabels } from "../../../capabilities/claim/labels";
import { ownerReference } from "../../../capabilities/kubernetes/owners";
import * as fc from "fast-check";
import { Client } from "pg";
import { databaseName, type Claim } from "../../../capabilities/claim/claim";
import type { Ref, Secret } from "../../../capabilities/kubernetes/objects";
import { annotations, labels } from "../../../capabilities/claim/names";
import {
  connectionSecret,
  isOurs,
  withProof,
} from "../../../capabilities/reconcile/connection/connection-secret";
import { claim as anyGoodClaim } from "../../arbitrary/claim";
import { passwordBytes } from "../../arbitrary/credentials";
import { deepFreeze } from "../../arbitrary/frozen";
import { goodClaim, withSpec } from "../../good-claim";
import { proofOf } from "../../proof";
import { without } from "../../without";

const here: Ref = { name: "orders-postgres", namespace: "team-a" };
const elsewhere: Ref = { name: "orders-postgres", namespace: "team-b" };

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

const connection = {
  credentials: { username: base64("orders_db"), password: base64("p@ss/w:rd") },
  endpoint: "orders-db-rw.team-a.svc.cluster.local",
};

function decoded(data: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(data);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
  );
}

test("has the product's keys, those of Service Binding and a URI for Java", () => {
  const secret = connectionSecret(goodClaim, here, connection, "cloudnative-pg");
  const address = "orders-db-rw.team-a.svc.cluster.local:5432/orders_db";
  expect(decoded(secret.data)).toEqual({
    endpoint: "orders-db-rw.team-a.svc.cluster.local",
    port: "5432",
    username: "orders_db",
    password: "p@ss/w:rd",
    database: "orders_db",
    type: "postgresql",
    provider: "cloudnative-pg",
    host: "orders-db-rw.team-a.svc.cluster.local",
    uri: `postgresql://orders_db:p%40ss%2Fw%3Ard@${address}`,
    "jdbc-uri": `jdbc:postgresql://${address}?user=orders_db&password=p%40ss%2Fw%3Ard`,
  });
});

test("has the certificate of the server's authority, and says how to connect, where these are known", () => {
  const certificate = base64("-----BEGIN CERTIFICATE-----");
  const known = { ...connection, certificate, sslmode: "verify-full" };
  const { data } = connectionSecret(goodClaim, here, known, "cloudnative-pg");
  expect(data["ca.crt"]).toBe(certificate);
  const uris = ["uri", "jdbc-uri"].map(
    key =>
      new URL(
        Buffer.from(data[key] ?? "", "base64")
          .toString()
          .replace("jdbc:", ""),
      ),
  );
  expect(uris.map(({ searchParams }) => Object.fromEntries(searchParams))).toEqual([
    { sslmode: "verify-full" },
    { user: "orders_db", password: "p@ss/w:rd", sslmode: "verify-full" },
  ]);
});

test("a client library finds in the URI what went into it, whatever the password", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1 }).filter(word => !word.includes("\0"));
  const modes = fc.constantFrom(undefined, "require", "verify-full");
  fc.assert(
    fc.property(anyGoodClaim, text, modes, (claim, password, sslmode) => {
      const credentials = { ...connection.credentials, password: base64(password) };
      const known = { ...connection, credentials, sslmode };
      const { data } = connectionSecret(claim, here, known, "x");
      const client = new Client({
        connectionString: Buffer.from(data.uri ?? "", "base64").toString(),
      });
      expect([client.user, client.password, client.host, client.port, client.database]).toEqual([
        ...["orders_db", password, connection.endpoint, 5432, databaseName(claim)],
      ]);
    }),
  );
});

test("is an Opaque Secret at the ref, marked as the claim's", () => {
  const secret = connectionSecret(goodClaim, here, connection, "x");
  expect(without(secret, "data")).toEqual({
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      ...here,
      labels: claimLabels(goodClaim),
      ownerReferences: [ownerReference(goodClaim)],
    },
    type: "Opaque",
  });
});

test("leads to the pooler too where there is one", () => {
  const pooledEndpoint = "orders-db-pooler.team-a.svc.cluster.local";
  const data = (more: object): Readonly<Record<string, string>> =>
    decoded(connectionSecret(goodClaim, here, { ...connection, ...more }, "x").data);
  const {
    "pooled-endpoint": endpoint,
    "pooled-uri": uri,
    "pooled-jdbc-uri": jdbc,
    ...rest
  } = data({
    pooledEndpoint,
  });
  expect(rest).toEqual(data({}));
  expect(endpoint).toBe(pooledEndpoint);
  expect(uri).toBe(rest["uri"]?.replace(rest["endpoint"] ?? "", pooledEndpoint));
  expect(jdbc).toBe(rest["jdbc-uri"]?.replace(rest["endpoint"] ?? "", pooledEndpoint));
});

test("what the class says of TLS holds for the way through the pooler too", () => {
  const tls = { pooledEndpoint: "pooler.example.com", sslmode: "verify-full" };
  const { data } = connectionSecret(goodClaim, here, { ...connection, ...tls }, "x");
  const { uri, "pooled-uri": pooled, "pooled-jdbc-uri": jdbc } = decoded(data);
  expect(uri).toMatch(/[?]sslmode=verify-full$/);
  expect(pooled).toMatch(/[?]sslmode=verify-full$/);
  expect(jdbc).toMatch(/&sslmode=verify-full$/);
});

test("has no owner in another namespace: garbage collection would take it for an orphan", () => {
  const { metadata } = connectionSecret(goodClaim, elsewhere, connection, "x");
  expect(metadata).toEqual({
    ...elsewhere,
    labels: claimLabels(goodClaim),
  });
});

test("names the database that was asked for", () => {
  const { data } = connectionSecret(withSpec({ databaseName: "shop" }), here, connection, "x");
  expect(Buffer.from(data.database ?? "", "base64").toString()).toBe("shop");
});

test("its URIs are plain ASCII without spaces, whatever the password", () => {
  fc.assert(
    fc.property(anyGoodClaim, passwordBytes, (claim, bytes) => {
      const credentials = { ...connection.credentials, password: bytes.toString("base64") };
      const { data } = connectionSecret(claim, here, { ...connection, credentials }, "x");
      for (const key of ["uri", "jdbc-uri"]) {
        const text = Buffer.from(data[key] ?? "", "base64").toString();
        expect(text).toMatch(/^[!-~]+$/);
        expect(text).not.toMatch(/["'\\<>`{}|^()*!$;]/);
      }
    }),
  );
});

describe("a Secret is the claim's", () => {
  const recorded: Claim = deepFreeze({
    ...goodClaim,
    status: { connectionSecretRef: { ...here, uid: "secret-uid" } },
  });
  const proof = proofOf("claim-uid", here);
  const secret = (uid: string | undefined, claimUid?: string, said?: string): Secret =>
    deepFreeze({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        ...here,
        ...(uid === undefined ? {} : { uid }),
        ...(claimUid === undefined ? {} : { labels: { [labels.claimUid]: claimUid } }),
        ...(said === undefined ? {} : { annotations: { [annotations.proof]: said } }),
      },
    });

  test.each<readonly [string, Secret, boolean]>([
    ["if it bears the proof for its place", secret("x", "claim-uid", proof), true],
    ["if it bears the proof, whatever its labels say", secret("x", "another-uid", proof), true],
    [
      "if it has lost the proof, but the status has its uid and it the claim's",
      secret("secret-uid", "claim-uid"),
      true,
    ],
    [
      "not by the status alone: who may write that may not touch every Secret",
      secret("secret-uid"),
      false,
    ],
    [
      "not by the status and another claim's label",
      secret("secret-uid", "another-uid", "another's proof"),
      false,
    ],
    [
      "not by the label alone: anyone who may make a Secret can set it",
      secret("x", "claim-uid"),
      false,
    ],
    [
      "not by a proof for another place: it is a copy",
      secret("x", "claim-uid", proofOf("claim-uid", elsewhere)),
      false,
    ],
    [
      "not by a proof of another claim",
      secret("x", "claim-uid", proofOf("another-uid", here)),
      false,
    ],
    ["not if it is a later one of that name", secret("later"), false],
  ])("%s", (_title, found, expected) => {
    expect(isOurs(found, recorded, proof)).toBe(expected);
  });

  test("not if neither it nor the status has a uid", () => {
    expect(isOurs(secret(undefined, "claim-uid"), goodClaim, proof)).toBe(false);
  });

  test("not if the claim has no uid, whatever the label says", () => {
    const unborn = { ...recorded, metadata: { name: "orders-db", namespace: "team-a" } };
    expect(isOurs(secret("secret-uid", ""), unborn, proof)).toBe(false);
    expect(isOurs(secret("secret-uid"), unborn, proof)).toBe(false);
  });
});

test("a proof is an annotation beside all others", () => {
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { ...here, annotations: { a: "b" } },
  };
  const { metadata } = withProof(secret, "proven");
  expect(metadata).toEqual({ ...here, annotations: { a: "b", [annotations.proof]: "proven" } });
});
