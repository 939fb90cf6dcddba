import { accessNeeded, accessViolation, isAccepted } from "../../capabilities/admission/access";
import type { Claim } from "../../capabilities/claim/claim";

const credentials = { name: "orders-db-app", namespace: "team-a" };

function claim(ref?: { name: string; namespace?: string }): Claim {
  return {
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresInstance",
    metadata: { name: "orders-db", namespace: "team-a" },
    spec: {},
    ...(ref === undefined ? {} : { writeConnectionSecretToRef: ref }),
  };
}

const elsewhere = { name: "orders", namespace: "team-b" };
const writing = [
  { verb: "create", secret: elsewhere },
  { verb: "update", secret: elsewhere },
];

test.each([
  ["no ref needs no right", claim(), undefined, []],
  ["a ref in the claim's own namespace needs no right", claim({ name: "orders" }), undefined, []],
  ["a new claim's ref elsewhere needs to write there", claim(elsewhere), undefined, writing],
  ["a ref elsewhere that was there before needs no right", claim(elsewhere), claim(elsewhere), []],
  [
    "a ref moved elsewhere also needs to read the credentials, which go there",
    claim(elsewhere),
    claim({ name: "orders" }),
    [...writing, { verb: "get", secret: credentials }],
  ],
  [
    "a ref added elsewhere to a claim that had none needs the same",
    claim(elsewhere),
    claim(),
    [...writing, { verb: "get", secret: credentials }],
  ],
  [
    "a ref moved within the claim's own namespace needs to read them: not all Secrets there are read by the same people",
    claim({ name: "orders" }),
    claim({ name: "bills" }),
    [{ verb: "get", secret: credentials }],
  ],
  [
    "so does a ref moved home",
    claim({ name: "orders" }),
    claim(elsewhere),
    [{ verb: "get", secret: credentials }],
  ],
  ["a ref taken out needs no right", claim(), claim(elsewhere), []],
  ["a claim sent again without a ref needs no right", claim(), claim(), []],
])("%s", (_title, now, before, needed) => {
  expect(accessNeeded(now, before, credentials)).toEqual(needed);
});

test.each([
  ["one name", "team-a", true],
  ["a list with spaces", "team-x, team-a", true],
  ["an asterisk", "*", true],
  ["another name", "team-ab", false],
  ["nothing", "", false],
])("a namespace that accepts connections from %s", (_title, value, accepted) => {
  const target = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: "team-b",
      annotations: { "database.bizmatters.io/accept-connections-from": value },
    },
  };
  expect(isAccepted(target, "team-a")).toBe(accepted);
});

test("a namespace without the annotation, or none at all, accepts nothing", () => {
  expect(isAccepted(undefined, "")).toBe(false);
  const bare = { apiVersion: "v1", kind: "Namespace", metadata: { name: "team-b" } };
  expect(isAccepted(bare, "team-a")).toBe(false);
});

test("a refusal names the verb, the namespace, the user and the way out", () => {
  expect(accessViolation(claim(elsewhere), { verb: "create", secret: elsewhere }, "jane")).toEqual({
    field: "writeConnectionSecretToRef",
    problem:
      'needs the right to create Secret team-b/orders, which "jane" does not have: let the owner of namespace team-b grant it, or annotate the namespace with database.bizmatters.io/accept-connections-from: "team-a"',
  });
});

describe("credentials that the claim brings are read by the author's right", () => {
  const given = { name: "given", namespace: "team-a" };
  const reading = { verb: "get", secret: given };
  const brings = (name: string, ref?: { name: string; namespace?: string }): Claim => ({
    ...claim(ref),
    spec: { credentialsSecretName: name },
  });

  test.each([
    ["when they are named", brings("given"), undefined, [reading]],
    ["when others are named", brings("given"), brings("another"), [reading]],
    ["when they are to go elsewhere", brings("given", elsewhere), undefined, [...writing, reading]],
    [
      "when they are moved, be it within the namespace",
      brings("given", { name: "b" }),
      brings("given", { name: "a" }),
      [reading],
    ],
    [
      "when a connection secret is asked for",
      brings("given", { name: "a" }),
      brings("given"),
      [reading],
    ],
    [
      "but not when nothing of that changes",
      brings("given", elsewhere),
      brings("given", elsewhere),
      [],
    ],
    ["nor when the connection secret goes", brings("given"), brings("given", elsewhere), []],
  ])("%s", (_title, now, before, needed) => {
    expect(accessNeeded(now, before, given)).toEqual(needed);
  });

  test("a refusal names the field, the Secret, the user and who could", () => {
    expect(
      accessViolation(brings("given", elsewhere), { verb: "get", secret: given }, "jane"),
    ).toEqual({
      field: "spec.credentialsSecretName",
      problem:
        'needs the right to get Secret team-a/given, which "jane" does not have: the claim hands on what is in it; someone who may read it can ask for that',
    });
  });
});
