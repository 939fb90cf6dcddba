import { claimLabels, claimsOfLabels } from "../../capabilities/claim/labels";
import { isControlledBy, isLeftOver, ownerReference } from "../../capabilities/kubernetes/owners";
import {
  type OwnerReference,
  keyOf,
  isSameRef,
  refOf,
} from "../../capabilities/kubernetes/objects";
import { identifierOf } from "../../capabilities/claim/names";
import { goodClaim } from "../good-claim";
import { without } from "../without";

const ours: OwnerReference = {
  apiVersion: "database.bizmatters.io/v1alpha1",
  kind: "PostgresInstance",
  name: "orders-db",
  uid: "claim-uid",
  controller: true,
  blockOwnerDeletion: true,
};

function ownedBy(...ownerReferences: readonly OwnerReference[]): typeof goodClaim {
  return { ...goodClaim, metadata: { ...goodClaim.metadata, ...{ ownerReferences } } };
}

test("database and owner have every hyphen of the claim's name as underscore", () => {
  expect(identifierOf("agent-executor-db")).toBe("agent_executor_db");
});

test("a claim's key is its namespace and name", () => {
  expect(keyOf(refOf(goodClaim))).toBe("team-a/orders-db");
});

test.each([
  ["the same", { name: "a", namespace: "b" }, true],
  ["another name", { name: "b", namespace: "b" }, false],
  ["another namespace", { name: "a", namespace: "a" }, false],
])("refs are the same in name and namespace: %s", (_title, other, expected) => {
  expect(isSameRef({ name: "a", namespace: "b" }, other)).toBe(expected);
});

test("an owner reference lets garbage collection take the object, and keeps nothing from being deleted", () => {
  expect(ownerReference(goodClaim)).toEqual(ours);
});

test.each<readonly [string, readonly OwnerReference[], boolean]>([
  ["its controller", [ours], true],
  ["its controller beside other owners", [{ ...ours, uid: "x", controller: false }, ours], true],
  ["no owner", [], false],
  ["an owner that does not control it", [{ ...ours, controller: false }], false],
  ["an owner of the same name but another uid", [{ ...ours, uid: "an-earlier-one" }], false],
])("control is proved by the uid: %s", (_title, references, expected) => {
  expect(isControlledBy(ownedBy(...references), goodClaim)).toBe(expected);
});

test("an owner without uid controls nothing", () => {
  const metadata = without(goodClaim.metadata, "uid");
  const owned = ownedBy(without(ours, "uid") as OwnerReference);
  expect(isControlledBy(owned, { ...goodClaim, metadata })).toBe(false);
});

test("a connection secret is labelled with the claim's kind, name, namespace and uid", () => {
  expect(claimLabels(goodClaim)).toEqual({
    "app.kubernetes.io/managed-by": "zero-touch-postgres",
    "database.bizmatters.io/claim-kind": "PostgresInstance",
    "database.bizmatters.io/claim-name": "orders-db",
    "database.bizmatters.io/claim-namespace": "team-a",
    "database.bizmatters.io/claim-uid": "claim-uid",
  });
});

test.each([
  ["an earlier claim of this name", [{ ...ours, uid: "earlier" }], true],
  ["this claim", [ours], false],
  ["this claim and an earlier one", [ours, { ...ours, uid: "earlier" }], false],
  [
    "an earlier claim and someone else",
    [
      { ...ours, uid: "earlier" },
      { ...ours, kind: "Other", uid: "other" },
    ],
    false,
  ],
  ["a claim of another name", [{ ...ours, name: "other", uid: "other" }], false],
  ["nobody", [], false],
])(
  "an object is left over from an earlier claim if its owner is: %s",
  (_title, owners, expected) => {
    expect(
      isLeftOver(ownedBy(...owners), {
        ...goodClaim,
        metadata: { ...goodClaim.metadata, uid: "claim-uid" },
      }),
    ).toBe(expected);
  },
);

test("labels name a claim of a kind that there is, and nothing else: anyone may write them", () => {
  const labelled = (labels: Readonly<Record<string, string>>): typeof goodClaim => ({
    ...goodClaim,
    metadata: { ...goodClaim.metadata, ...{ labels } },
  });
  const named = claimLabels({ ...goodClaim, kind: "PostgresDatabase" });
  expect(claimsOfLabels(labelled(named), undefined)).toEqual([
    { kind: "PostgresDatabase", name: "orders-db", namespace: "team-a" },
  ]);
  for (const kind of ["Pod", "", "__proto__", "postgresinstance"]) {
    const forged = labelled({ ...named, "database.bizmatters.io/claim-kind": kind });
    expect(claimsOfLabels(forged, undefined)).toEqual([]);
  }
});
