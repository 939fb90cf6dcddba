import type { KubeObject } from "../../capabilities/claim/kubernetes";
import { claimLabels } from "../../capabilities/claim/names";
import { claimsOfLabels, claimsOfCredentials } from "../../capabilities/reconcile/concern";
import { goodClaim } from "../good-claim";

const claim = { name: "orders-db", namespace: "team-a" };

function secret(marks: Readonly<Record<string, string>>, namespace = "team-a"): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "orders-postgres", namespace, labels: marks },
  };
}

const written = secret(claimLabels(goodClaim), "team-b");
const credentials = secret({ "cnpg.io/cluster": "orders-db", "cnpg.io/userType": "app" });

test("a connection secret concerns the claim that it is labelled with", () => {
  expect(claimsOfLabels(written, undefined)).toEqual([claim]);
  expect(claimsOfLabels(written, written)).toEqual([claim]);
});

test("credentials concern the claim of the Cluster's name", () => {
  expect(claimsOfCredentials(credentials, undefined)).toEqual([claim]);
});

test("labels changed by hand do not hide a Secret from its claim", () => {
  expect(claimsOfLabels(secret({}), written)).toEqual([claim]);
  expect(claimsOfCredentials(secret({ "cnpg.io/cluster": "other" }), credentials)).toEqual([
    { ...claim, name: "other" },
    claim,
  ]);
});

test("a Secret without these labels concerns no claim", () => {
  expect([
    claimsOfLabels(secret({}), undefined),
    claimsOfCredentials(secret({}), undefined),
  ]).toEqual([[], []]);
});
