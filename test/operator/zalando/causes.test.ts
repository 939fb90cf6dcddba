import type { CauseReason } from "../../../capabilities/operator/operator";
import { cause, suspects } from "../../../capabilities/operator/zalando/causes";
import { growth, searches } from "../../../capabilities/operator/zalando/evidence";
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import { database, desired, event, name, object, pod, statefulSet, volume } from "./surroundings";

const noCpu =
  "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.";
const unplaced = {
  phase: "Pending",
  conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: noCpu }],
};
const noImage = {
  phase: "Pending",
  containerStatuses: [
    {
      name: "postgres",
      image: "registry.invalid/spilo:1",
      state: { waiting: { reason: "ErrImagePull", message: "no such host" } },
    },
  ],
};
const quota =
  'create Pod shop-orders-db-0 in StatefulSet shop-orders-db failed error: pods "shop-orders-db-0" is forbidden: exceeded quota: small, requested: limits.cpu=2, used: limits.cpu=1, limited: limits.cpu=2';
const unsynced =
  "could not sync cluster: could not sync secrets: could not create secret for user mydb_app";

/** Names are those of the recordings; what follows is written after them. */
type Case = {
  readonly word: string | undefined;
  readonly found: readonly KubeObject[];
  readonly reason: CauseReason;
  readonly words: string;
};

test.each<readonly [string, Case]>([
  [
    "07: a pod that fits nowhere",
    {
      word: "Creating",
      found: [statefulSet(0, 1), volume(), pod(unplaced)],
      reason: "Unschedulable",
      words: `no node takes instance ${name}-0: 0/1 nodes are available: 1 Insufficient cpu;`,
    },
  ],
  [
    "07: an image that is missing",
    {
      word: "Creating",
      found: [statefulSet(0, 1), volume({ status: { phase: "Bound" } }), pod(noImage)],
      reason: "ImagePullFailed",
      words: "image registry.invalid/spilo:1 cannot be pulled: no such host;",
    },
  ],
  [
    "07: a StorageClass that is missing",
    {
      word: undefined,
      found: [
        statefulSet(0, 1),
        volume({ spec: { storageClassName: "nosuch" }, status: { phase: "Pending" } }),
        event(
          "PersistentVolumeClaim",
          "ProvisioningFailed",
          'storageclass.storage.k8s.io "nosuch" not found',
        ),
      ],
      reason: "StorageClassNotFound",
      words: "the volume waits for a StorageClass that is not there",
    },
  ],
  [
    "a quota that leaves no room",
    {
      word: "Creating",
      found: [statefulSet(0, 1), event("StatefulSet", "FailedCreate", quota)],
      reason: "QuotaExceeded",
      words:
        "the namespace's quota leaves no room for a pod of the database: exceeded quota: small, requested: limits.cpu=2, limited: limits.cpu=2;",
    },
  ],
  [
    "06: the operator says in an event what it could not do",
    {
      word: "SyncFailed",
      found: [event("postgresql", "Sync", unsynced)],
      reason: "OperatorFailed",
      words: `Zalando's operator says SyncFailed: ${unsynced}`,
    },
  ],
  [
    "08: another database keeps the operator from beginning",
    {
      word: undefined,
      found: [],
      reason: "OperatorSilent",
      words: "Zalando's operator has not acted on the postgresql yet",
    },
  ],
])("%s", (_title, { word, found, reason, words }) => {
  const known = cause(database(word), found);
  expect(known?.reason).toBe(reason);
  expect(known?.message).toContain(words);
});

test.each<readonly [string, string | undefined, readonly KubeObject[]]>([
  ["while it is being made", "Creating", [statefulSet(0, 1)]],
  ["once the operator has begun, whatever it says", undefined, [statefulSet(0, 1)]],
  [
    "where the operator only tells what it does",
    "SyncFailed",
    [event("postgresql", "Sync", "x", "Normal")],
  ],
  [
    "in a pod that bears the labels and is not the StatefulSet's",
    "Creating",
    [statefulSet(0, 1), object("Pod", "v1", `${name}-0`, { status: unplaced })],
  ],
])("there is no cause %s", (_title, word, found) => {
  expect(cause(database(word), found)).toBeUndefined();
});

test("the events of the object are asked for where the operator failed, those of the StatefulSet where it has no pods", () => {
  const failed = database("SyncFailed");
  expect(suspects(failed, [])).toEqual([failed]);
  expect(suspects(database("Creating"), [statefulSet(0, 1)])).toEqual([statefulSet(0, 1)]);
  expect(suspects(database("Running"), [statefulSet(1), pod({ phase: "Running" })])).toEqual([]);
});

test("a database is looked around by the operator's labels, in its own namespace", () => {
  const [first] = searches(database());
  expect(searches(database())).toHaveLength(3);
  expect(first).toMatchObject({
    namespace: "team-a",
    labelSelector: `application=spilo,cluster-name=${name}`,
  });
});

test("04: a volume that the operator has not asked to grow says so", () => {
  const small = volume({
    spec: { storageClassName: "local", resources: { requests: { storage: "1Gi" } } },
    status: { phase: "Bound", capacity: { storage: "1Gi" } },
  });
  expect(growth(database("Running"), desired, [small])).toEqual({
    volume: `pgdata-${name}-0`,
    ...{ has: "1Gi", wanted: "20Gi", storageClass: "local", isAskedFor: false },
  });
});
