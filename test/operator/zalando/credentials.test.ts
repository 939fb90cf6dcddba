import { credentials } from "../../../capabilities/operator/zalando/credentials";
import { secretNames, secretRef } from "../../../capabilities/operator/zalando/names";
import type { ObjectMeta, OwnerReference, Secret } from "../../../capabilities/kubernetes/objects";
import { withSpec } from "../../good-claim";
import { chosen, database, name } from "./surroundings";

const labels = { application: "spilo", "cluster-name": name, team: "shop" };

function secret(changes: Partial<ObjectMeta> = {}, type = "Opaque"): Secret {
  const metadata = {
    name: `orders-db.${name}.credentials.postgresql.acid.zalan.do`,
    ...{ namespace: "team-a", labels, creationTimestamp: "2026-11-26T10:59:08Z" },
    ...changes,
  };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata,
    type,
    data: { username: "YQ==", password: "Yg==" },
  };
}

function ownedBy(uid: string): Partial<ObjectMeta> {
  const owner: OwnerReference = {
    ...{ apiVersion: "acid.zalan.do/v1", kind: "postgresql", name, uid, controller: true },
  };
  return { ownerReferences: [owner] };
}

test.each<readonly [string, Secret, boolean]>([
  ["made in the same second as the database", secret(), true],
  [
    "made later, as one that was removed",
    secret({ creationTimestamp: "2026-11-27T08:00:00Z" }),
    true,
  ],
  [
    "by an API server whose clock is 3 s late",
    secret({ creationTimestamp: "2026-11-26T10:59:05Z" }),
    true,
  ],
  [
    "of a database that had this name before",
    secret({ creationTimestamp: "2026-11-26T10:40:00Z" }),
    false,
  ],
  ["without an age", secret({ creationTimestamp: "" }), false],
  ["without labels", secret({ labels: {} }), false],
  ["of another database", secret({ labels: { ...labels, "cluster-name": "shop-other" } }), false],
  ["of another type", secret({}, "kubernetes.io/basic-auth"), false],
  ["owned by the database", secret({ ...ownedBy("database-uid"), labels: {} }), true],
  ["owned by an earlier one", secret(ownedBy("earlier-uid")), false],
  ["with the owner of the database, the claim", secret(ownedBy("claim-uid")), true],
  [
    "with the claim as its owner, of its database before this one",
    secret({ ...ownedBy("claim-uid"), creationTimestamp: "2026-11-26T10:40:00Z" }),
    false,
  ],
])("a Secret %s: %#", (_title, found, expected) => {
  expect(credentials.isProven(found, database("Running"))).toBe(expected);
});

test("the Secret has the name that the operator's template makes of role and database", () => {
  const called = (spec: Parameters<typeof withSpec>[0], template?: string): string =>
    secretRef(withSpec(spec), {
      ...chosen,
      zalando: {
        ...chosen.zalando,
        ...(template === undefined ? {} : { secretNameTemplate: template }),
      },
    }).name;
  expect(called({})).toBe("orders-db.shop-orders-db.credentials.postgresql.acid.zalan.do");
  expect(called({ databaseOwner: "my_app_1" })).toMatch(/^my-app-1\.shop-orders-db\./);
  expect(called({}, "{namespace}.{username}.{cluster}.x")).toBe("orders-db.shop-orders-db.x");
  expect(called({ teamId: "pay" })).toMatch(/^orders-db\.pay-orders-db\./);
});

test("names as the operator gives them are known, of whatever database", () => {
  const own = "postgres.shop-other.credentials.postgresql.acid.zalan.do";
  expect(secretNames().test(own)).toBe(true);
  expect(secretNames().test("orders-postgres")).toBe(false);
  expect(secretNames("{namespace}.{username}.{cluster}.x").test("orders-db.shop.x")).toBe(true);
  expect(secretNames("{username}-{cluster}").test("orders.db")).toBe(false);
});

test("a Secret of the operator is never taken for one that a user has brought", () => {
  expect(credentials.madeFor(secret())).toBe(name);
  expect(credentials.madeFor(secret({ labels: {}, ...ownedBy("any") }))).toBe(name);
  expect(credentials.madeFor(secret({ labels: { "cluster-name": name } }))).toBeUndefined();
});
