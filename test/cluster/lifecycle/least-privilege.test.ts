/** Every right of capabilities/rights.ts is one that the module misses, and it has no other. One that is added needs a line in the table. */
import { collectionPath } from "../../../capabilities/cluster/paths";
import { podMonitorResource } from "../../../capabilities/operator/cnpg/monitoring";
import { postgresqlResource } from "../../../capabilities/operator/zalando/names";
import type { Postgresql } from "../../../capabilities/operator/zalando/postgresql";
import type { Claim, ClaimSpec } from "../../../capabilities/claim/claim";
import type { DatabaseClaim, DatabaseSpec } from "../../../capabilities/claim/database";
import type { KubeObject, Ref, Resource } from "../../../capabilities/kubernetes/objects";
import { cronJobResource } from "../../../capabilities/backup/jobs";
import { restoreName } from "../../../capabilities/claim/job-names";
import { jobResource } from "../../../capabilities/operator/diagnosis/evidence";
import { rights, rightsOfPepr, type Rule } from "../../../capabilities/rights";
import { entryName } from "../../../capabilities/pepr/webhook-entry";
import type { RunningModule } from "../../../local/module";
import type { Operator } from "../../../local/operator";
import {
  claim,
  claimResource,
  clusterResource,
  databaseOf,
  readyClaim,
  secretResource,
  untilGone,
} from "../claims";
import { moduleName } from "../cluster";
import {
  databaseClaim,
  databaseClaimResource,
  readyDatabase,
  untilDatabaseGone,
  untilDatabaseReady,
} from "../databases";
import {
  installOperatorDefinitions,
  installZalandoDefinitions,
  startLocalCluster,
  type LocalCluster,
} from "../local";
import { storiesOn, type Scene } from "../story";
import { installPodMonitors } from "./pod-monitors";
import { grantedRights, missed, rightsIn, serviceAccount, type Right } from "./rights";

const startTime = 180_000;

let cluster: LocalCluster;
let running: RunningModule;
let standIn: Operator;

const story = storiesOn(() => cluster);

beforeAll(async () => {
  cluster = await startLocalCluster();
  await installOperatorDefinitions(cluster);
  await installZalandoDefinitions(cluster);
  await installPodMonitors(cluster);
  const starting = cluster.startModule({ replicas: { admission: 1 } });
  [running, standIn] = await Promise.all([
    starting,
    cluster.startStandIn(),
    cluster.startZalando(),
  ]);
  await cluster.renewGarbageCollection();
  await askOnce();
}, startTime);

afterAll(async () => {
  await cluster.stop();
}, startTime);

type Need = {
  /** What cannot be done without. */
  readonly what: string;
  readonly rights: readonly Right[];
  /** Gives what is to be done without the rights. */
  readonly provoke: (scene: Scene<LocalCluster>) => Promise<() => Promise<void>>;
  readonly restore?: () => Promise<void>;
};

const name = "orders-db";
const claims = "database.bizmatters.io postgresinstances";
const tenants = "database.bizmatters.io postgresdatabases";
const classes = "database.bizmatters.io postgresclasses";
const clusters = "postgresql.cnpg.io clusters";
const postgresqls = "acid.zalan.do postgresqls";
const definitions = "apiextensions.k8s.io customresourcedefinitions";
const store = "pepr.dev peprstores";
const databases = "postgresql.cnpg.io databases";
const roles = "postgresql.cnpg.io databaseroles";
const mutating = "admissionregistration.k8s.io mutatingwebhookconfigurations";
const validating = "admissionregistration.k8s.io validatingwebhookconfigurations";
const poolers = "postgresql.cnpg.io poolers";
const cronJobs = "batch cronjobs";
const jobs = "batch jobs";
const podMonitors = "monitoring.coreos.com podmonitors";
const watched = [
  postgresqls,
  "apps statefulsets",
  ...[claims, tenants, classes, clusters, databases, roles, poolers],
  ...[podMonitors, cronJobs, jobs, definitions, "secrets", "namespaces"],
];

function wanted({ namespace }: Scene, secret?: Ref): Claim {
  return claim({ name, namespace }, {}, secret ?? { name: "postgres", namespace });
}

