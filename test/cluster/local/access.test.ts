/** Logins beside the owner's: what each may and may not do, on real PostgreSQL on this machine, by real grants. */
import type { Claim } from "../../../capabilities/claim/claim";
import type { DatabaseClaim } from "../../../capabilities/claim/database";
import type { Resource } from "../../../capabilities/kubernetes/objects";
import { backupDatabase, restoreDatabase } from "../../../sdk";
import { claim, claimResource, readyClaim } from "../claims";
import { databaseClaim, databaseClaimResource, readyDatabase } from "../databases";
import { ownKubeconfig } from "../cluster";
import { askAs, loginOf, type Login } from "../logins";
import { backups } from "../needs";
import { stories, type Scene } from "../story";

const story = stories().where(backups);

const instance = "home";
const access = {
  readOnly: { secretRef: { name: "reports" } },
  readWrite: { secretRef: { name: "jobs" } },
};

/** The claim once what it says of its logins is said of what it asks for now; undefined where it says nothing of them. */
async function untilAccess(
  { cluster, namespace }: Scene,
  resource: Resource,
  name: string,
  reason: string | undefined,
): Promise<void> {
  await cluster.eventually(`claim ${name} to say ${reason ?? "nothing"} of access`, async () => {
    const found = await cluster.read<Claim | DatabaseClaim>(resource, { name, namespace });
    const { observedGeneration, conditions = [] } = found?.status ?? {};
    const said = conditions.find(({ type }) => type === "AccessReady");
    const isCurrent = observedGeneration === found?.metadata.generation;
    return isCurrent && said?.reason === reason ? true : undefined;
  });
}

async function ask(scene: Scene, login: Login, ...statements: readonly string[]): Promise<unknown> {
  return askAs(scene, instance, login, statements);
}

async function expectLogins(scene: Scene, owner: Login): Promise<void> {
  const [reports, jobs] = await Promise.all([loginOf(scene, "reports"), loginOf(scene, "jobs")]);
  await ask(scene, owner, "create schema later", "create table later.made (id serial, note text)");
  expect(await ask(scene, jobs, "insert into earlier (note) values ('j') returning note")).toBe(
    "j",
  );
  expect(await ask(scene, jobs, "insert into later.made (note) values ('k') returning id")).toBe(1);
  expect(await ask(scene, reports, "select note from earlier where note = 'j'")).toBe("j");
  expect(await ask(scene, reports, "select note from later.made")).toBe("k");
  for (const [login, statement] of [
    [reports, "insert into earlier (note) values ('r')"],
    [reports, "update later.made set note = 'r'"],
    [reports, "select nextval('later.made_id_seq')"],
    [jobs, "truncate earlier"],
    [jobs, "drop table earlier"],
    [jobs, "alter table earlier add more int"],
    [jobs, "create table later.mine (id int)"],
    [reports, "select rolpassword from pg_authid"],
    [jobs, "select rolpassword from pg_authid"],
  ] as const) {
    await expect(ask(scene, login, statement)).rejects.toThrow(/permission denied|must be owner/);
  }
}

const earlier = [
  "create table earlier (id serial, note text)",
  "insert into earlier (note) values ('o')",
];

story(
  "an instance has a login that reads and one that writes, also what is made later",
  async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: instance, namespace };
    await readyClaim(cluster, claim(ref, {}, { name: "home-connection" }));
    const owner = await loginOf(scene, "home-connection");
    await ask(scene, owner, ...earlier);
    await cluster.patch(claimResource, ref, { spec: { access } });
    await untilAccess(scene, claimResource, instance, "AccessGranted");
    await expectLogins(scene, owner);
    const reports = await loginOf(scene, "reports");
    await cluster.patch(claimResource, ref, { spec: { access: null } });
    await untilAccess(scene, claimResource, instance, undefined);
    await cluster.eventually("the login to be closed", async () =>
      ask(scene, reports, "select 1").then(
        () => undefined,
        (fault: unknown) =>
          /password authentication failed|not permitted to log in/.test(String(fault)) || undefined,
      ),
    );
  },
);

story(
  "in a shared instance a login reaches the database that it is for, and no other",
  async scene => {
    const { cluster, namespace } = scene;
    await readyClaim(
      cluster,
      claim({ name: instance, namespace }, { share: {} }, { name: "home-connection" }),
    );
    await readyDatabase(
      cluster,
      databaseClaim({ name: "audit", namespace }, { instanceRef: { name: instance } }),
    );
    await readyDatabase(
      cluster,
      databaseClaim({ name: "orders", namespace }, { instanceRef: { name: instance } }),
    );
    const owner = await loginOf(scene, "orders-connection");
    await ask(scene, owner, ...earlier);
    await cluster.patch(databaseClaimResource, { name: "orders", namespace }, { spec: { access } });
    await untilAccess(scene, databaseClaimResource, "orders", "AccessGranted");
    const reports = await loginOf(scene, "reports");
    await cluster.eventually("the instance to let the login in", async () =>
      ask(scene, reports, "select 1").then(
        () => true,
        () => undefined,
      ),
    );
    await expectLogins(scene, owner);
    for (const database of ["audit", "home", "postgres", "template1"]) {
      await expect(ask(scene, { ...reports, database }, "select 1")).rejects.toThrow(
        /pg_hba.conf rejects/,
      );
    }
  },
);

story("a backup that is put back leaves the logins their rights", async scene => {
  const { cluster, namespace } = scene;
  const className = await scene.newClass({
    backup: { method: "dump", volume: { nfs: { server: "nas", path: "/backups" } } },
  });
  await readyClaim(
    cluster,
    claim({ name: instance, namespace }, { className, access }, { name: "home-connection" }),
  );
  const owner = await loginOf(scene, "home-connection");
  await ask(scene, owner, ...earlier);
  await untilAccess(scene, claimResource, instance, "AccessGranted");
  const config = { name: instance, claim: instance, namespace };
  const options = { kubeconfig: ownKubeconfig(cluster) };
  const backup = await backupDatabase(config, options);
  await ask(scene, owner, "drop table earlier");
  await restoreDatabase(config, { ...options, from: backup });
  await untilAccess(scene, claimResource, instance, "AccessGranted");
  await expectLogins(scene, owner);
});
