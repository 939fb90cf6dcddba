/** Backups over their life: set up, made, failing, late, paused, given up; and a backup that is put back. */
import { cronJobResource } from "../../capabilities/backup/jobs";
import { restoreName } from "../../capabilities/claim/job-names";
import type { Claim, ClaimSpec } from "../../capabilities/claim/claim";
import type { ClassSpec } from "../../capabilities/claim/class";
import { refOf, type KubeObject, type Ref } from "../../capabilities/kubernetes/objects";
import { jobResource, podResource } from "../../capabilities/operator/diagnosis/evidence";
import { eventResource } from "../../capabilities/reconcile/diagnosis";
import { deepFreeze } from "../arbitrary/frozen";
import { without } from "../without";
import { admitted, bench, clusterRef, events, password, type Bench } from "./bench";

const place = "team-a/orders-db in nas:/backups";
const cronJobRef: Ref = { name: "orders-db-backup", namespace: "team-a" };
const cronJob = "CronJob team-a/orders-db-backup";
const claimName = "PostgresInstance team-a/orders-db";

type Backup = NonNullable<ClassSpec["backup"]>;

function home(backup: Partial<Backup> | undefined = {}): KubeObject {
  const volume = { nfs: { server: "nas", path: "/backups" } };
  const offered = { method: "dump", volume, schedule: "0 3 * * *", ...backup };
  return deepFreeze({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name: "home" },
    spec: { backup: offered },
  } as KubeObject);
}

function asking(spec: ClaimSpec = {}): Claim {
  return deepFreeze({ ...admitted, spec: { ...admitted.spec, className: "home", ...spec } });
}

function ask(made: Bench, change: (spec: ClaimSpec) => ClaimSpec): void {
  made.editClaim(live => ({ ...live, spec: change(live.spec) }));
}

/** A claim that is Ready at 10 past midnight, in a class that makes backups at 3. */
async function readyWith(spec: ClaimSpec = {}, backup: Partial<Backup> = {}): Promise<Bench> {
  const made = bench(asking(spec));
  made.server.now = new Date("2026-11-30T00:10:00Z");
  made.server.create(home(backup));
  await made.makeReady();
  await made.run();
  return made;
}

function conditionOf(
  made: Bench,
  type: string,
): { reason: string; message: string; status: string } | undefined {
  const found = made.status().conditions?.find(condition => condition.type === type);
  return found && { reason: found.reason, message: found.message, status: found.status };
}

const health = (made: Bench): string | undefined => conditionOf(made, "BackupHealthy")?.reason;

function until(made: Bench, time: string): number {
  return (Date.parse(time) - made.server.now.getTime()) / 1000;
}

/** A Job as the CronJob's controller makes it, and the job controller ends it. */
function endJob(
  made: Bench,
  name: string,
  outcome: { readonly time: string; readonly said: string; readonly exitCode?: number },
): void {
  const owner = made.server.find(cronJobResource, cronJobRef);
  if (!owner) throw new Error("there is a CronJob");
  const { time, said, exitCode = 0 } = outcome;
  const type = exitCode === 0 ? "Complete" : "Failed";
  made.server.create(
    jobOf(made, name, owner, {
      ...(exitCode === 0 && { completionTime: time }),
      conditions: [{ type, status: "True", lastTransitionTime: time }],
    }),
  );
  plantPod(made, { name, namespace: "team-a" }, exitCode, said);
}

function jobOf(made: Bench, name: string, owner: KubeObject, status: object): KubeObject {
  const { apiVersion, kind, metadata } = owner;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name,
      namespace: "team-a",
      labels: { "database.bizmatters.io/claim-uid": made.claim().metadata.uid ?? "" },
      ownerReferences: [
        { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? "", controller: true },
      ],
    },
    status,
  } as KubeObject;
}

