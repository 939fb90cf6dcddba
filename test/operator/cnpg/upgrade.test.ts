/** Major upgrades that fail. The Job is that of the recordings (06-major-upgrade): CNPG 1.30 lets it try once. */
import { cause } from "../../../capabilities/operator/cnpg/causes";
import { obstruction } from "../../../capabilities/operator/cnpg/obstruction";
import { upgradeOf } from "../../../capabilities/operator/cnpg/upgrade";
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import { database, pod, unplaced, upgradeJob } from "./surroundings";

function upgrading(data: number | undefined, asked: string): KubeObject {
  const pgDataImageInfo = data === undefined ? undefined : { majorVersion: data };
  const status = { phase: "Upgrading Postgres major version", currentPrimary: "orders-db-1" };
  const imageName = `ghcr.io/cloudnative-pg/postgresql:${asked}`;
  return database({ ...status, pgDataImageInfo }, { imageName });
}

const terminated = { reason: "OOMKilled", exitCode: 137 };
const failedPod = pod({
  phase: "Failed",
  containerStatuses: [{ name: "major-upgrade", state: { terminated } }],
});
const over = { failed: 1, conditions: [{ type: "Failed", status: "True" }] };
const remedy =
  'and left the data as it was: see kubectl logs -n team-a job/orders-db-1-major-upgrade --all-containers; with spec.version set back to "15" the database starts again';

test.each<readonly [string, readonly KubeObject[], string]>([
  [
    "with how it ended",
    [upgradeJob(17, over), failedPod],
    `the upgrade from PostgreSQL 15 to 17 failed (OOMKilled, exit code 137) ${remedy}`,
  ],
  [
    "as soon as its pod has, for the Job tries but once",
    [upgradeJob(17), failedPod],
    `the upgrade from PostgreSQL 15 to 17 failed (OOMKilled, exit code 137) ${remedy}`,
  ],
  [
    "also when the pod has gone",
    [upgradeJob(17, over)],
    `the upgrade from PostgreSQL 15 to 17 failed ${remedy}`,
  ],
  [
    "for the version that was tried: CNPG tries no other",
    [upgradeJob(16, over)],
    `the upgrade from PostgreSQL 15 to 16 failed ${remedy}`,
  ],
])("an upgrade that has failed is told of, %s", (_title, found, message) => {
  expect(cause(upgrading(15, "17"), found)).toEqual({ reason: "UpgradeFailed", message });
});

test("an upgrade that runs is nothing wrong, and one that cannot begin says why", () => {
  expect(cause(upgrading(15, "17"), [upgradeJob(17), pod({ phase: "Running" })])).toBeUndefined();
  const stuck = [upgradeJob(17), pod(unplaced("0/1 nodes are available: 1 Insufficient cpu."))];
  expect(cause(upgrading(15, "17"), stuck)?.reason).toBe("Unschedulable");
});

test("what is left of an upgrade that is given up is nothing wrong", () => {
  expect(cause(upgrading(15, "15"), [upgradeJob(17, over), failedPod])).toBeUndefined();
});

test("a failed upgrade is never in the way: CNPG itself removes it, and the data stays", () => {
  for (const asked of ["17", "15", "14"]) {
    const cluster = upgrading(15, asked);
    const found = [upgradeJob(17, over), failedPod];
    expect(obstruction(cluster, { ...cluster, ...{ spec: specOf(asked) } }, found)).toBeUndefined();
  }
});

function specOf(asked: string): object {
  return { imageName: `postgresql:${asked}`, storage: { size: "1Gi" }, resources: {} };
}

test.each<readonly [string, number | undefined, string, object | undefined]>([
  ["a higher version", 15, "17", { from: 15, to: 17 }],
  ["a version of more digits", 9, "10", { from: 9, to: 10 }],
  ["a minor version with more in its tag", 15, "17.6-standard-trixie", { from: 15, to: 17 }],
  ["the same version", 15, "15", undefined],
  ["a lower one", 15, "14", undefined],
  ["what CNPG has not told yet", undefined, "17", undefined],
  ["what it tells before it knows", 0, "17", undefined],
  ["a tag that is no version", 15, "trunk", undefined],
])("what an upgrade is: %s", (_title, data, asked, expected) => {
  const cluster = upgrading(data, asked);
  expect(upgradeOf(cluster, cluster)).toEqual(expected);
});
