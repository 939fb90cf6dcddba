import fc from "fast-check";

import { additions, defaults } from "../../../../local/stand-in/cnpg/additions";
import { marks } from "../../../../local/stand-in/cnpg/cluster";
import type { Cluster } from "../../../../local/stand-in/cnpg/cluster";
import { good, withSpec } from "./clusters";

type Json = Record<string, unknown>;

/** https://www.rfc-editor.org/rfc/rfc7386 without removals, which the stand-in never asks for. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isJson(patch)) return patch;
  const base: Json = isJson(target) ? target : {};
  return Object.fromEntries([
    ...Object.entries(base),
    ...Object.entries(patch).map(([name, value]) => [name, merged(base[name], value)]),
  ]);
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const spec = fc.record(
  {
    instances: fc.integer({ min: 1, max: 9 }),
    imageName: fc.constantFrom("x:14", "x:18"),
    storage: fc.record({ size: fc.constantFrom("1Gi", "20Gi") }, { requiredKeys: [] }),
    bootstrap: fc.constantFrom({}, { initdb: {} }, { initdb: { database: "a", owner: "b" } }),
    affinity: fc.constantFrom(
      {},
      { nodeSelector: { a: "b" } },
      { podAntiAffinityType: "required" },
    ),
    postgresql: fc.constantFrom({}, { parameters: { wal_level: "replica" } }),
    enablePDB: fc.boolean(),
  },
  { requiredKeys: [] },
);

test("adds once, and keeps all that was there", () => {
  fc.assert(
    fc.property(
      spec,
      fc.option(fc.constant("127.0.0.1:1"), { nil: undefined }),
      (given, address) => {
        const cluster: Cluster = { ...good, spec: given };
        const patch = additions(cluster, address);
        const after = merged(cluster, patch) as Cluster;
        expect(additions(after, address)).toBeUndefined();
        expect(merged(after.spec, given)).toEqual(after.spec);
      },
    ),
  );
});

test("marks the Cluster with what it is, where the server listens and how large the volume is", () => {
  expect(additions(good, "127.0.0.1:54321")).toMatchObject({
    metadata: {
      annotations: {
        [marks.standIn]: "true",
        [marks.address]: "127.0.0.1:54321",
        [marks.storage]: "2Gi",
      },
    },
  });
});

test("touches no more than the mark when a volume grows", () => {
  const filled = merged(good, additions(good, undefined)) as Cluster;
  const grown = withSpec({ storage: { size: "3Gi" } }, filled);
  expect(additions(grown, undefined)).toEqual({
    metadata: { annotations: { [marks.storage]: "3Gi" } },
    spec: { storage: { resizeInUseVolumes: true } },
  });
});

test("fills in as CNPG does", () => {
  expect(defaults(good)).toMatchObject({
    affinity: { podAntiAffinityType: "preferred" },
    bootstrap: { initdb: { encoding: "UTF8", localeCType: "C", localeCollate: "C" } },
    enablePDB: true,
    enableSuperuserAccess: false,
    logLevel: "info",
    primaryUpdateStrategy: "unsupervised",
    storage: { resizeInUseVolumes: true },
  });
});
