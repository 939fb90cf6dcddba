/** Logins beside the owner's, over their life: made in order, granted their rights, let in, handed out, closed and opened again. */
import type { Claim } from "../../capabilities/claim/claim";
import type { PostgresClass } from "../../capabilities/claim/class";
import type { DatabaseClaim, DatabaseSpec } from "../../capabilities/claim/database";
import { claimKind, claimResource, databaseClaimResource } from "../../capabilities/claim/names";
import {
  secretResource,
  type KubeObject,
  type Ref,
  type Resource,
  type Secret,
} from "../../capabilities/kubernetes/objects";
import { clusterResource } from "../../capabilities/operator/cnpg/cluster";
import { databaseResource } from "../../capabilities/operator/cnpg/extensions";
import { roleResource } from "../../capabilities/operator/cnpg/shared-databases";
import { jobResource } from "../../capabilities/operator/diagnosis/evidence";
import { events } from "./bench";
import {
  applyAll,
  bench,
  database,
  failures,
  instance,
  instanceRef,
  leave,
  ordersRef,
  specOf,
  type Bench,
} from "./shared-bench";
import { without } from "../without";

const readOnly = { secretRef: { name: "orders-readonly" } };
const readWrite = { secretRef: { name: "orders-readwrite" } };

/** The job controller, and the pod: every Job that has not ended does so now. */
function endJobs({ server }: Bench, exitCode = 0, message = ""): readonly KubeObject[] {
  const open = server.all(jobResource).filter(job => Reflect.get(job, "status") === undefined);
  for (const job of open) {
    const type = exitCode === 0 ? "Complete" : "Failed";
    const conditions = [{ type, status: "True", lastTransitionTime: server.now.toISOString() }];
    server.edit(job, live => ({ ...live, ...{ status: { conditions } } }));
    if (message !== "") plantPod(server, job, exitCode, message);
  }
  return open;
}

function plantPod(
  server: Bench["server"],
  { metadata: { name, namespace = "", uid = "" } }: KubeObject,
  exitCode: number,
  message: string,
): void {
  server.create({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...{ name: `${name}-pod`, namespace },
      labels: { "batch.kubernetes.io/controller-uid": uid },
    },
    status: {
      containerStatuses: [{ name: "access", state: { terminated: { exitCode, message } } }],
    },
  } as KubeObject);
}

/** Brings a claim for a database to its end, rights granted. */
async function granted(spec: Partial<DatabaseSpec>): Promise<Bench> {
  const made = await bench([database(ordersRef, spec)]);
  await finish(made);
  return made;
}

/** Everybody does what is theirs, until the claim is at its end. */
async function finish(made: Bench): Promise<void> {
  await made.settle();
  endJobs(made);
  await made.settleInstance();
  await made.settle();
}

function ask(made: Bench, access: DatabaseSpec["access"]): void {
  const found = made.server.find(databaseClaimResource, ordersRef) as DatabaseClaim;
  made.server.edit(found, live => {
    const spec = without(live.spec, "access");
    return { ...live, spec: access === undefined ? spec : { ...spec, access } };
  });
}

function valuesOf(made: Bench, ref: Ref): Readonly<Record<string, string>> {
  const { data = {} } = (made.server.find(secretResource, ref) ?? {}) as Partial<Secret>;
  const texts = Object.entries(data).map(([key, value]) => [
    key,
    Buffer.from(value, "base64").toString(),
  ]);
  return Object.fromEntries(texts) as Readonly<Record<string, string>>;
}

const readOnlyRef: Ref = { name: "orders-readonly", namespace: "team-a" };

function namesOf({ server }: Bench, resource: Resource): readonly string[] {
  return server.all(resource).map(({ metadata }) => metadata.name);
}

function message(made: Bench, type = "AccessReady"): string {
  return made.status().conditions?.find(condition => condition.type === type)?.message ?? "";
}

function linesOf(made: Bench): readonly string[] {
  const spec = specOf(made.server, clusterResource, "home");
  const { postgresql } = spec as { readonly postgresql?: { readonly pg_hba: readonly string[] } };
  return postgresql?.pg_hba ?? [];
}

const line = (name: string, role: string): string => `host "${name}" "${role}" all scram-sha-256`;

