/** With CNPG a database that cannot start looks like one that is starting. The claim says why, and starts once it is corrected. */
import { readFile } from "node:fs/promises";
import type { ClassSpec } from "../../../capabilities/claim/class";
import { pathOf } from "../../../capabilities/cluster/paths";
import type { Claim, ClaimCondition } from "../../../capabilities/claim/claim";
import type { KubeObject, Ref, Resource } from "../../../capabilities/kubernetes/objects";
import {
  jobResource,
  volumeClaimResource,
} from "../../../capabilities/operator/diagnosis/evidence";
import {
  claim,
  claimResource,
  classResource,
  databaseOf,
  readyClaim,
  untilReady,
  untilSays,
  warningsOf,
  type Told,
} from "../claims";
import { auditEvents, type TestCluster } from "../cluster";
import { auditLog, playedVolumes } from "../needs";
import { stories, type Scene } from "../story";

const story = stories();

/** In seconds, from the making of the claim until it says the cause. */
const longestSilence = 30;

const stuck: readonly {
  readonly title: string;
  readonly spec: ClassSpec;
  readonly reason: string;
  readonly words: RegExp;
  /** What the platform team changes in the class. */
  readonly correction: object;
  readonly isMadeAnew: boolean;
}[] = [
  {
    title: "an image that is not there",
    spec: { image: "registry.invalid/postgresql" },
    reason: "ImagePullFailed",
    words:
      /^image registry\.invalid\/postgresql:16 cannot be pulled: .*no such host.*; correct the image/,
    correction: { image: null },
    isMadeAnew: false,
  },
  {
    title: "nodes that are not there",
    spec: { placement: { nodeSelector: { "example.com/place": "nowhere" } } },
    reason: "Unschedulable",
    words: /^no node takes instance orders-db-1: \d+\/\d+ nodes are available: .*; make room/,
    correction: { placement: null },
    isMadeAnew: false,
  },
  {
    title: "a StorageClass that is not there",
    spec: { storage: { storageClassName: "missing" } },
    reason: "StorageClassNotFound",
    words:
      /^the volume waits for a StorageClass that is not there: storageclass.storage.k8s.io "missing" not found; make it/,
    correction: { storage: null },
    isMadeAnew: true,
  },
];

// First, since it takes longest.
const growth = "a volume that cannot grow is told of while the database runs, until it can";
story.where(playedVolumes)(growth, async scene => {
  const { cluster, namespace } = scene;
  const ref = { name: "orders-db", namespace };
  await readyClaim(cluster, claim(ref, { storageGB: 1 }));
  await cluster.create(volumeClaimResource, volumeOf(await databaseOf(cluster, ref)));
  const volume = { name: "orders-db-1", namespace };
  await cluster.patch(volumeClaimResource, volume, { metadata: { finalizers: null } });
  await resize(cluster, volume, "1Gi");
  await cluster.patch(claimResource, ref, { spec: { storageGB: 2 } });
  const said = await cluster.eventually("the claim to say VolumeCannotGrow", async () => {
    const storage = await storageReady(cluster, ref);
    return storage?.reason === "VolumeCannotGrow" ? storage : undefined;
  });
  expect(said.message).toMatch(/^volume orders-db-1 has 1Gi of 2Gi and cannot grow: /);
  await untilReady(cluster, ref);
  await resize(cluster, volume, "2Gi");
  await cluster.eventually("the claim to say no more of it", async () =>
    (await storageReady(cluster, ref)) ? undefined : true,
  );
  expect(await warningsOf(cluster, ref)).toMatchObject([
    { reason: "VolumeCannotGrow", message: said.message },
  ]);
});

for (const { title, spec, reason, words, correction, isMadeAnew } of stuck) {
  story(
    `a claim whose class wants ${title} says so, and heals when that is corrected`,
    async scene => {
      const { cluster, namespace } = scene;
      const className = await scene.newClass(spec);
      const ref = { name: "orders-db", namespace };
      const made = await cluster.create(
        claimResource,
        claim(ref, { className }, { name: "orders-postgres" }),
      );
      const { message } = await untilSays(cluster, ref, reason);
      expect(message).toMatch(words);
      const told = await cluster.eventually("the event", async () => {
        const found = await warningsOf(cluster, ref);
        return found.find(event => event.reason === reason && event.message === message);
      });
      const silence = Date.parse(told.firstTimestamp) - bornAt(made);
      expect(silence / 1000).toBeLessThanOrEqual(longestSilence);

      const before = await databaseOf(cluster, ref);
      await cluster.patch(classResource, { name: className, namespace: "" }, { spec: correction });
      await untilReady(cluster, ref);
      const after = await databaseOf(cluster, ref);
      expect(after.metadata.uid !== before.metadata.uid).toBe(isMadeAnew);
      await untilNoJob(scene);
      // What was in the way is gone, and that it was removed is told.
      expectTold(cluster, await warningsOf(cluster, ref), [reason, "Unblocked"]);
    },
  );
}

/** CNPG removes the Job that has made the database in the foreground. */
async function untilNoJob({ cluster, namespace }: Scene): Promise<void> {
  await cluster.eventually("no Job to be left", async () =>
    (await cluster.list(jobResource, namespace)).length === 0 ? true : undefined,
  );
}

