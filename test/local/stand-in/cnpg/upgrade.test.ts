/** What the stand-in leaves of a major upgrade that fails, and that the module reads it as one. */
import { cause } from "../../../../capabilities/operator/cnpg/causes";
import type { KubeObject } from "../../../../capabilities/kubernetes/objects";
import { marks } from "../../../../local/stand-in/cnpg/cluster";
import type { Cluster } from "../../../../local/stand-in/cnpg/cluster";
import { podOf } from "../../../../local/stand-in/cnpg/trouble";
import {
  failedJobStatus,
  failedPodStatus,
  settleUpgrade,
  upgradeJob,
} from "../../../../local/stand-in/cnpg/upgrade";
import type { Api } from "../../../../local/stand-in/api";
import { good, now, withAnnotations, withSpec, withStatus } from "./clusters";

const image = "ghcr.io/cloudnative-pg/postgresql:17";
const running = withStatus({
  currentPrimary: "orders-db-1",
  pgDataImageInfo: { image: "ghcr.io/cloudnative-pg/postgresql:16", majorVersion: 16 },
});
const upgrading = withSpec({ imageName: image }, running);
const doomed = withAnnotations({ [marks.failsUpgrade]: "true" }, upgrading);

/** What would be asked of the API server. */
function asked(): { readonly api: Api; readonly calls: string[] } {
  const calls: string[] = [];
  const noted = (verb: string) => (path: string, body?: object) => {
    calls.push(`${verb} ${path}`);
    return Promise.resolve(body as KubeObject | undefined);
  };
  const api = { create: noted("create"), patch: noted("patch"), remove: noted("remove") };
  return { api: api as unknown as Api, calls };
}

async function settle(cluster: Cluster, hasFailed: boolean): Promise<readonly unknown[]> {
  const { api, calls } = asked();
  return [await settleUpgrade(api, cluster, hasFailed), ...calls];
}

test("its Job and pod tell the module that it has failed, and from what to what", () => {
  const job = { ...upgradeJob(doomed), status: failedJobStatus(now) };
  job.metadata = { ...job.metadata, uid: "job-uid" };
  const pod = { ...podOf(job), status: failedPodStatus(job) };
  for (const found of [[job, pod], [job]]) {
    const { reason, message } = cause(doomed, found) ?? {};
    expect([reason, message?.slice(0, 41)]).toEqual([
      "UpgradeFailed",
      "the upgrade from PostgreSQL 16 to 17 fail",
    ]);
  }
});

test("it fails when its server is down, and is left until the old version is asked for", async () => {
  const jobs = "/apis/batch/v1/namespaces/demo/jobs";
  const pods = "/api/v1/namespaces/demo/pods";
  const job = "orders-db-1-major-upgrade";
  const [isFailed, ...calls] = await settle(doomed, false);
  expect(isFailed).toBe(true);
  expect(calls.map(call => String(call).replace(/-[^-/]*\/status$/, "-…/status"))).toEqual([
    `create ${jobs}`,
    `create ${pods}`,
    `patch ${pods}/${job}-…/status`,
    `patch ${jobs}/orders-db-1-major-…/status`,
  ]);
  expect(await settle(doomed, true)).toEqual([true]);
  expect(await settle(withSpec(running.spec, doomed), true)).toEqual([
    false,
    `remove ${jobs}/${job}`,
  ]);
});

test.each<readonly [string, Cluster]>([
  ["a Cluster that is well", running],
  ["an upgrade that is not to fail", upgrading],
  ["one whose server still runs", withStatus({ ...doomed.status, readyInstances: 1 }, doomed)],
  ["a first start", good],
])("nothing is left of %s", async (_title, cluster) => {
  expect(await settle(cluster, false)).toEqual([false]);
});