test("a login is a role of no group, with a password of its own and the connections of the owner", async () => {
  const made = await granted({ access: { readOnly }, connectionLimit: 7 });
  expect(specOf(made.server, roleResource, "home.orders-readonly")).toEqual({
    cluster: { name: "home" },
    name: "orders_readonly",
    login: true,
    passwordSecret: { name: "home.orders-readonly" },
    connectionLimit: 7,
    databaseRoleReclaimPolicy: "retain",
  });
  expect(valuesOf(made, readOnlyRef)).toMatchObject({
    username: "orders_readonly",
    password: "made-by-the-module",
    database: "orders",
    host: "home-rw.platform.svc.cluster.local",
  });
  expect(made.reason("AccessReady")).toBe("AccessGranted");
  expect(await made.run()).toEqual([]);
});

test("nobody is handed a login that the instance does not let in yet", async () => {
  const made = await bench([database(ordersRef, { access: { readOnly } })]);
  await made.settle();
  endJobs(made);
  await made.settle();
  expect(made.server.find(secretResource, readOnlyRef)).toBeUndefined();
  expect(message(made)).toBe("waiting for the instance to let role orders_readonly in");
});

test("nobody is handed a login that has no rights yet", async () => {
  const made = await bench([database(ordersRef, { access: { readOnly } })]);
  await made.settle();
  await made.settleInstance();
  await made.settle();
  expect(made.reason()).toBe("Available");
  expect(made.reason("AccessReady")).toBe("AccessPending");
  expect(made.server.find(secretResource, readOnlyRef)).toBeUndefined();
});

test("rights are granted by a Job, as the owner, from the owner's connection secret", async () => {
  const made = await bench([database(ordersRef, { access: { readOnly, readWrite } })]);
  await made.settle();
  const [job] = made.server.all(jobResource);
  expect(job?.metadata).toMatchObject({
    namespace: "team-a",
    ownerReferences: [{ kind: "PostgresDatabase", name: "orders" }],
  });
  const text = JSON.stringify(job);
  for (const part of [
    '{"name":"PGHOST","value":"home-rw.platform.svc.cluster.local"}',
    '{"name":"PGDATABASE","value":"orders"}',
    '{"name":"READ_ONLY_ROLE","value":"orders_readonly"}',
    '{"name":"READ_WRITE_ROLE","value":"orders_readwrite"}',
    '"secretKeyRef":{"name":"orders-connection","key":"password"}',
  ]) {
    expect(text).toContain(part);
  }
});

test("a Job that has gone after it was done is not made again", async () => {
  const made = await granted({ access: { readOnly } });
  for (const job of made.server.all(jobResource)) made.server.remove(job);
  expect(await made.run()).toEqual([]);
  expect(made.reason("AccessReady")).toBe("AccessGranted");
});

test("rights that could not be granted are told in the pod's words, the database is Ready all the same, and it is tried again when the Job has gone", async () => {
  const made = await bench([database(ordersRef, { access: { readOnly } })]);
  await made.settle();
  const [failed] = endJobs(made, 1, "psql: error: connection refused");
  await made.settle();
  expect(made.reason()).toBe("Available");
  expect(made.reason("AccessReady")).toBe("AccessFailed");
  expect(message(made)).toContain("psql: error: connection refused");
  expect(events(made.kube)).toContainEqual(
    expect.objectContaining({ reason: "AccessFailed", type: "Warning" }),
  );
  if (failed) made.server.remove(failed);
  await finish(made);
  expect(made.reason("AccessReady")).toBe("AccessGranted");
});

describe("where the class makes backups", () => {
  const home: PostgresClass = {
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name: "home" },
    spec: { backup: { method: "dump", volume: { nfs: { server: "nas", path: "/backups" } } } },
  };
  const asked = instance({ className: "home" });

  test("one that is put back brings the rights of its time: they are granted again", async () => {
    const made = await bench([database(ordersRef, { access: { readOnly } })], {
      ...{ asked, classes: [home] },
    });
    await finish(made);
    const found = made.server.find(databaseClaimResource, ordersRef) as DatabaseClaim;
    made.server.edit(found, live => {
      return { ...live, spec: { ...live.spec, restore: { from: "latest" } } };
    });
    await made.settle();
    const report = { restored: "20261130T000000Z", safety: "20261201T000000Z", available: [] };
    endJobs(made, 0, JSON.stringify(report));
    await made.settle();
    const again = endJobs(made).map(({ metadata }) => metadata.name);
    expect(again).toEqual([expect.stringMatching(/^orders-access-/)]);
  });

  test("none is put back before there are the roles to which it grants rights", async () => {
    const restore = { from: "latest" };
    const made = await bench([database(ordersRef, { access: { readOnly }, restore })], {
      ...{ asked, classes: [home] },
    });
    for (let round = 0; round < 2; round++) {
      await made.run();
      applyAll(made.server);
    }
    await made.run();
    expect(message(made, "Restored")).toBe(
      "waiting for the roles of spec.access, to which the backup may grant rights",
    );
    await made.settle();
    expect(made.reason("Restored")).toBe("RestoreRunning");
  });
});

