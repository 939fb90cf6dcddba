import { claimLabels } from "../../capabilities/claim/labels";
import { clusterResource } from "../../capabilities/operator/cnpg/cluster";
import type { KubeObject } from "../../capabilities/kubernetes/objects";
import { claimsOfFollowed, claimsOfLabels, claimsOfOwner } from "../../capabilities/work/claims-of";
import { goodClaim, withSpec } from "../good-claim";

const claim = { name: "orders-db", namespace: "team-a" };

function secret(marks: Readonly<Record<string, string>>, namespace = "team-a"): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "orders-postgres", namespace, labels: marks },
  };
}

const written = secret(claimLabels(goodClaim), "team-b");
const credentials = secret({ "cnpg.io/cluster": "orders-db", "cnpg.io/reload": "true" });
const brought = secret({ "cnpg.io/reload": "true" });
const nobody = (): readonly [] => [];

test("a connection secret concerns the claim that it is labelled with", () => {
  expect(claimsOfLabels(written, undefined)).toEqual([claim]);
  expect(claimsOfLabels(written, written)).toEqual([claim]);
});

test("credentials concern the claim of the Cluster's name", () => {
  expect(claimsOfFollowed(credentials, undefined, nobody)).toEqual([claim]);
});

test("labels changed by hand do not hide a Secret from its claim", () => {
  expect(claimsOfLabels(secret({}), written)).toEqual([claim]);
  expect(claimsOfFollowed(secret({ "cnpg.io/cluster": "other" }), credentials, nobody)).toEqual([
    { ...claim, name: "other" },
    claim,
  ]);
});

test("a Secret without these labels concerns no claim", () => {
  expect([
    claimsOfLabels(secret({}), undefined),
    claimsOfFollowed(secret({}), undefined, nobody),
  ]).toEqual([[], []]);
});

test("credentials that a user brings concern the claims of their namespace that name them", () => {
  const naming = withSpec({ credentialsSecretName: "orders-postgres" });
  const elsewhere = { ...naming, metadata: { ...naming.metadata, namespace: "team-b" } };
  const other = withSpec({ credentialsSecretName: "another" });
  const all = () => [elsewhere, naming, goodClaim, other];
  expect(claimsOfFollowed(brought, undefined, all)).toEqual([claim]);
});

test("an authority concerns the claim of the Cluster that owns it, and no other does", () => {
  const { metadata, ...rest } = secret({});
  const owned = (owner: object): KubeObject => {
    const cluster = { apiVersion: "x/v1", kind: "Cluster", name: "orders-db", uid: "x" };
    return { ...rest, metadata: { ...metadata, ownerReferences: [{ ...cluster, ...owner }] } };
  };
  expect(claimsOfOwner(owned({ controller: true }), clusterResource)).toEqual([claim]);
  expect(claimsOfOwner(owned({ controller: true, kind: "Pooler" }), clusterResource)).toEqual([]);
  expect(claimsOfOwner(owned({}), clusterResource)).toEqual([]);
  expect(claimsOfOwner(secret({}), clusterResource)).toEqual([]);
});

test("the operator's own are looked up by their label alone, however many claims there are", () => {
  const never = (): never => {
    throw new Error("claims were gone through");
  };
  expect(claimsOfFollowed(credentials, undefined, never)).toEqual([claim]);
});
