/**
 * Backups that are real: PostgreSQL's own programs dump a database of this machine and put it back, by the Jobs that a cluster would
 * run. The controllers of CronJobs and Jobs are Kubernetes' own; a stand-in plays the kubelet, and the operators'.
 */
import type { Claim } from "../../../capabilities/claim/claim";
import type { ClassSpec } from "../../../capabilities/claim/class";
import type { KubeObject, Ref } from "../../../capabilities/kubernetes/objects";
import { typed, type Printed } from "../../cli/terminal";
import { addressIn } from "../address";
import {
  claim,
  claimResource,
  readyClaim,
  untilGone,
  untilReady,
  untilSays,
  untilValues,
} from "../claims";
import type { TestCluster } from "../cluster";
import { lastValue } from "../last-value";
import { backups } from "../needs";
import { operatorRows, type OperatorRow } from "../operators";
import { stories, type Scene } from "../story";

const story = stories().where(backups);

const connection = "orders-postgres";
const home: NonNullable<ClassSpec["backup"]> = {
  method: "dump",
  volume: { nfs: { server: "nas", path: "/backups" } },
};

/** A claim that is Ready, in a class of this operator that makes backups. */
async function ordersDb(
  { classSpec }: OperatorRow,
  scene: Scene,
): Promise<{ readonly ref: Ref; readonly className: string }> {
  const { cluster, namespace } = scene;
  const className = await scene.newClass({ ...classSpec, backup: home });
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref, { className }, { name: connection }));
  return { ref, className };
}

/** The first value of the last statement, as the application would ask for it. */
async function ask(
  { operator, objectName }: OperatorRow,
  { cluster, namespace }: Scene,
  ...statements: readonly string[]
): Promise<unknown> {
  const object = { name: objectName("orders-db"), namespace };
  const found = await cluster.read<KubeObject>(operator.objects.resource, object);
  const { username, password, database } = await untilValues(cluster, {
    name: connection,
    namespace,
  });
  const login = { ...addressIn(found), user: username, password, database };
  return lastValue(login, statements);
}

/** Makes one as a user would, and gives its name. */
async function backUp(cluster: TestCluster, ref: Ref, job: string): Promise<string> {
  const from = `--from=cronjob/${ref.name}-backup`;
  await cluster.kubectl(["create", "job", from, job, "-n", ref.namespace]);
  return cluster.eventually(`a backup by Job ${job}`, async () => {
    const { backup } = (await cluster.read<Claim>(claimResource, ref))?.status ?? {};
    return backup?.lastSuccess?.job === job ? backup.lastSuccess.name : undefined;
  });
}

async function putBack(cluster: TestCluster, ref: Ref, from: string | null): Promise<void> {
  const restore = from === null ? null : { from };
  await cluster.patch(claimResource, ref, { spec: { restore } });
}

function saidBy({ status }: Claim, type: string): string | undefined {
  return status?.conditions?.find(condition => condition.type === type)?.message;
}

for (const row of operatorRows) {
  const { operator } = row;

  story(
    `${operator.title}: what was destroyed comes back from a backup, under the same name and password`,
    async scene => {
      const { cluster, namespace } = scene;
      const { ref } = await ordersDb(row, scene);
      await ask(
        row,
        scene,
        "create table orders (id int primary key, what text)",
        "comment on table orders is 'all of them'",
        "insert into orders select i, 'order ' || i from generate_series(1, 1000) i",
        "select lo_from_bytea(0, 'a large object')",
      );
      const name = await backUp(cluster, ref, "by-hand");
      const before = await untilValues(cluster, { name: connection, namespace });

      await ask(row, scene, "drop table orders", "create table later (id int)");
      await putBack(cluster, ref, name);
      const restored = await untilReady(cluster, ref);
      expect(saidBy(restored, "Restored")).toMatch(
        new RegExp(
          `^backup ${name} was put back; what was there before is in backup \\d{8}T\\d{6}Z$`,
        ),
      );
      expect(restored.status?.backup?.available).toHaveLength(2);
      expect(await ask(row, scene, "select count(*)::int from orders")).toBe(1000);
      expect(await ask(row, scene, "select to_regclass('later')")).toBeNull();
      expect(await ask(row, scene, "select obj_description('orders'::regclass)")).toBe(
        "all of them",
      );
      expect(await ask(row, scene, "select count(*)::int from pg_largeobject_metadata")).toBe(1);
      expect(await untilValues(cluster, { name: connection, namespace })).toEqual(before);

      // What was there before the restore can be put back as well.
      const { safety = "" } = restored.status?.restore ?? {};
      await putBack(cluster, ref, safety);
      await untilReady(cluster, ref);
      expect(await ask(row, scene, "select to_regclass('orders')")).toBeNull();
      expect(await ask(row, scene, "select to_regclass('later')::text")).toBe("later");
    },
  );
}