describe("a login that is asked for no more", () => {
  test("can log in no more, and its Secrets go", async () => {
    const made = await granted({ access: { readOnly, readWrite } });
    ask(made, { readWrite });
    await finish(made);
    expect(specOf(made.server, roleResource, "home.orders-readonly")).toEqual({
      cluster: { name: "home" },
      name: "orders_readonly",
      login: false,
      databaseRoleReclaimPolicy: "retain",
    });
    expect(namesOf(made, secretResource)).not.toContain("home.orders-readonly");
    expect(namesOf(made, secretResource)).not.toContain("orders-readonly");
    expect(namesOf(made, secretResource)).toContain("orders-readwrite");
    expect(made.reason("AccessReady")).toBe("AccessGranted");
    expect(await made.run()).toEqual([]);
  });

  test("is told of until it is closed, and then no more", async () => {
    const made = await granted({ access: { readOnly } });
    ask(made, undefined);
    made.kube.failAt({ at: "apply DatabaseRole platform/home.orders-readonly", isDone: false });
    await made.run().catch(() => undefined);
    expect(made.reason("AccessReady")).toBe("WriteFailed");
    await made.settle();
    expect(made.reason("AccessReady")).toBeUndefined();
    expect(made.status().access).toBeUndefined();
  });

  test("comes back with another Secret when it is asked for again", async () => {
    const made = await granted({ access: { readOnly } });
    ask(made, undefined);
    await made.settle();
    ask(made, { readOnly });
    await finish(made);
    expect(made.reason("AccessReady")).toBe("AccessGranted");
    expect(specOf(made.server, roleResource, "home.orders-readonly")).toMatchObject({
      login: true,
    });
    expect(valuesOf(made, readOnlyRef)).toMatchObject({ username: "orders_readonly" });
  });
});

describe("a shared instance", () => {
  test("lets a login into its database alone, for as long as it can log in", async () => {
    const made = await granted({ access: { readOnly } });
    await made.settleInstance();
    const own = [line("home", "home"), line("orders", "orders_readonly")];
    const rest = ["host samerole all all scram-sha-256", "host all all all reject"];
    expect(linesOf(made)).toEqual([...own, ...rest]);
    ask(made, undefined);
    await made.settle();
    await made.settleInstance();
    expect(linesOf(made)).toEqual([line("home", "home"), ...rest]);
  });

  test("is told of one claim's login without a word to the others: they serve on", async () => {
    const auditRef = { name: "audit", namespace: "team-b" };
    const made = await bench([
      database(ordersRef, { access: { readOnly } }),
      database(auditRef, {}, 2),
    ]);
    await made.settle(auditRef);
    await made.settle();
    await made.run(instanceRef, claimKind);
    const found = made.server.find(claimResource, instanceRef) as Claim;
    expect(found.status?.conditions?.[0]?.reason).toBe("DatabaseUpdating");
    expect(await made.run(auditRef)).toEqual([]);
    expect(made.reason("Ready", auditRef)).toBe("Available");
  });

  test("lets nobody in by the word of a claim whose names are another's", async () => {
    const evilRef = { name: "evil", namespace: "team-b" };
    const made = await bench([
      database(ordersRef, { access: { readOnly } }, 1),
      database(evilRef, { databaseName: "orders_readonly" }, 2),
      database(
        { name: "more", namespace: "team-b" },
        { databaseName: "orders", access: { readWrite } },
        3,
      ),
    ]);
    await made.settle(evilRef);
    await made.settle();
    await made.settle({ name: "more", namespace: "team-b" });
    await made.settleInstance();
    expect(made.reason("AccessReady")).toBe("NameTaken");
    expect(linesOf(made).filter(text => text.includes("orders"))).toEqual([]);
  });

  test("is not restarted by a name that could say something else to PostgreSQL", async () => {
    const made = await granted({ access: { readOnly } });
    const role = made.server.find(roleResource, {
      name: "home.orders-readonly",
      namespace: "platform",
    });
    if (!role) throw new Error("the role is there");
    made.server.edit(role, live => ({
      ...live,
      metadata: {
        ...live.metadata,
        annotations: {
          ...live.metadata.annotations,
          "database.bizmatters.io/access-to": 'all" "all',
        },
      },
    }));
    await made.settleInstance();
    expect(linesOf(made).some(text => text.includes('all" "all'))).toBe(false);
  });
});

