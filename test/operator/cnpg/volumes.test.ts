import { cluster } from "../../../capabilities/operator/cnpg/cluster";
import { growth, volumeSearches } from "../../../capabilities/operator/cnpg/volumes";
import { builtInClass } from "../../../capabilities/claim/class";
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import { withSpec } from "../../good-claim";
import { database, sizedVolume } from "./surroundings";

/** 3Gi, as in the recordings, 03. */
const desired = cluster(withSpec({ storageGB: 3 }), builtInClass);

const small = { volume: "orders-db-1", has: "2Gi", wanted: "3Gi", storageClass: "local" };

type Case = readonly [title: string, found: readonly KubeObject[], expected: object | undefined];

test.each<Case>([
  ["03: as large as asked for", [sizedVolume("3Gi", "3Gi")], undefined],
  ["03: asked for, and on its way", [sizedVolume("3Gi", "2Gi")], { ...small, isAskedFor: true }],
  ["not asked for: CNPG cannot", [sizedVolume("2Gi", "2Gi")], { ...small, isAskedFor: false }],
  ["larger than asked for", [sizedVolume("5Gi", "5Gi")], undefined],
  ["the same in another unit", [sizedVolume("3072Mi", "3072Mi")], undefined],
  [
    "of several the smallest",
    [
      sizedVolume("3Gi", "3Gi"),
      sizedVolume("3Gi", "2500Mi", "orders-db-2"),
      sizedVolume("3Gi", "2Gi", "orders-db-3"),
    ],
    { ...small, volume: "orders-db-3", isAskedFor: true },
  ],
  ["none that is known", [], undefined],
  ["not there yet", [sizedVolume("3Gi")], undefined],
  ["of the write-ahead log", [sizedVolume("1Gi", "1Gi", "orders-db-1-wal", "PG_WAL")], undefined],
])("a volume: %s", (_title, found, expected) => {
  expect(growth(database(), desired, found)).toEqual(expected);
});

test("its size is found in one list", () => {
  expect(volumeSearches(database())).toMatchObject([
    {
      resource: { plural: "persistentvolumeclaims" },
      namespace: "team-a",
      labelSelector: "cnpg.io/cluster=orders-db",
    },
  ]);
});
