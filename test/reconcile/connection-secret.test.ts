import * as fc from "fast-check";
import type { Claim } from "../../capabilities/claim/claim";
import type { Ref, Secret } from "../../capabilities/claim/kubernetes";
import {
  annotations,
  connectionSecretLabels,
  labels,
  ownerReference,
} from "../../capabilities/claim/names";
import { connectionSecret, isOurs } from "../../capabilities/reconcile/connection-secret";
import { claim as anyGoodClaim } from "../arbitrary/claim";
import { passwordBytes } from "../arbitrary/credentials";
import { deepFreeze } from "../arbitrary/frozen";
import { goodClaim, withSpec } from "../good-claim";
import { without } from "../without";

const here: Ref = { name: "orders-postgres", namespace: "team-a" };
const elsewhere: Ref = { name: "orders-postgres", namespace: "team-b" };

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

const connection = {
  credentials: { username: base64("orders_db"), password: base64("p@ss/w:rd") },
  endpoint: "orders-db-rw.team-a.svc.cluster.local",
};

test("has the product's keys, those of Service Binding and a URI for Java", () => {
  const secret = connectionSecret(goodClaim, here, connection, "cloudnative-pg");
  const decoded = Object.entries(secret.data).map(([key, value]) => [
    key,
    Buffer.from(value, "base64").toString(),
  ]);
  const address = "orders-db-rw.team-a.svc.cluster.local:5432/orders_db";
  expect(Object.fromEntries(decoded)).toEqual({
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

test("is an Opaque Secret at the ref, marked as the claim's", () => {
  const secret = connectionSecret(goodClaim, here, connection, "x");
  expect(without(secret, "data")).toEqual({
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      ...here,
      labels: connectionSecretLabels(goodClaim),
      annotations: { [annotations.writtenTo]: "team-a/orders-postgres" },
      ownerReferences: [ownerReference(goodClaim)],
    },
    type: "Opaque",
  });
});

test("has no owner in another namespace: garbage collection would take it for an orphan", () => {
  const { metadata } = connectionSecret(goodClaim, elsewhere, connection, "x");
  expect(metadata).toEqual({
    ...elsewhere,
    labels: connectionSecretLabels(goodClaim),
    annotations: { [annotations.writtenTo]: "team-b/orders-postgres" },
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
  const secret = (ref: Ref, uid: string | undefined, marks: object = {}): Secret =>
    deepFreeze({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { ...ref, ...(uid === undefined ? {} : { uid }), labels: { ...marks } },
    });
  const says = (ref: Ref, place: string, marks: object): Secret => {
    const { metadata, ...rest } = secret(ref, "x", marks);
    return { ...rest, metadata: { ...metadata, annotations: { [annotations.writtenTo]: place } } };
  };
  const marked = { [labels.claimUid]: "claim-uid" };
  const othersMark = { [labels.claimUid]: "another-uid" };

  test.each<readonly [string, Secret, Ref | undefined, boolean]>([
    ["if the status has its uid", secret(here, "secret-uid"), here, true],
    [
      "if the status has its uid, though the label is another's",
      secret(here, "secret-uid", othersMark),
      here,
      true,
    ],
    [
      "if the status has its uid, though it is wanted elsewhere by now",
      secret(here, "secret-uid"),
      elsewhere,
      true,
    ],
    ["if it is where it is wanted, with the claim's uid", secret(here, "x", marked), here, true],
    ["not if it is a later one of that name", secret(here, "later"), here, false],
    [
      "not if it has the claim's uid elsewhere: it is a copy",
      secret(elsewhere, "x", marked),
      here,
      false,
    ],
    [
      "not if it has the claim's uid, but none is wanted",
      secret(here, "x", marked),
      undefined,
      false,
    ],
    ["not if it has another claim's uid", secret(here, "x", othersMark), here, false],
    [
      "if it has the claim's uid and says that it was written where it is",
      says(elsewhere, "team-b/orders-postgres", marked),
      here,
      true,
    ],
    [
      "not if it has the claim's uid and says that it was written elsewhere: it is a copy",
      says(elsewhere, "team-a/orders-postgres", marked),
      here,
      false,
    ],
    [
      "not if it says that it was written where it is, but bears another claim's uid",
      says(elsewhere, "team-b/orders-postgres", othersMark),
      here,
      false,
    ],
  ])("%s", (_title, found, wanted, expected) => {
    expect(isOurs(found, recorded, wanted)).toBe(expected);
  });

  test("not if neither it nor the status has a uid", () => {
    expect(isOurs(secret(here, undefined), goodClaim, here)).toBe(false);
    expect(isOurs(secret(here, "x", marked), goodClaim, here)).toBe(true);
  });

  test("not if the claim has no uid, whatever the label says", () => {
    const unborn = { ...goodClaim, metadata: { name: "orders-db", namespace: "team-a" } };
    const empty = secret(here, "x", { [labels.claimUid]: "" });
    expect(isOurs(empty, unborn, here)).toBe(false);
    expect(isOurs(secret(here, "x"), unborn, here)).toBe(false);
  });
});
