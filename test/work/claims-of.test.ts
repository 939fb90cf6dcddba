/** Which claims have to be looked at when something has changed: none too few, and of a settled claim's own echo none at all. */
import type { Claim } from "../../capabilities/claim/claim";
import { claimLabels } from "../../capabilities/claim/labels";
import { claimResource, classResource, labels } from "../../capabilities/claim/names";
import {
  refOf,
  secretResource,
  type KubeObject,
  type Secret,
} from "../../capabilities/kubernetes/objects";
import { ownerReference } from "../../capabilities/kubernetes/owners";
import { clusterResource } from "../../capabilities/operator/cnpg/cluster";
import { claimsAwaiting, claimsWriting, waitingClaims } from "../../capabilities/work/claims-of";
import { createFakeKube } from "../fake-kube";
import { createFakeServer, type FakeServer } from "../fake-server";
import { goodClaim } from "../good-claim";
import { without } from "../without";
import { createRouter, type Routed } from "./router";

const ready = { status: { phase: "Ready" as const } };

function named(name: string, fields: Partial<Claim> = {}): Claim {
  return { ...goodClaim, metadata: { name, namespace: "team-a" }, spec: {}, ...fields };
}

const keyOf = (name: string): string => `PostgresInstance team-a/${name}`;

type Rig = { readonly server: FakeServer; readonly routed: Routed };

function rig(...claims: readonly Claim[]): Rig {
  const server = createFakeServer();
  for (const claim of claims) server.create(claim);
  return { server, routed: createRouter(server) };
}

function secret(name: string, fields: Partial<Secret["metadata"]> = {}): Secret {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: "team-a", ...fields },
    type: "kubernetes.io/basic-auth",
  };
}

test("a claim that comes or changes concerns itself; one that goes, nobody", () => {
  const { server, routed } = rig(named("one"));
  expect(routed.claims()).toEqual([keyOf("one")]);
  server.remove(server.find(claimResource, refOf(named("one"))) as KubeObject);
  expect(routed.claims()).toEqual([]);
});

test.each<readonly [string, (claim: Claim) => KubeObject]>([
  [
    "a Cluster of its name",
    () => ({
      apiVersion: "postgresql.cnpg.io/v1",
      kind: clusterResource.kind,
      metadata: { name: "one", namespace: "team-a" },
    }),
  ],
  [
    "the operator's credentials, by their label",
    () => secret("one-app", { labels: { "cnpg.io/cluster": "one", "cnpg.io/reload": "true" } }),
  ],
  ["its connection secret, by its labels", claim => secret("x", { labels: claimLabels(claim) })],
  [
    "a connection secret of the builds before, which had no label for the kind",
    claim => {
      return secret("x", { labels: without(claimLabels(claim), labels.claimKind) });
    },
  ],
  [
    "the authority, by its owner",
    () => ({
      ...secret("one-ca", {
        labels: { "app.kubernetes.io/managed-by": "cloudnative-pg" },
        ownerReferences: [
          ownerReference({
            apiVersion: "postgresql.cnpg.io/v1",
            kind: "Cluster",
            metadata: { name: "one", uid: "u" },
          }),
        ],
      }),
      type: "Opaque",
    }),
  ],
])("%s concerns a claim", (_title, make) => {
  const { server, routed } = rig(named("one", ready), named("two", ready));
  routed.claims();
  server.create(make(server.find(claimResource, refOf(named("one"))) as Claim));
  expect(routed.claims()).toEqual([keyOf("one")]);
});

test("an object of a claim that is not there concerns nobody", () => {
  const { server, routed } = rig();
  server.create(secret("x", { labels: claimLabels(named("one")) }));
  expect(routed.claims()).toEqual([]);
});

describe("credentials that claims bring", () => {
  const bringing = (name: string, fields: Partial<Claim> = {}): Claim =>
    named(name, { spec: { credentialsSecretName: "given" }, ...fields });

  test("concern all that name them, where they are followed", () => {
    const { server, routed } = rig(bringing("one", ready), bringing("two"), named("three"));
    routed.claims();
    server.create(secret("given", { labels: { "cnpg.io/reload": "true" } }));
    expect(routed.claims()).toEqual([keyOf("one"), keyOf("two")]);
  });

  test("concern those that wait for them, where they are not", () => {
    const { routed } = rig(bringing("one", ready), bringing("two"), named("three"));
    routed.claims();
    const ref = { name: "given", namespace: "team-a" };
    expect(claimsAwaiting(ref, routed.store)).toEqual([keyOf("two")]);
  });
});

test("a Secret where a waiting claim wants its own concerns it; the module's own does not", () => {
  const wanting = named("one", { writeConnectionSecretToRef: { name: "taken" } });
  const { server, routed } = rig(wanting);
  routed.claims();
  const ref = { name: "taken", namespace: "team-a" };
  expect(claimsAwaiting(ref, routed.store)).toEqual([keyOf("one")]);
  server.create(secret("taken", { labels: claimLabels(server.all(claimResource)[0] as Claim) }));
  routed.claims();
  expect(claimsAwaiting(ref, routed.store)).toEqual([]);
});

test("a namespace concerns the waiting claims that write there, a missing kind all that wait", () => {
  const far = { writeConnectionSecretToRef: { name: "x", namespace: "team-b" } };
  const { routed } = rig(named("one", far), named("two", { ...far, ...ready }), named("three"));
  routed.claims();
  expect(claimsWriting({ name: "team-b", namespace: "" }, routed.store)).toEqual([keyOf("one")]);
  expect(waitingClaims(routed.store)).toEqual([keyOf("one"), keyOf("three")]);
});

test("a class concerns the claims that name it or none, and itself; its status nobody", () => {
  const { server, routed } = rig(
    named("one", { spec: { className: "gold" } }),
    named("two", { spec: { className: "silver" } }),
    named("three"),
  );
  routed.claims();
  server.create({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: classResource.kind,
    metadata: { name: "gold" },
  });
  expect(routed.claims()).toEqual([keyOf("one"), keyOf("three")]);
  expect(routed.classes()).toContain("gold");
  const gold = server.all(classResource)[0] as KubeObject;
  server.edit(gold, live => ({ ...live, ...{ status: { claims: 1 } } }));
  expect(routed.claims()).toEqual([]);
});

test("what a run has written itself brings no other", async () => {
  const { server } = rig(named("one"));
  const kube = createFakeKube(server, "stored");
  kube.deliver();
  await kube.reconcile({ kind: "PostgresInstance", name: "one", namespace: "team-a" });
  const before = kube.news.length;
  kube.deliver();
  expect(kube.news.slice(before)).toEqual([]);
  expect(server.all(secretResource)).toEqual([]);
});
