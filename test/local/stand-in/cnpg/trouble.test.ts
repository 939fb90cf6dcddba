/** What the stand-in leaves where a Cluster cannot start, and that it stays as it was made. */
import { cause } from "../../../../capabilities/operator/cnpg/causes";
import type { KubeObject } from "../../../../capabilities/kubernetes/objects";
import type { Cluster } from "../../../../local/stand-in/cnpg/cluster";
import {
  initdbJob,
  podOf,
  podStatus,
  refusalEvent,
  troubleOf,
  troubleOfStart,
  volumeClaim,
  volumeEvent,
  type Trouble,
} from "../../../../local/stand-in/cnpg/trouble";
import { good, now, withSpec } from "./clusters";

const unpullable = withSpec({ imageName: "registry.invalid/postgresql:16" });
const unplaced = withSpec({ affinity: { nodeSelector: { place: "nowhere" } } });
const unbound = withSpec({ storage: { size: "1Gi", storageClass: "missing" } });

type Case = readonly [title: string, cluster: Cluster, trouble: Trouble, reason: string];

const cases: readonly Case[] = [
  ["an image of a registry that can never be", unpullable, "image", "ImagePullFailed"],
  ["a node selector that says nowhere", unplaced, "placement", "Unschedulable"],
  ["the StorageClass called missing", unbound, "storageClass", "StorageClassNotFound"],
];

function withUid(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, uid: `${object.kind}-uid` } };
}

test.each(cases)("%s is trouble, and the module reads from it what it is", (...fields) => {
  const [, cluster, trouble, reason] = fields;
  expect(troubleOf(cluster)).toBe(trouble);
  const [job, volume] = [withUid(initdbJob(cluster)), withUid(volumeClaim(cluster))];
  const pod = { ...podOf(job), status: podStatus(trouble, job) };
  const events = trouble === "storageClass" ? [volumeEvent(volume, now)] : [];
  expect(cause(cluster, [job, volume, pod, ...events])?.reason).toBe(reason);
});

test.each(cases)("%s: a start that was begun is not mended by a new definition", (...fields) => {
  const [, cluster, trouble] = fields;
  expect(troubleOfStart(initdbJob(cluster), volumeClaim(cluster))).toBe(trouble);
  expect(troubleOf(good)).toBeUndefined();
});

test.each([
  ["exceeded quota: tight, requested: pods=1, used: pods=0, limited: pods=0", "QuotaExceeded"],
  ["maximum memory usage per Container is 1Mi, but limit is 1Gi", "PodRefused"],
])("a pod that the API server refuses leaves a Job that says so: %s", (words, reason) => {
  const job = withUid(initdbJob(good));
  const refusal = `pods "orders-db-1-initdb-8928f" is forbidden: ${words}`;
  expect(cause(good, [job, refusalEvent(job, refusal, now)])?.reason).toBe(reason);
});

test("a Cluster that is well has nothing of it", () => {
  expect(troubleOf(good)).toBeUndefined();
  expect(troubleOfStart(initdbJob(good), volumeClaim(good))).toBeUndefined();
});

test("a Job that is made anew is of the definition that is there then", () => {
  expect(troubleOfStart(initdbJob(good), volumeClaim(unpullable))).toBeUndefined();
});