describe("an instance of one's own", () => {
  const asked = (spec: Claim["spec"]): Claim =>
    instance({ share: undefined, ...spec } as unknown as Claim["spec"]);

  async function grantedIn(spec: Claim["spec"]): Promise<Bench> {
    const made = await bench([], { asked: asked(spec) });
    await made.settleInstance();
    endJobs(made);
    await made.settleInstance();
    return made;
  }

  function conditions(made: Bench): readonly (readonly [string, string])[] {
    const found = made.server.find(claimResource, instanceRef) as Claim;
    return (found.status?.conditions ?? []).map(({ type, reason }) => [type, reason] as const);
  }

  test("has logins whose objects go with the claim", async () => {
    const made = await grantedIn({ access: { readOnly, readWrite } });
    expect(conditions(made)).toContainEqual(["AccessReady", "AccessGranted"]);
    const objects = [...made.server.all(roleResource), ...made.server.all(jobResource)];
    const passwords = made.server
      .all(secretResource)
      .filter(({ metadata }) => metadata.name.startsWith("home."));
    expect([...objects, ...passwords].map(({ metadata }) => metadata.ownerReferences)).toEqual(
      Array(5).fill([expect.objectContaining({ kind: claimKind, name: "home" })]),
    );
    expect(linesOf(made)).toEqual([]);
    expect(await made.run(instanceRef, claimKind)).toEqual([]);
  });

  test("takes no login of the owner's own name for another, whoever brings the owner", async () => {
    const encode = (text: string): string => Buffer.from(text).toString("base64");
    const mine = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "mine", namespace: "platform" },
      type: "kubernetes.io/basic-auth",
      data: { username: encode("home_readonly"), password: encode("secret") },
    };
    const made = await bench([], {
      asked: asked({ credentialsSecretName: "mine", access: { readOnly } }),
      others: [mine],
    });
    await made.settleInstance();
    expect(made.server.all(roleResource)).toEqual([]);
    expect(conditions(made)).toContainEqual(["AccessReady", "AccessFailed"]);
  });
});

test("where the owner's password is in another namespace, no pod can use it: told, with what to do", async () => {
  const made = await bench([
    database(ordersRef, {
      access: { readOnly },
      writeConnectionSecretToRef: { name: "orders", namespace: "team-b" },
    }),
  ]);
  await made.settle();
  expect(made.reason("AccessReady")).toBe("AccessFailed");
  expect(message(made)).toContain("have the connection secret written there");
});

test("with Delete the logins go after the database, and nothing is left", async () => {
  const made = await granted({ access: { readOnly }, deletionPolicy: "Delete" });
  await leave(made);
  expect(namesOf(made, roleResource)).toEqual([]);
  expect(namesOf(made, databaseResource)).toEqual([]);
  expect(namesOf(made, secretResource)).toEqual(["home-app"]);
});

test("where the data is kept the logins are closed like the owner's", async () => {
  const made = await granted({ access: { readOnly } });
  await leave(made);
  expect(specOf(made.server, roleResource, "home.orders-readonly")).toMatchObject({ login: false });
  expect(namesOf(made, secretResource)).toEqual(["home-app"]);
});

test.each(failures)(
  "a request that fails ($at, done: $isDone) changes nothing of where logins end",
  async failure => {
    const made = await bench([database(ordersRef, { access: { readOnly } })]);
    made.kube.failAt(failure);
    for (let round = 0; round < 8; round++) {
      await made.run().catch(() => undefined);
      applyAll(made.server);
      endJobs(made);
    }
    made.kube.failAt(undefined);
    await finish(made);
    expect(made.reason("AccessReady")).toBe("AccessGranted");
    expect(valuesOf(made, readOnlyRef)).toMatchObject({ password: "made-by-the-module" });
    expect(made.server.all(jobResource)).toHaveLength(1);
  },
);

test.each(failures)(
  "a request that fails ($at, done: $isDone) leaves no login open that is asked for no more",
  async failure => {
    const made = await granted({ access: { readOnly } });
    ask(made, undefined);
    made.kube.failAt(failure);
    for (let round = 0; round < 4; round++) {
      await made.run().catch(() => undefined);
      applyAll(made.server);
    }
    made.kube.failAt(undefined);
    await made.settle();
    expect(specOf(made.server, roleResource, "home.orders-readonly")).toMatchObject({
      login: false,
    });
    expect([...namesOf(made, secretResource)].sort()).toEqual([
      "home-app",
      "home.orders",
      "orders-connection",
    ]);
  },
);
