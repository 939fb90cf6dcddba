/** Logins beside the owner's, wherever pods run: granted, handed out, kept apart, and closed. */
import type { Claim, ClaimCondition } from "../../../capabilities/claim/claim";
import type { DatabaseClaim } from "../../../capabilities/claim/database";
import type { Resource } from "../../../capabilities/kubernetes/objects";
import { roleResource, type RoleSpec } from "../../../capabilities/operator/cnpg/shared-databases";
import { claim, claimResource, readyClaim, untilValues, valuesOf } from "../claims";
import { databaseClaim, databaseClaimResource, readyDatabase } from "../databases";
import { backups } from "../needs";
import { stories, type Scene } from "../story";

const story = stories().where(backups);

const access = {
  readOnly: { secretRef: { name: "reports" } },
  readWrite: { secretRef: { name: "jobs" } },
};

async function untilAccess(
  { cluster, namespace }: Scene,
  resource: Resource,
  name: string,
): Promise<ClaimCondition> {
  return cluster.eventually(`the logins of ${name} to be of use`, async () => {
    const found = await cluster.read<Claim | DatabaseClaim>(resource, { name, namespace });
    const said = found?.status?.conditions?.find(({ type }) => type === "AccessReady");
    return said?.reason === "AccessGranted" ? said : undefined;
  });
}

async function roleOf({ cluster, namespace }: Scene, name: string): Promise<RoleSpec | undefined> {
  const found = await cluster.read(roleResource, { name, namespace });
  return found && (Reflect.get(found, "spec") as RoleSpec);
}

story(
  "an instance's logins have Secrets of their own, and are closed when they are given up",
  async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: "sales", namespace };
    await readyClaim(cluster, claim(ref, { access }));
    await untilAccess(scene, claimResource, "sales");
    const [reports, jobs] = await Promise.all(
      ["reports", "jobs"].map(async name => untilValues(cluster, { name, namespace })),
    );
    expect(reports).toMatchObject({ username: "sales_readonly", database: "sales" });
    expect(jobs).toMatchObject({ username: "sales_readwrite", database: "sales" });
    expect(reports?.["password"]).not.toBe(jobs?.["password"]);
    await cluster.patch(claimResource, ref, { spec: { access: { readWrite: null } } });
    await cluster.eventually("the Secret of the login to go", async () =>
      (await valuesOf(cluster, { name: "jobs", namespace })) ? undefined : true,
    );
    await cluster.eventually("the role to be closed", async () =>
      (await roleOf(scene, "sales.sales-readwrite"))?.login === false ? true : undefined,
    );
    expect(await roleOf(scene, "sales.sales-readonly")).toMatchObject({ login: true });
  },
);

story("a database in a shared instance has logins too", async scene => {
  const { cluster, namespace } = scene;
  await readyClaim(cluster, claim({ name: "home", namespace }, { share: {} }));
  const wanted = databaseClaim(
    { name: "orders", namespace },
    { instanceRef: { name: "home" }, access, deletionPolicy: "Delete" },
  );
  await readyDatabase(cluster, wanted);
  await untilAccess(scene, databaseClaimResource, "orders");
  const reports = await untilValues(cluster, { name: "reports", namespace });
  expect(reports).toMatchObject({ username: "orders_readonly", database: "orders" });
  await cluster.kubectl(["delete", "pgdb/orders", "-n", namespace]);
  await cluster.eventually("the roles to be dropped", async () =>
    (await roleOf(scene, "home.orders-readonly")) ? undefined : true,
  );
});