function plantPod(made: Bench, job: Ref, exitCode: number, message: string): void {
  const uid = made.server.find(jobResource, job)?.metadata.uid ?? "";
  made.server.create({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${job.name}-pod`,
      namespace: job.namespace,
      labels: { "batch.kubernetes.io/controller-uid": uid },
    },
    status: {
      containerStatuses: [{ name: "backup", state: { terminated: { exitCode, message } } }],
    },
  } as KubeObject);
}

const first = "20261130T030002Z";
const report = JSON.stringify({ backup: first, bytes: 7036, available: [first] });

describe("a class that makes backups", () => {
  test("each of its claims has a CronJob, once there is a database to read", async () => {
    const made = bench(asking());
    made.server.create(home());
    const { writes } = await made.run();
    expect(writes).toEqual(["create Cluster team-a/orders-db", `create ${cronJob}`]);
    expect(made.server.find(cronJobResource, cronJobRef)).toMatchObject({
      spec: { schedule: "0 3 * * *", suspend: false },
    });
  });

  test("the claim is Ready without waiting for the night, and says when the first is due", async () => {
    const made = await readyWith();
    expect(made.status().phase).toBe("Ready");
    expect(conditionOf(made, "BackupHealthy")).toEqual({
      status: "True",
      reason: "BackupScheduled",
      message: "the first backup is due at 2026-11-30T03:00:00Z",
    });
    expect(made.status().backup).toEqual({
      place,
      schedule: "0 3 * * *",
      since: "2026-11-30T00:12:00Z",
      next: "2026-11-30T03:00:00Z",
    });
    expect((await made.run()).writes).toEqual([]);
  });

  test("is told while the database is not there", async () => {
    const made = bench(asking());
    made.server.create(home());
    made.server.create({
      apiVersion: "postgresql.cnpg.io/v1",
      kind: "Cluster",
      metadata: { ...clusterRef, labels: { "example.com/owner": "stranger" } },
    });
    await made.run();
    expect(health(made)).toBe("BackupPending");
    expect(made.server.find(cronJobResource, cronJobRef)).toBeUndefined();
  });

  test("another schedule is another one of the CronJob, and its time begins anew", async () => {
    const made = await readyWith();
    ask(made, spec => ({ ...spec, backup: { schedule: "0 4 * * SUN" } }));
    expect((await made.run()).writes).toEqual([`apply ${cronJob}`, `status ${claimName}`]);
    expect(made.status().backup).toMatchObject({
      since: "2026-11-30T00:14:00Z",
      next: "2026-12-06T04:00:00Z",
    });
    expect((await made.run()).writes).toEqual([]);
  });

  test("a CronJob that someone has changed is put right", async () => {
    const made = await readyWith();
    const found = made.server.find(cronJobResource, cronJobRef);
    if (!found) throw new Error("there is a CronJob");
    made.server.edit(found, live => ({ ...live, spec: { ...specOf(live), suspend: true } }));
    expect((await made.run()).writes).toContain(`apply ${cronJob}`);
  });

  test("a foreign CronJob is left as it is, and the claim says so; it is Ready all the same", async () => {
    const made = bench(asking());
    made.server.create(home());
    made.server.create({
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { ...cronJobRef, labels: { "example.com/owner": "stranger" } },
    });
    await made.makeReady();
    await made.run();
    expect(health(made)).toBe("NotOwned");
    expect(made.status().phase).toBe("Ready");
    expect(conditionOf(made, "BackupHealthy")?.message).toContain("spec.backup.enabled");
  });
});

function specOf(object: KubeObject): object {
  return (object as KubeObject & { readonly spec: object }).spec;
}

describe("a backup that was made", () => {
  test("is told with its name, size and place, and when the next is due", async () => {
    const made = await readyWith();
    endJob(made, "night-1", { time: "2026-11-30T03:00:04Z", said: report });
    await made.run(until(made, "2026-11-30T03:00:05Z"));
    expect(conditionOf(made, "BackupHealthy")).toEqual({
      status: "True",
      reason: "BackedUp",
      message: `backup ${first} is in ${place}; the next is due at 2026-12-01T03:00:00Z`,
    });
    expect(made.status().backup).toMatchObject({
      lastSuccess: { time: "2026-11-30T03:00:04Z", job: "night-1", name: first, bytes: 7036 },
      available: [first],
    });
  });

  test("stays told when Job and pod have gone; the pod is read once", async () => {
    const made = await readyWith();
    endJob(made, "night-1", { time: "2026-11-30T03:00:04Z", said: report });
    await made.run(until(made, "2026-11-30T03:00:05Z"));
    const before = made.kube.reads.length;
    await made.run();
    const asked = made.kube.reads.slice(before).filter(read => read.includes("pods"));
    expect(asked).toEqual([]);
    for (const [resource, name] of [
      [jobResource, "night-1"],
      [podResource, "night-1-pod"],
    ] as const) {
      const found = made.server.find(resource, { name, namespace: "team-a" });
      if (found) made.server.remove(found);
    }
    await made.run();
    expect(health(made)).toBe("BackedUp");
    expect(made.status().backup?.lastSuccess?.name).toBe(first);
  });

  test("is told once its pod has been read, with its name, and not before", async () => {
    const made = await readyWith();
    endJob(made, "night-1", { time: "2026-11-30T03:00:04Z", said: report });
    made.kube.failAt({ at: "list pods of team-a", isDone: false });
    await expect(made.run(until(made, "2026-11-30T03:00:05Z"))).rejects.toThrow("pods");
    expect(health(made)).toBe("BackupScheduled");
    made.kube.failAt(undefined);
    await made.run();
    expect(made.status().backup?.lastSuccess?.name).toBe(first);
  });

  test("is not believed of a Job that the CronJob does not own", async () => {
    const made = await readyWith();
    made.server.create(
      jobOf(made, "forged", made.claim(), {
        completionTime: "2026-11-30T03:00:04Z",
        conditions: [{ type: "Complete", status: "True" }],
      }),
    );
    await made.run();
    expect(health(made)).toBe("BackupScheduled");
  });
});

describe("a backup that fails", () => {
  const fail = { time: "2026-11-30T03:00:04Z", said: "pg_dump: error: no space left", exitCode: 1 };

  test("is told with its words, by one event; the claim stays Ready", async () => {
    const made = await readyWith();
    endJob(made, "night-1", fail);
    await made.run(until(made, "2026-11-30T03:00:05Z"));
    await made.run();
    const message =
      "the backup of 2026-11-30T03:00:04Z failed: pg_dump: error: no space left; the next is due at 2026-12-01T03:00:00Z";
    expect(conditionOf(made, "BackupHealthy")).toEqual({
      status: "False",
      reason: "BackupFailed",
      message,
    });
    expect(made.status().phase).toBe("Ready");
    const told = events(made.kube).filter(event => JSON.stringify(event).includes("BackupFailed"));
    expect(told).toHaveLength(1);
  });

  test("where the class requires backups, the claim is not Ready", async () => {
    const made = await readyWith({}, { required: true });
    endJob(made, "night-1", fail);
    await made.run(until(made, "2026-11-30T03:00:05Z"));
    expect(conditionOf(made, "Ready")).toMatchObject({ status: "False", reason: "BackupFailed" });
  });

  test("is over with the next that is made", async () => {
    const made = await readyWith();
    endJob(made, "night-1", fail);
    await made.run(until(made, "2026-11-30T03:00:05Z"));
    endJob(made, "night-2", { time: "2026-12-01T03:00:04Z", said: report });
    await made.run(until(made, "2026-12-01T03:00:05Z"));
    expect(health(made)).toBe("BackedUp");
    expect(made.status().backup?.lastFailure?.job).toBe("night-1");
  });

  test("is told while its pod does not begin, with the reason", async () => {
    const made = await readyWith();
    const owner = made.server.find(cronJobResource, cronJobRef);
    if (!owner) throw new Error("there is a CronJob");
    const job = jobOf(made, "night-1", owner, {
      startTime: "2026-11-30T03:00:00Z",
      active: 1,
      ready: 0,
    });
    made.server.create(job);
    const { again } = await made.run(until(made, "2026-11-30T03:00:01Z"));
    expect(health(made)).toBe("BackupScheduled");
    expect(again).toBe(299_000);
    const { uid } = made.server.find(jobResource, refOf(job))?.metadata ?? {};
    made.server.create({
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: "refused", namespace: "team-a" },
      type: "Warning",
      reason: "FailedCreate",
      message:
        'violates PodSecurity "restricted:latest": restricted volume types (volume "backups" uses restricted volume type "nfs")',
      involvedObject: { kind: "Job", uid },
    } as KubeObject);
    expect(made.server.find(eventResource, { name: "refused", namespace: "team-a" })).toBeDefined();
    await made.run(301);
    expect(conditionOf(made, "BackupHealthy")?.message).toMatch(
      /^backup night-1 does not begin: FailedCreate: violates PodSecurity .* "nfs"/,
    );
  });
});

describe("a backup that nobody makes", () => {
  test("is told when it is late by half of a period, and looked for at that time", async () => {
    const made = await readyWith();
    const { again } = await made.run();
    const late = Date.parse("2026-11-30T15:00:00Z");
    expect(again).toBe(late - made.server.now.getTime());
    await made.run(until(made, "2026-11-30T14:59:59Z"));
    expect(health(made)).toBe("BackupScheduled");
    const after = await made.run(1);
    expect(conditionOf(made, "BackupHealthy")).toEqual({
      status: "False",
      reason: "BackupOverdue",
      message:
        "no backup was made at 2026-11-30T03:00:00Z: check that the cluster's CronJobs run (kubectl describe cronjob orders-db-backup)",
    });
    // A Job is an event: nothing is looked for until then but once a day.
    expect(after.again).toBe(86_400_000);
  });

  test("one that is due in a month is looked for within the time that a timer can take", async () => {
    const made = await readyWith({ backup: { schedule: "0 3 1 * *" } });
    expect((await made.run()).again).toBe(86_400_000);
  });
});

test("a database that sleeps is not backed up, and nothing is late when it wakes up", async () => {
  const made = await readyWith();
  ask(made, spec => ({ ...spec, hibernate: true }));
  await made.run();
  expect(health(made)).toBe("BackupsPaused");
  expect(made.server.find(cronJobResource, cronJobRef)).toMatchObject({ spec: { suspend: true } });
  await made.run(30 * 86_400);
  expect(health(made)).toBe("BackupsPaused");
  ask(made, spec => ({ ...spec, hibernate: false }));
  await made.run();
  expect(health(made)).toBe("BackupScheduled");
});

test("a claim without backups has no CronJob and no condition; its last backup stays told", async () => {
  const made = await readyWith();
  endJob(made, "night-1", { time: "2026-11-30T03:00:04Z", said: report });
  await made.run(until(made, "2026-11-30T03:00:05Z"));
  ask(made, spec => ({ ...spec, backup: { enabled: false } }));
  expect((await made.run()).writes).toContain(`remove ${cronJob}`);
  expect(made.kube.logged.join()).toContain("those that are there stay");
  expect(health(made)).toBeUndefined();
  await made.run();
  expect(made.status().backup).toMatchObject({ place, lastSuccess: { name: first } });
  expect(made.status().backup?.schedule).toBeUndefined();
});

test("a class that gives backups up: no more are made, and those that there are stay told", async () => {
  const made = await readyWith();
  endJob(made, "night-1", { time: "2026-11-30T03:00:04Z", said: report });
  await made.run(until(made, "2026-11-30T03:00:05Z"));
  made.server.edit(home(), live => ({ ...live, spec: {} }));
  expect((await made.run()).writes).toContain(`remove ${cronJob}`);
  await made.run();
  expect(health(made)).toBeUndefined();
  expect(made.status().backup).toMatchObject({
    place,
    lastSuccess: { name: first },
    available: [first],
  });
  expect(made.status().backup?.next).toBeUndefined();
  expect((await made.run()).writes).toEqual([]);
});

test("a claim that goes says where its backups stay", async () => {
  const made = await readyWith();
  endJob(made, "night-1", { time: "2026-11-30T03:00:04Z", said: report });
  await made.run(until(made, "2026-11-30T03:00:05Z"));
  made.server.remove(made.claim());
  await made.run();
  const told = JSON.stringify(events(made.kube));
  expect(told).toContain("BackupsKept");
  expect(told).toContain(`the claim's backups stay: ${place}`);
});

describe("a backup is put back", () => {
  const restore = { from: first };
  const ref = (made: Bench): Ref => ({
    name: restoreName(made.claim(), first),
    namespace: "team-a",
  });

  function end(made: Bench, exitCode: number, said: string): void {
    const found = made.server.find(jobResource, ref(made));
    if (!found) throw new Error("there is a Job");
    const type = exitCode === 0 ? "Complete" : "Failed";
    const status = {
      conditions: [{ type, status: "True", lastTransitionTime: "2026-11-30T01:00:00Z" }],
    };
    made.server.edit(found, live => ({ ...live, status }));
    plantPod(made, ref(made), exitCode, said);
  }

  async function restored(): Promise<Bench> {
    const made = await readyWith();
    ask(made, spec => ({ ...spec, restore }));
    await made.run();
    end(made, 0, JSON.stringify({ restored: first, safety: "20261130T010000Z" }));
    await made.run();
    return made;
  }

  test("by one Job, for which Ready waits; then the claim says what was put back, and where the old state is", async () => {
    const made = await readyWith();
    ask(made, spec => ({ ...spec, restore }));
    const { writes } = await made.run();
    expect(writes).toEqual([
      `create Job team-a/${ref(made).name}`,
      `event ${claimName}`,
      `status ${claimName}`,
    ]);
    expect(conditionOf(made, "Ready")).toMatchObject({ status: "False", reason: "RestoreRunning" });
    expect((await made.run()).writes).toEqual([]);
    const available = ["20261130T010000Z", first];
    end(made, 0, JSON.stringify({ restored: first, safety: "20261130T010000Z", available }));
    await made.run();
    expect(made.status().backup?.available).toEqual(available);
    const told = JSON.stringify(events(made.kube));
    expect(told).toContain("RestoreStarted");
    expect(told).toContain("RestoreSucceeded");
    expect(conditionOf(made, "Restored")).toEqual({
      status: "True",
      reason: "RestoreSucceeded",
      message: `backup ${first} was put back; what was there before is in backup 20261130T010000Z`,
    });
    expect(made.status().phase).toBe("Ready");
  });

  test("once: neither the same claim again, nor a Job that has gone, nor a restart puts it back a second time", async () => {
    const made = await restored();
    ask(made, spec => ({ ...spec }));
    expect((await made.run()).writes).toEqual([]);
    const found = made.server.find(jobResource, ref(made));
    if (found) made.server.remove(found);
    expect((await made.run()).writes).toEqual([]);
    expect((await made.run()).writes).toEqual([]);
    expect(conditionOf(made, "Restored")?.reason).toBe("RestoreSucceeded");
  });

  test("what is taken out is forgotten, and can be asked for again", async () => {
    const made = await restored();
    ask(made, spec => without(spec, "restore"));
    expect((await made.run()).writes).toContain(`remove Job team-a/${ref(made).name}`);
    expect(made.status().restore).toBeUndefined();
    expect(conditionOf(made, "Restored")).toBeUndefined();
    ask(made, spec => ({ ...spec, restore }));
    expect((await made.run()).writes).toContain(`create Job team-a/${ref(made).name}`);
  });

  test("one that fails is told, and is not tried again by itself", async () => {
    const made = await readyWith();
    ask(made, spec => ({ ...spec, restore }));
    await made.run();
    end(made, 1, `backup ${first} is damaged`);
    await made.run();
    expect(conditionOf(made, "Ready")).toMatchObject({ status: "False", reason: "RestoreFailed" });
    expect(made.status().restore).toMatchObject({
      state: "Failed",
      message: `backup ${first} is damaged`,
    });
    const found = made.server.find(jobResource, ref(made));
    if (found) made.server.remove(found);
    expect((await made.run()).writes).toEqual([]);
  });

  test("waits for the database: a new claim is put back as soon as it is healthy", async () => {
    const made = bench(asking({ restore }));
    made.server.create(home());
    await made.run();
    await made.run();
    expect(conditionOf(made, "Restored")?.reason).toBe("RestorePending");
    expect(made.server.find(jobResource, ref(made))).toBeUndefined();
    made.operator.giveCredentials(clusterRef, password);
    made.operator.reach(clusterRef, "healthy");
    expect((await made.run()).writes).toContain(`create Job team-a/${ref(made).name}`);
  });

  test("a Job of this name that is someone else's is left as it is", async () => {
    const made = await readyWith();
    made.server.create({ apiVersion: "batch/v1", kind: "Job", metadata: ref(made) });
    ask(made, spec => ({ ...spec, restore }));
    await made.run();
    await made.run();
    expect(conditionOf(made, "Restored")?.reason).toBe("NotOwned");
  });

  test("another one waits until the Job of the first has gone, which is not taken for done when it is asked for again", async () => {
    const made = await restored();
    const later = "20261130T040000Z";
    made.kube.failAt({ at: `remove Job team-a/${ref(made).name}`, isDone: false });
    ask(made, spec => ({ ...spec, restore: { from: later } }));
    await made.run().catch(() => undefined);
    const jobs = (): readonly string[] =>
      made.server.all(jobResource).map(({ metadata }) => metadata.name);
    expect(jobs()).toEqual([restoreName(made.claim(), first)]);
    expect(made.status().restore?.from).toBe(first);
    made.kube.failAt(undefined);
    await made.run();
    await made.run();
    expect(jobs()).toEqual([restoreName(made.claim(), later)]);
    expect(made.status().restore).toMatchObject({ from: later, state: "Running" });
  });
});

test("a CronJob that may not be written is tried again, after pauses that grow", async () => {
  const made = await readyWith();
  made.server.objection = ({ kind }) =>
    kind === "CronJob" ? { code: 403, message: "forbidden", causes: [] } : undefined;
  ask(made, spec => ({ ...spec, backup: { schedule: "0 4 * * *" } }));
  const { again } = await made.run();
  expect(conditionOf(made, "BackupHealthy")?.reason).toBe("WriteFailed");
  expect(again).toBe(5000);
  made.server.objection = () => undefined;
  await made.run();
  expect(health(made)).toBe("BackupScheduled");
});