async function create(made: Claim): Promise<void> {
  await cluster.create(claimResource, made);
}

/** Asks the webhook alone. */
async function askWebhook(asked: Claim): Promise<void> {
  const path = `${collectionPath(claimResource, asked.metadata.namespace)}?dryRun=All`;
  await cluster.ask({ method: "POST", path, body: asked });
}

/** What is not asked for again by itself is asked for once while all is allowed, so that it is seen to be allowed. */
async function askOnce(): Promise<void> {
  await untilServing();
  const asked = claim({ name, namespace: "default" }, {}, { name, namespace: "kube-public" });
  await askWebhook(asked);
  await cluster.kubectl(["create", "-f", "-"], JSON.stringify(someClass));
  await cluster.kubectl(["wait", "--for=jsonpath={.status}", "postgresclass/once"]);
  await cluster.kubectl(["delete", "postgresclass", "once"]);
  await askForRival();
  await askForDatabase();
  await askForBackups();
}

/** What is done for backups only when a claim changes. */
async function askForBackups(): Promise<void> {
  const ref = { name: "once", namespace: "default" };
  const cronJob = { ...ref, name: "once-backup" };
  const volume = { persistentVolumeClaim: "backups" };
  const spec = { backup: { method: "dump", volume } };
  const backingUp = { ...someClass, metadata: { name: "backing-up" }, spec };
  await cluster.kubectl(["create", "-f", "-"], JSON.stringify(backingUp));
  await readyClaim(cluster, claim(ref, { className: "backing-up" }));
  await askFor(ref, { backup: { schedule: "0 12 * * *" } });
  await cluster.eventually("the schedule to be followed", async () => {
    const found = await cluster.read<KubeObject>(cronJobResource, cronJob);
    return JSON.stringify(found).includes("0 12 * * *") ? true : undefined;
  });
  const { metadata } = (await cluster.read<Claim>(claimResource, ref)) ?? { metadata: ref };
  const job = { ...ref, name: restoreName({ ...claim(ref), metadata }, "latest") };
  await cluster.create(jobResource, foreignJob(job));
  await askFor(ref, { restore: { from: "latest" } });
  await cluster.eventually("the Job in the way to be seen", async () =>
    saysOf(await cluster.read<Claim>(claimResource, ref)) === "NotOwned" ? true : undefined,
  );
  await cluster.remove(jobResource, job);
  await cluster.eventually(
    "the restore to begin",
    async () => (await cluster.read<Claim>(claimResource, ref))?.status?.restore,
  );
  await cluster.patch(claimResource, ref, {
    spec: { restore: null, backup: { enabled: false } },
  });
  for (const [resource, gone] of [
    [jobResource, job],
    [cronJobResource, cronJob],
  ] as const) {
    await cluster.eventually(`${resource.kind} ${gone.name} to be gone`, async () =>
      (await cluster.read(resource, gone)) ? undefined : true,
    );
  }
  await removeClaim(ref);
}

/** Until it is gone, so that the next may have its name. */
async function removeClaim(ref: Ref): Promise<void> {
  await cluster.remove(claimResource, ref);
  await untilGone(cluster, claimResource, ref);
}

function saysOf(found: Claim | undefined): string | undefined {
  return found?.status?.conditions?.find(({ type }) => type === "Restored")?.reason;
}

/** Admission reads a claim only where another wants its Secret. */
async function askForRival(): Promise<void> {
  const ref = { name: "once", namespace: "default" };
  await create(claim(ref, {}, ref));
  const path = `${collectionPath(claimResource, ref.namespace)}?dryRun=All`;
  const rival = claim({ name: "rival", namespace: ref.namespace }, {}, ref);
  await cluster.eventually("the rival to be refused", async () =>
    (await cluster.ask({ method: "POST", path, body: rival })).code === 422 ? true : undefined,
  );
  await removeClaim(ref);
}

