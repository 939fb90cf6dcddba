/** One core, two doors: what is rendered is what the reconcile writes into a cluster. */
import * as fc from "fast-check";

import { manifestOf, manifestsOf } from "../../cli/manifest";
import { renderedObjects } from "../../cli/render";
import { review } from "../../cli/review/review";
import { judge } from "../../capabilities/admission/instance/judgement";
import { databaseOwner, externalCredentials, type Claim } from "../../capabilities/claim/claim";
import type { PostgresClass } from "../../capabilities/claim/class";
import {
  type KubeObject,
  type Ref,
  type Secret,
  refOf,
} from "../../capabilities/kubernetes/objects";
import { reconcile } from "../../capabilities/reconcile/reconcile";
import { claim as anyClaim, claimAndClass } from "../arbitrary/claim";
import { postgresClass } from "../arbitrary/class";
import { createFakeKube } from "../fake-kube";
import { createFakeServer } from "../fake-server";

/** What the module creates for the claim after the webhook has completed it, Secrets apart. */
async function madeInCluster(
  claim: Claim,
  classes: readonly PostgresClass[],
): Promise<readonly KubeObject[]> {
  const server = createFakeServer();
  const kube = createFakeKube(server);
  server.namespaces.add(refOf(claim).namespace);
  for (const one of classes) server.create(one);
  const { spec, writeConnectionSecretToRef: ref } = judge(claim, null, classes, []).claim;
  const brought = externalCredentials(claim);
  if (brought) server.create(credentialsFor(claim, brought));
  server.create({ ...claim, spec, ...(ref ? { writeConnectionSecretToRef: ref } : {}) } as Claim);
  await reconcile({ kind: claim.kind, ...refOf(claim) }, kube, server.now);
  const created = kube.writes.filter(({ verb }) => verb === "create");
  return created
    .map(({ sent }) => sent as KubeObject)
    .filter(({ kind }) => kind !== "Secret")
    .sort((a, b) => (a.kind < b.kind ? -1 : 1));
}

/** Of the user that a file alone lets one expect; which it is, only the Secret knows. */
function credentialsFor(claim: Claim, ref: Ref): Secret {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { ...ref, labels: { "cnpg.io/reload": "true" } },
    type: "kubernetes.io/basic-auth",
    data: { username: base64(databaseOwner(claim)), password: base64("s3cret") },
  };
}

/** Without what only a cluster can know. */
function comparable(object: KubeObject): unknown {
  const { ownerReferences, annotations = {}, labels = {}, ...metadata } = object.metadata;
  const { "database.bizmatters.io/applied": digest, ...others } = annotations;
  expect(digest).toMatch(/^[0-9a-f]{16}$/);
  const kept = Object.keys(others).length > 0 ? { annotations: others } : {};
  const { "database.bizmatters.io/claim-uid": uid, ...marks } = labels;
  const owners = (ownerReferences ?? []).map(owner => owner.uid);
  // One that is to outlive its claim has no owner.
  expect(new Set([...owners, ...(uid === undefined ? [] : [uid])]).size).toBe(1);
  return withoutUid({ ...object, metadata: { ...metadata, ...kept, labels: marks } });
}

/** A pod's template has the label of the claim's uid as well. */
function withoutUid(object: object): unknown {
  return JSON.parse(
    JSON.stringify(object, (field, value: unknown) =>
      field === "database.bizmatters.io/claim-uid" ? undefined : value,
    ),
  );
}

/** As a person writes it: without what the API server fills in. */
function fileOf({ metadata: { name, namespace }, ...claim }: Claim): string {
  return manifestOf({ ...claim, metadata: { name, namespace } });
}

test("rendered are the objects that the module makes, for every claim of every class", async () => {
  await fc.assert(
    fc.asyncProperty(claimAndClass(postgresClass), async ({ claim, found }) => {
      const sources = [
        { file: "claim.yaml", text: fileOf(claim) },
        { file: "class.yaml", text: manifestOf(found) },
      ];
      const { plans, problems } = review(sources, "unused");
      expect(problems).toEqual([]);
      const made = await madeInCluster(claim, [found]);
      expect(made.length).toBeGreaterThan(0);
      expect(renderedObjects(plans)).toEqual(made.map(comparable));
    }),
  );
});

test("the same claims give the same bytes, in whatever order they come", () => {
  const claims = fc.uniqueArray(anyClaim, {
    maxLength: 5,
    selector: ({ metadata }) => metadata.name,
  });
  fc.assert(
    fc.property(claims, many => {
      const rendered = (ordered: readonly Claim[]): string => {
        const text = ordered.map(fileOf).join("---\n");
        return manifestsOf(renderedObjects(review([{ file: "a.yaml", text }], "unused").plans));
      };
      expect(rendered([...many].reverse())).toBe(rendered(many));
    }),
    { numRuns: 50 },
  );
});
