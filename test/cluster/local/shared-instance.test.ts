/** That tenants of one instance are apart, by connecting as each to each, on real PostgreSQL on this machine. */
import { Client } from "pg";
import type { Ref } from "../../../capabilities/kubernetes/objects";
import { backupDatabase, restoreDatabase } from "../../../sdk";
import { claim, readyClaim } from "../claims";
import {
  databaseClaim,
  databaseClaimResource,
  readyDatabase,
  untilDatabaseGone,
  untilDatabaseReady,
} from "../databases";
import { ownKubeconfig } from "../cluster";
import { addressOf, askAs, loginOf, type Login } from "../logins";
import { backups } from "../needs";
import { stories, type Scene } from "../story";

const story = stories();

const instance = { name: "home" };

/** The first value of the last statement. */
async function ask(scene: Scene, login: Login, ...statements: readonly string[]): Promise<unknown> {
  return askAs(scene, instance.name, login, statements);
}

async function home(scene: Scene): Promise<void> {
  const ref = { ...instance, namespace: scene.namespace };
  await readyClaim(scene.cluster, claim(ref, { share: {} }, { name: "home-connection" }));
}

function refTo({ namespace }: Scene, name: string): Ref {
  return { name, namespace };
}

story("each role reaches its own database alone, and is nobody special there", async scene => {
  await home(scene);
  const { cluster } = scene;
  await Promise.all([
    readyDatabase(cluster, databaseClaim(refTo(scene, "orders"), { instanceRef: instance })),
    readyDatabase(
      cluster,
      databaseClaim(refTo(scene, "audit"), {
        instanceRef: instance,
        databaseName: "audit_log",
        owner: "auditor",
        extensions: [{ name: "pg_trgm" }],
      }),
    ),
  ]);
  const names = ["home-connection", "orders-connection", "audit-connection"];
  const logins = await Promise.all(names.map(async name => loginOf(scene, name)));
  const databases = [...logins.map(({ database }) => database), "postgres", "template1"];
  const reached: string[] = [];
  for (const login of logins) {
    for (const database of databases) {
      const opened = ask(scene, { ...login, database }, "select 1");
      if (await opened.then(() => true, isRefusal)) reached.push(`${login.user} ${database}`);
    }
  }
  expect(reached).toEqual(["home home", "orders orders", "auditor audit_log"]);
  for (const login of logins.slice(1)) {
    const rights =
      "select rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls from pg_roles where rolname = current_user";
    expect(await ask(scene, login, rights)).toBe(false);
    await expect(ask(scene, login, "create role mallory superuser")).rejects.toThrow(
      "permission denied",
    );
    expect(
      await ask(
        scene,
        login,
        "create table made (id int)",
        "insert into made values (7)",
        "select id from made",
      ),
    ).toBe(7);
  }
  const audit = await loginOf(scene, "audit-connection");
  expect(
    await ask(scene, audit, "select extname from pg_extension where extname = 'pg_trgm'"),
  ).toBe("pg_trgm");
});

/** Whether PostgreSQL let nobody in; anything else is a fault of the test. */
function isRefusal(fault: unknown): false {
  if (/pg_hba.conf rejects/.test(String(fault))) return false;
  throw fault;
}

story("a role has no more connections than its limit, and the others have theirs", async scene => {
  await home(scene);
  const { cluster } = scene;
  const greedy = databaseClaim(refTo(scene, "greedy"), {
    instanceRef: instance,
    connectionLimit: 2,
  });
  await readyDatabase(cluster, greedy);
  await readyDatabase(cluster, databaseClaim(refTo(scene, "modest"), { instanceRef: instance }));
  const login = await loginOf(scene, "greedy-connection");
  const clients: Client[] = [];
  const address = await addressOf(scene, instance.name);
  try {
    for (let count = 0; count < 2; count++) {
      const client = new Client({ ...address, ...login });
      await client.connect();
      clients.push(client);
    }
    await expect(ask(scene, login, "select 1")).rejects.toThrow("too many connections for role");
    expect(await ask(scene, await loginOf(scene, "modest-connection"), "select 1")).toBe(1);
  } finally {
    await Promise.all(clients.map(async client => client.end()));
  }
});

story(
  "data that is kept is there for the next claim of the name; data that is to go is gone",
  async scene => {
    await home(scene);
    const { cluster, namespace } = scene;
    const ref = refTo(scene, "orders");
    const wanted = databaseClaim(ref, { instanceRef: instance });
    await readyDatabase(cluster, wanted);
    const first = await loginOf(scene, "orders-connection");
    await ask(scene, first, "create table kept (id int)", "insert into kept values (42)");
    await cluster.kubectl(["delete", "pgdb/orders", "-n", namespace]);
    // The claim goes once the role's object is closed; the operator follows that a moment later.
    const refusal = await cluster.eventually("the login to be refused", async () =>
      ask(scene, first, "select 1").then(() => undefined, String),
    );
    expect(refusal).toContain("password authentication failed");
    await readyDatabase(cluster, wanted);
    const second = await loginOf(scene, "orders-connection");
    expect(await ask(scene, second, "select id from kept")).toBe(42);
    await expect(ask(scene, first, "select 1")).rejects.toThrow("password authentication failed");
    await cluster.patch(databaseClaimResource, ref, { spec: { deletionPolicy: "Delete" } });
    await cluster.kubectl(["delete", "pgdb/orders", "-n", namespace]);
    await untilDatabaseGone(cluster, ref);
    await readyDatabase(cluster, wanted);
    const third = await loginOf(scene, "orders-connection");
    await expect(ask(scene, third, "select id from kept")).rejects.toThrow(
      'relation "kept" does not exist',
    );
  },
);

story.where(backups)(
  "a database has backups of its own, and one is put back without touching its neighbours",
  async scene => {
    const { cluster, namespace } = scene;
    const className = await scene.newClass({
      backup: { method: "dump", volume: { nfs: { server: "nas", path: "/backups" } } },
    });
    await readyClaim(cluster, claim({ ...instance, namespace }, { className, share: {} }));
    for (const name of ["orders", "audit"]) {
      await readyDatabase(cluster, databaseClaim(refTo(scene, name), { instanceRef: instance }));
    }
    const orders = await loginOf(scene, "orders-connection");
    const audit = await loginOf(scene, "audit-connection");
    await ask(scene, orders, "create table kept (id int)", "insert into kept values (42)");
    await ask(scene, audit, "create table kept (id int)", "insert into kept values (43)");
    const config = { name: "orders", namespace, instance: instance.name };
    const options = { kubeconfig: ownKubeconfig(cluster) };
    const name = await backupDatabase(config, options);
    await ask(scene, orders, "drop table kept", "create table later (id int)");
    await ask(scene, audit, "insert into kept values (44)");
    const back = await restoreDatabase(config, { ...options, from: name });
    expect(back.restored).toBe(name);
    expect(await ask(scene, orders, "select id from kept")).toBe(42);
    expect(await ask(scene, orders, "select to_regclass('later')")).toBeNull();
    expect(await ask(scene, audit, "select count(*)::int from kept")).toBe(2);
    const { status } = await untilDatabaseReady(cluster, refTo(scene, "orders"));
    expect(status?.backup?.place).toBe(`${namespace}/orders.pgdb in nas:/backups`);
    expect(status?.backup?.available).toEqual([back.safety, name]);
  },
);