/** What is done for a database in a shared instance over its life. */
async function askForDatabase(): Promise<void> {
  const instance = { name: "once", namespace: "default" };
  const ref = { ...instance, name: "tenant" };
  await readyClaim(cluster, claim(instance, { share: {} }));
  await readyDatabase(cluster, tenantOf(instance, ref));
  await askFor(ref, { connectionLimit: 3 }, databaseClaimResource);
  await untilDatabaseReady(cluster, ref);
  const rival = claim({ ...instance, name: "rival" }, {}, { name: "tenant-connection" });
  const path = `${collectionPath(claimResource, "default")}?dryRun=All`;
  expect((await cluster.ask({ method: "POST", path, body: rival })).code).toBe(422);
  await cluster.remove(databaseClaimResource, ref);
  await untilDatabaseGone(cluster, ref);
  await removeClaim(instance);
}

function tenantOf(instance: Ref, ref: Ref): DatabaseClaim {
  return databaseClaim(ref, { instanceRef: instance, deletionPolicy: "Delete" });
}

/** A database in a shared instance that is Ready when the rights are taken away. */
function ofTenant(act: (ref: Ref) => Promise<void>): Need["provoke"] {
  return async ({ namespace }) => {
    const instance = { name, namespace };
    const ref = { name: "tenant", namespace };
    await readyClaim(cluster, claim(instance, { share: {} }));
    await readyDatabase(cluster, tenantOf(instance, ref));
    return async () => act(ref);
  };
}

async function newTenant({ namespace }: Scene<LocalCluster>): Promise<() => Promise<void>> {
  const instance = { name, namespace };
  await readyClaim(cluster, claim(instance, { share: {} }));
  const asked = tenantOf(instance, { name: "tenant", namespace });
  return async () => void (await cluster.create(databaseClaimResource, asked));
}

const someClass = {
  apiVersion: "database.bizmatters.io/v1alpha1",
  kind: "PostgresClass",
  metadata: { name: "once" },
  spec: {},
};

/** All pods are there again, and claims are judged. */
async function untilServing(): Promise<void> {
  await cluster.eventually("the module to be ready", async () =>
    Promise.resolve(running.pods.every(({ ready }) => ready) ? true : undefined),
  );
  const path = `${collectionPath(claimResource, "default")}?dryRun=All`;
  const body = claim({ name, namespace: "default" });
  await cluster.eventually("claims to be judged", async () =>
    (await cluster.ask({ method: "POST", path, body })).code === 201 ? true : undefined,
  );
}

async function restartAdmission(): Promise<() => Promise<void>> {
  return Promise.resolve(rejoin);
}

/** Our entry is taken out of a webhook configuration. */
function withoutEntry(kind: string): Need["provoke"] {
  return async () => {
    const found = await cluster.kubectl(["get", kind, moduleName, "-o", "json"]);
    const { webhooks } = JSON.parse(found) as { webhooks: { name: string }[] };
    const index = webhooks.findIndex(({ name: entry }) => entry === entryName);
    const patch = JSON.stringify([{ op: "remove", path: `/webhooks/${index}` }]);
    return async () => {
      await cluster.kubectl(["patch", kind, moduleName, "--type=json", "-p", patch]);
    };
  };
}

/** Reads the webhook configurations and joins them again. */
async function rejoin(): Promise<void> {
  await running.kill(`${moduleName}-0`);
}

async function askFor(
  ref: Ref,
  spec: ClaimSpec | Partial<DatabaseSpec>,
  resource: Resource = claimResource,
): Promise<void> {
  await cluster.patch(resource, ref, { spec });
}

async function restartWatcher(): Promise<void> {
  await running.kill(`${moduleName}-watcher-0`);
}

async function newClaim(scene: Scene<LocalCluster>): Promise<() => Promise<void>> {
  return Promise.resolve(async () => create(wanted(scene)));
}

/** Of a claim that is Ready when the rights are taken away. */
function ofReady(act: (ref: Ref) => Promise<void>, spec: ClaimSpec = {}): Need["provoke"] {
  return async scene => {
    const { metadata, ...rest } = wanted(scene);
    await readyClaim(cluster, { ...rest, metadata, spec });
    return async () => act({ name, namespace: scene.namespace });
  };
}

/** The claim in a class of Zalando's operator. */
async function wantedOnZalando(scene: Scene<LocalCluster>): Promise<Claim> {
  const className = await scene.newClass({ backend: "zalando", zalando: { teamId: "shop" } });
  return { ...wanted(scene), spec: { className } };
}