/** Of each reason one, and nothing twice. The scheduler that is played says one thing; a real one may say another on the way. */
function expectTold(
  { access }: TestCluster,
  warnings: readonly Told[],
  reasons: readonly string[],
): void {
  const messages = warnings.map(({ message }) => message);
  expect(messages).toEqual([...new Set(messages)]);
  // A list has them by their names, which are random.
  const told = warnings.map(({ reason }) => reason).sort();
  const wanted = [...reasons].sort();
  expect(told).toEqual(access.surroundings ? expect.arrayContaining(wanted) : wanted);
}

const refused: readonly {
  readonly title: string;
  readonly rule: KubeObject & { readonly spec: object };
  readonly reason: string;
  readonly words: RegExp;
}[] = [
  {
    title: "a quota that leaves no room",
    rule: ruleOf("ResourceQuota", { hard: { pods: "0" } }),
    reason: "QuotaExceeded",
    words:
      /^the namespace's quota leaves no room for a pod of the database: exceeded quota: rule, requested: pods=1, limited: pods=0; ask for a smaller size, or have the quota raised$/,
  },
  {
    title: "a limit that no pod of it keeps to",
    rule: ruleOf("LimitRange", { limits: [{ type: "Container", max: { memory: "1Mi" } }] }),
    reason: "PodRefused",
    words:
      /^no pod of the database may be made: .*maximum memory usage per Container is 1Mi, but limit is 1Gi.*; ask the platform team/,
  },
];

for (const { title, rule, reason, words } of refused) {
  story(`a claim in a namespace with ${title} says so, and heals when that goes`, async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: "orders-db", namespace };
    const resource = resourceOf(rule);
    await cluster.create(resource, { ...rule, metadata: { name: "rule", namespace } });
    await enforce(cluster, { name: "rule", namespace }, rule);
    await cluster.create(claimResource, claim(ref));
    expect(await untilSays(cluster, ref, reason)).toMatchObject({
      message: expect.stringMatching(words) as unknown,
    });
    await cluster.remove(resource, { name: "rule", namespace });
    await untilReady(cluster, ref);
    await untilNoJob(scene);
    expectTold(cluster, await warningsOf(cluster, ref), [reason]);
  });
}

function ruleOf(kind: string, spec: object): KubeObject & { readonly spec: object } {
  return { apiVersion: "v1", kind, metadata: { name: "rule" }, spec };
}

function resourceOf({ kind }: KubeObject): Resource {
  return { group: "", version: "v1", kind, plural: `${kind.toLowerCase()}s` };
}

/** A quota is what its status says; where no controller brings it there, the story does. */
async function enforce(
  cluster: TestCluster,
  ref: Ref,
  rule: KubeObject & { readonly spec: object },
): Promise<void> {
  if (rule.kind !== "ResourceQuota") return;
  await cluster.ask({
    method: "PATCH",
    path: `${pathOf(resourceOf(rule), ref)}/status`,
    body: { status: { ...rule.spec, used: { pods: "0" } } },
    contentType: "application/merge-patch+json",
  });
}

story.where(auditLog)(
  "a claim that is well never has the module look at pods, volumes, Jobs or events",
  async scene => {
    const { cluster, namespace } = scene;
    await readyClaim(cluster, claim({ name: "orders-db", namespace }, {}, { name: "orders" }));
    const events = auditEvents(await readFile(cluster.access.auditLog ?? "", "utf8"));
    const done = events.filter(({ requestURI }) =>
      requestURI.includes(`/namespaces/${namespace}/`),
    );
    expect(done.length).toBeGreaterThan(0);
    const looked = done.filter(
      ({ requestURI, verb }) =>
        /\/(pods|persistentvolumeclaims|jobs)\b/.test(requestURI) ||
        (verb === "list" && requestURI.includes("/events")),
    );
    expect(looked).toEqual([]);
  },
);

function volumeOf({ apiVersion, kind, metadata: { name, namespace, uid = "" } }: KubeObject) {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: `${name}-1`,
      namespace: namespace ?? "",
      labels: { "cnpg.io/cluster": name, "cnpg.io/pvcRole": "PG_DATA" },
      ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
    },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "local",
      volumeName: "a-volume",
      resources: { requests: { storage: "1Gi" } },
    },
  };
}

async function resize(cluster: TestCluster, volume: Ref, storage: string): Promise<void> {
  await cluster.ask({
    method: "PATCH",
    path: `${pathOf(volumeClaimResource, volume)}/status`,
    body: { status: { phase: "Bound", capacity: { storage } } },
    contentType: "application/merge-patch+json",
  });
}

async function storageReady(cluster: TestCluster, ref: Ref): Promise<ClaimCondition | undefined> {
  const found = await cluster.read<Claim>(claimResource, ref);
  return found?.status?.conditions?.find(({ type }) => type === "StorageReady");
}

function bornAt({ metadata }: { metadata: { creationTimestamp?: string } }): number {
  return Date.parse(metadata.creationTimestamp ?? "");
}
