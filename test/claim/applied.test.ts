import * as fc from "fast-check";
import { isApplied, withDigest } from "../../capabilities/claim/applied";
import { builtInClass } from "../../capabilities/claim/class";
import { annotations } from "../../capabilities/claim/names";
import { orderedDigestOf } from "../../capabilities/kubernetes/digest";
import type { KubeObject } from "../../capabilities/kubernetes/objects";
import { cluster } from "../../capabilities/operator/cnpg/cluster";
import { anyJson } from "../arbitrary/claim";
import { deepFreeze } from "../arbitrary/frozen";
import { goodClaim, withSpec } from "../good-claim";

function digestOf(claim: typeof goodClaim): string | undefined {
  return withDigest(cluster(claim, builtInClass)).metadata.annotations?.[annotations.applied];
}

/** The same value with the keys of every object in the opposite order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([name, child]) => [name, turned(child)]));
}

test("the digest marks the manifest and changes nothing else of it", () => {
  const manifest = deepFreeze(cluster(goodClaim, builtInClass));
  const marked = withDigest(manifest);
  const { annotations: marks, ...metadata } = marked.metadata;
  expect({ ...marked, metadata }).toEqual(manifest);
  expect(Object.keys(marks ?? {})).toEqual([annotations.applied]);
  expect(marks?.[annotations.applied]).toMatch(/^[0-9a-f]{16}$/);
});

test("the digest keeps annotations that are there", () => {
  const manifest = cluster(goodClaim, builtInClass);
  const annotated = { ...manifest, metadata: { ...manifest.metadata, annotations: { a: "b" } } };
  expect(withDigest(annotated).metadata.annotations).toMatchObject({ a: "b" });
});

test("the same manifest has the same digest, another one another: a field that is wanted no longer among them", () => {
  expect(digestOf(goodClaim)).toBe(digestOf(goodClaim));
  const others = [
    withSpec({ storageGB: 21 }),
    withSpec({ instances: 2 }),
    withSpec({ version: "17" }),
  ];
  const digests = [goodClaim, ...others].map(claim => digestOf(claim as typeof goodClaim));
  expect(new Set(digests).size).toBe(4);
  const placed = { ...builtInClass, nodeSelector: { disk: "ssd" } };
  const withPlacement = withDigest(cluster(goodClaim, placed)).metadata.annotations;
  expect(withPlacement?.[annotations.applied]).not.toBe(digestOf(goodClaim));
});

test("a build that orders the keys of a manifest differently finds its digest again", () => {
  fc.assert(
    fc.property(anyJson, value => {
      const manifest = { ...cluster(goodClaim, builtInClass), more: value } as KubeObject;
      const other = turned(manifest) as KubeObject;
      expect(isApplied(withDigest(manifest), withDigest(other))).toBe(true);
    }),
  );
});

describe("the digest of the builds before, which depended on the order of keys,", () => {
  const manifest = cluster(goodClaim, builtInClass);
  const marked = (digest: string): KubeObject => ({
    ...manifest,
    metadata: { ...manifest.metadata, annotations: { [annotations.applied]: digest } },
  });

  test("is known again, so that an upgrade of the module writes to no database", () => {
    expect(isApplied(withDigest(manifest), marked(orderedDigestOf(manifest)))).toBe(true);
    const annotated = {
      ...manifest,
      metadata: { ...manifest.metadata, annotations: { a: "b" } },
    };
    expect(isApplied(withDigest(annotated), marked(orderedDigestOf(annotated)))).toBe(true);
  });

  test("of another manifest is not", () => {
    const other = cluster(withSpec({ instances: 2 }), builtInClass);
    expect(isApplied(withDigest(other), marked(orderedDigestOf(manifest)))).toBe(false);
    expect(isApplied(withDigest(other), manifest)).toBe(false);
  });
});