async function newClaimOnZalando(scene: Scene<LocalCluster>): Promise<() => Promise<void>> {
  const asked = await wantedOnZalando(scene);
  return async () => create(asked);
}

/** The object of a claim that is Ready is changed by hand while the rights are away. */
async function driftOnZalando(scene: Scene<LocalCluster>): Promise<() => Promise<void>> {
  await readyClaim(cluster, await wantedOnZalando(scene));
  return async () => {
    const ref = { name, namespace: scene.namespace };
    await cluster.patch(postgresqlResource, ref, { spec: { numberOfInstances: 3 } });
  };
}

/** And once before, so that putting it right is seen to be allowed. */
async function secondDriftOnZalando(scene: Scene<LocalCluster>): Promise<() => Promise<void>> {
  const drift = await driftOnZalando(scene);
  const ref = { name, namespace: scene.namespace };
  await drift();
  await cluster.eventually("the drift to be put right", async () => {
    const found = await cluster.read<Postgresql>(postgresqlResource, ref);
    return found?.spec.numberOfInstances === 1 ? found : undefined;
  });
  return drift;
}

/** The claim in a class that makes backups; nothing runs their pods. */
async function wantedWithBackups(scene: Scene<LocalCluster>): Promise<Claim> {
  const volume = { persistentVolumeClaim: "backups" };
  const className = await scene.newClass({ backup: { method: "dump", volume } });
  return { ...wanted(scene), spec: { className } };
}

function ofBackedUp(act: (ref: Ref) => Promise<void>): Need["provoke"] {
  return async scene => {
    await readyClaim(cluster, await wantedWithBackups(scene));
    return async () => act({ name, namespace: scene.namespace });
  };
}

function foreignJob(ref: Ref): KubeObject {
  const containers = [{ name: "sleep", image: "local/debian:12" }];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { ...ref },
    ...{ spec: { suspend: true, template: { spec: { restartPolicy: "Never", containers } } } },
  };
}

async function restart(): Promise<() => Promise<void>> {
  return Promise.resolve(restartWatcher);
}