const [cnpg] = operatorRows;

if (cnpg) {
  story(
    "a claim that is made again gets its data back, by the same file that made it",
    async scene => {
      const { cluster, namespace } = scene;
      const { ref, className } = await ordersDb(cnpg, scene);
      await ask(cnpg, scene, "create table orders (id int)", "insert into orders values (7)");
      await backUp(cluster, ref, "by-hand");
      await cluster.remove(claimResource, ref);
      await untilGone(cluster, claimResource, ref);
      const events = await cluster.kubectl(["get", "events", "-n", namespace]);
      expect(events).toMatch(`the claim's backups stay: ${namespace}/orders-db in nas:/backups`);

      const again = claim(ref, { className, restore: { from: "latest" } }, { name: connection });
      await readyClaim(cluster, again);
      expect(await ask(cnpg, scene, "select id from orders")).toBe(7);
      // Applied again, as GitOps does all day, it does nothing.
      await ask(cnpg, scene, "insert into orders values (8)");
      await cluster.kubectl(["apply", "-f", "-"], JSON.stringify(again));
      await cluster.patch(claimResource, ref, { spec: { storageGB: 30 } });
      await untilReady(cluster, ref);
      expect(await ask(cnpg, scene, "select count(*)::int from orders")).toBe(2);
    },
  );

  story(
    "a backup that is not there is told, nothing is touched, and the claim recovers",
    async scene => {
      const { cluster, namespace } = scene;
      const { ref } = await ordersDb(cnpg, scene);
      await ask(cnpg, scene, "create table orders (id int)");
      const name = await backUp(cluster, ref, "by-hand");
      await putBack(cluster, ref, "20200101T000000Z");
      const { message } = await untilSays(cluster, ref, "RestoreFailed");
      expect(message).toContain(
        `backup 20200101T000000Z is not in ${namespace}/orders-db in nas:/backups; there are: ${name}`,
      );
      expect(await ask(cnpg, scene, "select count(*)::int from orders")).toBe(0);
      await putBack(cluster, ref, null);
      await untilReady(cluster, ref);
    },
  );
}

if (cnpg) {
  story(
    "the command line makes a backup, lists it, says what a restore would do, and does it, twice",
    async scene => {
      const { cluster, namespace } = scene;
      await ordersDb(cnpg, scene);
      await ask(cnpg, scene, "create table orders (id int)");
      const run = async (...words: readonly string[]): Promise<Printed> =>
        typed([...words, "-n", namespace, ...cluster.access.kubectl.slice(1)], "", process.env);

      const none = await run("restore", "orders-db", "--from", "latest", "--yes");
      expect(none.code).toBe(1);
      expect(none.error).toContain(`there is no backup in ${namespace}/orders-db in nas:/backups`);

      const made = await run("backup", "orders-db");
      expect(made.code).toBe(0);
      const name = made.out.trim();
      expect(name).toMatch(/^\d{8}T\d{6}Z$/);
      const listed = await run("backups", "orders-db");
      expect(listed.out).toContain(`${namespace}/orders-db in nas:/backups`);
      expect(listed.out).toMatch(new RegExp(`^Available +${name}$`, "m"));

      const asked = await run("restore", "orders-db", "--from", name);
      expect(asked.out).toContain("Nothing has been done: repeat the command with --yes.");
      for (const table of ["first", "second"]) {
        await ask(cnpg, scene, `create table ${table} (id int)`);
        const done = await run("restore", "orders-db", "--from", name, "--yes");
        expect([done.code, done.out]).toEqual([
          0,
          expect.stringMatching(
            new RegExp(`^put back ${name}; what was there before is in backup`),
          ),
        ]);
        expect(await ask(cnpg, scene, `select to_regclass('${table}')`)).toBeNull();
      }
    },
  );
}
