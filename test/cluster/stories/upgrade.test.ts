/** A major upgrade that fails: the claim says so, and there is a way back to the version that the database has. */
import type { Claim } from "../../../capabilities/claim/claim";
import { jobResource } from "../../../capabilities/operator/diagnosis/evidence";
import { marks } from "../../../local/stand-in/cnpg/cluster";
import { run } from "../../../local/processes";
import {
  claim,
  claimResource,
  classResource,
  clusterResource,
  readyClaim,
  untilReady,
  untilSays,
  valuesOf,
  warningsOf,
} from "../claims";
import type { Ref } from "../../../capabilities/kubernetes/objects";
import type { TestCluster } from "../cluster";
import { postgresql } from "../needs";
import { stories } from "../story";

const story = stories();

/** A real pg_upgrade refuses a column of such a type, whose values would be others afterwards. */
const obstacle = "CREATE TABLE obstacle (procedure regproc)";

/** From then on each major upgrade fails. */
async function obstruct(cluster: TestCluster, ref: Ref): Promise<void> {
  if (cluster.access.surroundings === undefined) {
    const annotations = { [marks.failsUpgrade]: "true" };
    await cluster.patch(clusterResource, ref, { metadata: { annotations } });
    return;
  }
  const inPod = ["exec", "-n", ref.namespace, `${ref.name}-1`, "-c", "postgres", "--"];
  await cluster.kubectl([...inPod, "psql", "-d", "orders_db", "-c", obstacle]);
}

/** Real CNPG's upgrades end with a code of its choice. */
function exitCodeIn({ access }: TestCluster, message: string): string {
  return (access.surroundings && /exit code (\d+)/.exec(message)?.[1]) ?? "1";
}

story.where(postgresql("17"))(
  "a major upgrade that fails is told of, and given up by asking for the old version",
  async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: "orders-db", namespace };
    const className = await scene.newClass({
      versions: { default: "16", allowed: ["15", "16", "17"] },
    });
    await readyClaim(cluster, claim(ref, { className, version: "16" }, { name: "orders" }));
    const before = await valuesOf(cluster, { name: "orders", namespace });
    await obstruct(cluster, ref);

    await cluster.patch(claimResource, ref, { spec: { version: "17" } });
    const { message } = await untilSays(cluster, ref, "UpgradeFailed");
    expect(message).toBe(
      `the upgrade from PostgreSQL 16 to 17 failed (Error, exit code ${exitCodeIn(cluster, message)}) and left the data as it was: see kubectl logs -n ${namespace} job/orders-db-1-major-upgrade --all-containers; with spec.version set back to "16" the database starts again`,
    );
    const { status } = (await cluster.read<Claim>(claimResource, ref)) ?? {};
    expect(status).toMatchObject({ phase: "Failed", version: "16", readyInstances: 0 });

    // By now the platform team may have taken the old version out of the class.
    const versions = { default: "17", allowed: ["15", "17"] };
    await cluster.patch(classResource, { name: className, namespace: "" }, { spec: { versions } });
    await expect(cluster.patch(claimResource, ref, { spec: { version: "15" } })).rejects.toThrow(
      'spec.version was "17" and cannot go down to "15", but for "16", which it still has',
    );
    const [command, ...first] = cluster.access.kubectl;
    const back = ["patch", "pgi", ref.name, "-n", namespace, "--type", "merge"];
    const { stderr } = await run(command, [...first, ...back, "-p", '{"spec":{"version":"16"}}']);
    expect(stderr).toBe(
      "Warning: spec.version: the upgrade from 16 to 17 is given up, and the database starts again with 16\n",
    );
    const { status: after } = await untilReady(cluster, ref);
    expect(after).toMatchObject({ version: "16", readyInstances: 1 });
    expect(await valuesOf(cluster, { name: "orders", namespace })).toEqual(before);
    expect(await cluster.list(jobResource, namespace)).toEqual([]);
    expect(await warningsOf(cluster, ref)).toMatchObject([{ reason: "UpgradeFailed", message }]);
  },
);