/** Of a Cluster that no operator answers, and a volume that nobody provides. */
async function newStuckClaim(scene: Scene<LocalCluster>): Promise<() => Promise<void>> {
  await standIn.stop();
  return async () => {
    await create(wanted(scene));
    const { apiVersion, kind, metadata } = await databaseOf(cluster, {
      name,
      namespace: scene.namespace,
    });
    const owner = { apiVersion, kind, name, uid: metadata.uid, controller: true };
    await cluster.create(volumeClaimResource, {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: {
        name: `${name}-1`,
        namespace: scene.namespace,
        labels: { "cnpg.io/cluster": name },
        ownerReferences: [owner as never],
      },
      ...{ spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
    });
  };
}

const volumeClaimResource: Resource = {
  group: "",
  version: "v1",
  kind: "PersistentVolumeClaim",
  plural: "persistentvolumeclaims",
};

async function startStandIn(): Promise<void> {
  standIn = await cluster.startStandIn();
}

const extended: ClaimSpec = { extensions: [{ name: "pg_trgm" }] };

const needs: readonly Need[] = [
  {
    what: "a new database of Zalando's operator",
    rights: [`create ${postgresqls}`],
    provoke: newClaimOnZalando,
  },
  {
    what: "knowing whether it has a primary",
    rights: ["get endpoints"],
    provoke: newClaimOnZalando,
  },
  {
    what: "putting its drift right",
    rights: [`patch ${postgresqls}`],
    provoke: secondDriftOnZalando,
  },
  {
    what: "reading it before it is written",
    rights: [`get ${postgresqls}`],
    provoke: driftOnZalando,
  },
  { what: "a claim's status", rights: [`patch ${claims}/status`], provoke: newClaim },
  { what: "a new database", rights: [`create ${clusters}`], provoke: newClaim },
  { what: "a new connection secret", rights: ["create secrets"], provoke: newClaim },
  { what: "an event", rights: ["create events"], provoke: newClaim },
  {
    what: "putting drift of a Cluster right",
    rights: [`patch ${clusters}`],
    provoke: ofReady(async ref => cluster.patch(clusterResource, ref, { spec: { instances: 9 } })),
  },
  {
    what: "reading a Cluster before it is written",
    rights: [`get ${clusters}`],
    provoke: ofReady(async ref => cluster.patch(clusterResource, ref, { spec: { instances: 9 } })),
  },
  {
    what: "following a password",
    rights: ["patch secrets"],
    provoke: ofReady(async ({ namespace }) => rotate(namespace)),
  },
  {
    what: "reading a Secret before it is written",
    rights: ["get secrets"],
    provoke: ofReady(async ({ namespace }) => rotate(namespace)),
  },
  {
    what: "removing a connection secret",
    rights: ["delete secrets"],
    provoke: ofReady(async ref => cluster.remove(claimResource, ref)),
  },
  {
    what: "letting a claim go",
    rights: [`patch ${claims}`],
    provoke: ofReady(async ref => cluster.remove(claimResource, ref)),
  },
  {
    what: "installing extensions",
    rights: [`create ${databases}`],
    provoke: ofReady(async ref => askFor(ref, extended)),
  },
  ...["get", "patch"].map(verb => ({
    what: `changing extensions (${verb})`,
    rights: [`${verb} ${databases}`],
    provoke: ofReady(async ref => askFor(ref, { extensions: [{ name: "citext" }] }), extended),
  })),
  {
    what: "giving extensions up",
    rights: [`delete ${databases}`],
    provoke: ofReady(async ref => askFor(ref, { extensions: [] }), extended),
  },
  { what: "what a database claim says", rights: [`patch ${tenants}/status`], provoke: newTenant },
  { what: "a role in a shared instance", rights: [`create ${roles}`], provoke: newTenant },
  {
    what: "changing a role in a shared instance",
    rights: [`patch ${roles}`],
    provoke: ofTenant(async ref => askFor(ref, { connectionLimit: 3 }, databaseClaimResource)),
  },
  {
    what: "seeing what a role in a shared instance is before it is dropped",
    rights: [`get ${roles}`],
    provoke: ofTenant(async ref => cluster.remove(databaseClaimResource, ref)),
  },
  {
    what: "dropping a role in a shared instance",
    rights: [`delete ${roles}`],
    provoke: ofTenant(async ref => cluster.remove(databaseClaimResource, ref)),
  },
  {
    what: "letting a database claim go",
    rights: [`patch ${tenants}`],
    provoke: ofTenant(async ref => cluster.remove(databaseClaimResource, ref)),
  },
  {
    what: "judging whether a database claim has the secret",
    rights: [`get ${tenants}`],
    provoke: ofTenant(async ({ namespace }) =>
      askWebhook(claim({ name: "other", namespace }, {}, { name: "tenant-connection" })),
    ),
  },
  {
    what: "making a pooler",
    rights: [`create ${poolers}`],
    provoke: ofReady(async ref => askFor(ref, { pooler: {} })),
  },
  ...["get", "patch"].map(verb => ({
    what: `changing a pooler (${verb})`,
    rights: [`${verb} ${poolers}`],
    provoke: ofReady(async ref => askFor(ref, { pooler: { instances: 2 } }), { pooler: {} }),
  })),
  {
    what: "giving a pooler up",
    rights: [`delete ${poolers}`],
    provoke: ofReady(async ref => cluster.patch(claimResource, ref, { spec: { pooler: null } }), {
      pooler: {},
    }),
  },
  {
    what: "monitoring",
    rights: [`create ${podMonitors}`],
    provoke: ofReady(async ref => askFor(ref, { monitoring: true })),
  },
  ...["get", "patch"].map(verb => ({
    what: `putting drift of a PodMonitor right (${verb})`,
    rights: [`${verb} ${podMonitors}`],
    provoke: ofReady(
      async ref => cluster.patch(podMonitorResource, ref, { spec: { podMetricsEndpoints: [] } }),
      { monitoring: true },
    ),
  })),
  {
    what: "giving monitoring up",
    rights: [`delete ${podMonitors}`],
    provoke: ofReady(async ref => askFor(ref, { monitoring: false }), { monitoring: true }),
  },
  {
    what: "setting backups up",
    rights: [`create ${cronJobs}`],
    provoke: async scene => {
      const asked = await wantedWithBackups(scene);
      return async () => create(asked);
    },
  },
  ...["get", "patch"].map(verb => ({
    what: `changing the schedule of backups (${verb})`,
    rights: [`${verb} ${cronJobs}`],
    provoke: ofBackedUp(async ref => askFor(ref, { backup: { schedule: "0 12 * * *" } })),
  })),
  {
    what: "giving backups up",
    rights: [`delete ${cronJobs}`],
    provoke: ofBackedUp(async ref => askFor(ref, { backup: { enabled: false } })),
  },
  {
    what: "putting a backup back",
    rights: [`create ${jobs}`],
    provoke: ofBackedUp(async ref => askFor(ref, { restore: { from: "latest" } })),
  },
  {
    what: "seeing what is in the way of that",
    rights: [`get ${jobs}`],
    provoke: async scene => {
      const { metadata } = await readyClaim(cluster, await wantedWithBackups(scene));
      const job = restoreName({ ...wanted(scene), metadata }, "latest");
      await cluster.create(jobResource, foreignJob({ name: job, namespace: scene.namespace }));
      return async () =>
        askFor({ name, namespace: scene.namespace }, { restore: { from: "latest" } });
    },
  },
  {
    what: "forgetting that one was put back",
    rights: [`delete ${jobs}`],
    provoke: async scene => {
      const ref = { name, namespace: scene.namespace };
      await readyClaim(cluster, await wantedWithBackups(scene));
      await askFor(ref, { restore: { from: "latest" } });
      await cluster.eventually(
        "the restore to begin",
        async () => (await cluster.read<Claim>(claimResource, ref))?.status?.restore,
      );
      return async () => cluster.patch(claimResource, ref, { spec: { restore: null } });
    },
  },
  ...[mutating, validating].flatMap(kind => [
    { what: "serving", rights: [`get ${kind}`], provoke: restartAdmission },
    {
      what: "mending our entry",
      rights: [`patch ${kind}`],
      provoke: withoutEntry(kind.split(" ")[1] ?? ""),
      restore: rejoin,
    },
  ]),
  ...["list", "watch"].map(verb => ({
    what: `hearing that our entry was replaced (${verb})`,
    rights: [`${verb} ${mutating}`, `${verb} ${validating}`],
    provoke: restartAdmission,
  })),
  {
    what: "judging whether another claim has the secret",
    rights: [`get ${claims}`],
    provoke: async scene => {
      await readyClaim(cluster, wanted(scene));
      const other = claim({ name: "other", namespace: scene.namespace }, {}, { name: "postgres" });
      return async () => askWebhook(other);
    },
  },
  {
    what: "judging a claim of a class that is new",
    rights: [`get ${classes}`],
    provoke: async ({ namespace }) =>
      Promise.resolve(async () => askWebhook(claim({ name, namespace }, { className: "nowhere" }))),
  },
  {
    what: "judging a ref into another namespace, by what that accepts",
    rights: ["get namespaces"],
    provoke: refElsewhere,
  },
  {
    what: "judging a ref into another namespace, by what the author may",
    rights: ["create authorization.k8s.io subjectaccessreviews"],
    provoke: refElsewhere,
  },
  {
    what: "what a class says of its claims",
    rights: [`patch ${classes}/status`],
    provoke: async scene => Promise.resolve(async () => void (await scene.newClass({}))),
  },
  { what: "hearing of anything", rights: watched.map(kind => `list ${kind}`), provoke: restart },
  { what: "hearing of changes", rights: watched.map(kind => `watch ${kind}`), provoke: restart },
  {
    what: "registering our definitions",
    rights: [`patch ${definitions}`],
    provoke: restart,
  },
  ...["get", "list", "watch", "patch"].map(verb => ({
    what: `Pepr's store (${verb})`,
    rights: [`${verb} ${store}`],
    provoke: restart,
    // Pepr 1.1.4 does not try again to read its store when it starts: it hangs until the kubelet ends it.
    restore: restartWatcher,
  })),
  {
    what: "finding out what holds a database up",
    rights: ["list pods", "list persistentvolumeclaims"],
    provoke: newStuckClaim,
    restore: startStandIn,
  },
  {
    what: "saying it in the words of its events",
    rights: ["list events"],
    provoke: newStuckClaim,
    restore: startStandIn,
  },
];

/** Granted, and not missed by anything that can be done here. */
const unproven: Readonly<Record<Right, string>> = {
  [`delete ${postgresqls}`]:
    "its owner changes with the deletionPolicy: local/operators.test.ts sees that refused without it",
  [`update ${claims}/finalizers`]:
    "only where the API server runs OwnerReferencesPermissionEnforcement",
  [`update ${tenants}/finalizers`]:
    "only where the API server runs OwnerReferencesPermissionEnforcement",
  [`delete ${clusters}`]: "only to make anew what never came up (reconcile/unblocking.ts)",
  [`create ${definitions}`]:
    "Pepr's own, which takes it for itself: a cluster without our definitions",
  [`create ${store}`]: "Pepr's own, which takes it for itself: a cluster without its store",
};

async function rotate(namespace: string): Promise<void> {
  const own = { name: `${name}-app`, namespace };
  await cluster.patch(secretResource, own, { stringData: { password: "rotated" } });
}

async function refElsewhere(scene: Scene<LocalCluster>): Promise<() => Promise<void>> {
  const elsewhere = { name: "postgres", namespace: await scene.newNamespace() };
  return async () => askWebhook(wanted(scene, elsewhere));
}

for (const { what, rights: taken, provoke, restore } of needs) {
  story(`${what} needs ${taken.join(", ")}`, async scene => {
    const work = await provoke(scene);
    try {
      await missed(cluster, taken, work);
    } finally {
      await restore?.();
      await untilServing();
    }
  });
}

const listed = [...rights, ...rightsOfPepr];

test("each right that is granted has its need", async () => {
  const needed = [...needs.flatMap(need => need.rights), ...Object.keys(unproven)].sort();
  expect(needed).toEqual([...new Set(listed.flatMap(rightsIn))].sort());
  expect(await grantedRights(cluster)).toEqual(needed);
});

/** What every ServiceAccount may do. */
const ofEveryone = [
  "create authentication.k8s.io selfsubjectreviews",
  "create authorization.k8s.io selfsubjectaccessreviews",
  "create authorization.k8s.io selfsubjectrulesreviews",
];
const pathsOfEveryone = [
  ...[
    "/api",
    "/api/*",
    "/apis",
    "/apis/*",
    "/healthz",
    "/livez",
    "/readyz",
    "/version",
    "/version/",
  ],
  ...["/openapi", "/openapi/*", "/openid/v1/jwks", "/openid/v1/jwks/"],
  ...["/.well-known/openid-configuration", "/.well-known/openid-configuration/"],
];

/** All that a rule grants, with the names of the objects where it grants it for those alone. */
function namedRightsIn(rule: Rule): readonly string[] {
  const { resourceNames: names = [] } = rule;
  return rightsIn(rule).map(right => [right, ...names].join(" "));
}

/** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-rules-review-v1/ */
type Reviewed = {
  readonly resourceRules: readonly Rule[];
  readonly nonResourceRules: readonly {
    readonly verbs: readonly string[];
    readonly nonResourceURLs: readonly string[];
  }[];
};

async function reviewed(): Promise<Reviewed> {
  const review = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectRulesReview",
    spec: { namespace: "default" },
  };
  const args = ["create", `--as=${serviceAccount}`, "-o", "json", "-f", "-"];
  const said = await cluster.kubectl(args, JSON.stringify(review));
  return (JSON.parse(said) as { status: Reviewed }).status;
}

test("the ServiceAccount can do nothing else", async () => {
  const { resourceRules, nonResourceRules } = await reviewed();
  const found = new Set(resourceRules.flatMap(namedRightsIn));
  expect([...found].sort()).toEqual([...ofEveryone, ...listed.flatMap(namedRightsIn)].sort());
  const paths = new Set(nonResourceRules.flatMap(({ nonResourceURLs }) => nonResourceURLs));
  expect([...paths].sort()).toEqual(pathsOfEveryone.sort());
  expect(new Set(nonResourceRules.flatMap(({ verbs }) => verbs))).toEqual(new Set(["get"]));
});
