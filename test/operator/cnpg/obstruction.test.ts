/** What may be taken out of the way of a Cluster that never came up, and that nothing else ever is. */
import * as fc from "fast-check";
import {
  cluster,
  type Cluster,
  type ClusterSpec,
} from "../../../capabilities/operator/cnpg/cluster";
import { obstruction } from "../../../capabilities/operator/cnpg/obstruction";
import { builtInClass } from "../../../capabilities/claim/class";
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import { goodClaim } from "../../good-claim";
import {
  boundVolume,
  database,
  event,
  instancePod,
  job,
  jobOf,
  pod,
  unplaced,
  volume,
  waiting,
} from "./surroundings";

const before = cluster(goodClaim, builtInClass);
const [, repository = ""] = /^(.*):/.exec(before.spec.imageName) ?? [];

function withSpec(change: Partial<ClusterSpec>): Cluster {
  return { ...before, spec: { ...before.spec, ...change } };
}

const withPullSecret: Cluster = {
  ...before,
  spec: Object.assign({ imagePullSecrets: [{ name: "pull" }] }, before.spec),
};

const started = { phase: "Setting up primary", pgDataImageInfo: { majorVersion: 16 } };
const stuck = database(started);
const unpullable = pod(waiting("ErrImagePull"));
const surroundings = [jobOf(before), boundVolume, unpullable];
const requests = { cpu: "250m", memory: "256Mi" };

type Case = readonly [title: string, desired: Cluster, found: readonly KubeObject[]];

test.each<Case>([
  ["another image", withSpec({ imageName: `${repository}:17` }), surroundings],
  ["another registry", withSpec({ imageName: "other.example.com/postgresql:16" }), surroundings],
  [
    "another size",
    withSpec({ resources: { ...before.spec.resources, requests: { ...requests, cpu: "100m" } } }),
    surroundings,
  ],
  ["a node selector", withSpec({ affinity: { nodeSelector: { a: "b" } } }), surroundings],
  ["a toleration", withSpec({ affinity: { tolerations: [{ key: "a" }] } }), surroundings],
  ["a pull secret", withPullSecret, surroundings],
  [
    "a node selector less",
    before,
    [jobOf(withSpec({ affinity: { nodeSelector: { a: "b" } } })), volume(), pod(unplaced(""))],
  ],
])("a Job of before the claim asked for %s", (_title, desired, found) => {
  const [outdated] = found;
  expect(obstruction(stuck, desired, found)).toMatchObject({
    resource: { plural: "jobs" },
    object: outdated,
    isCertain: false,
  });
});

test.each<Case>([
  ["a Job that makes what is asked for", before, surroundings],
  ["no Job yet", withSpec({ imageName: `${repository}:17` }), []],
  [
    "amounts that are only written in another way",
    before,
    [
      jobOf(
        withSpec({
          resources: {
            requests: { ...requests, cpu: "0.25" },
            limits: { cpu: "1", memory: "1024Mi" },
          },
        }),
      ),
      boundVolume,
    ],
  ],
  ["the volume of the default StorageClass, which waits for its pod", before, [volume()]],
  [
    "a volume of another StorageClass that has come",
    withSpec({ storage: { size: "20Gi", storageClass: "fast" } }),
    [boundVolume],
  ],
])("nothing is in the way: %s", (_title, desired, found) => {
  expect(obstruction(stuck, desired, found)).toBeUndefined();
});

const fast = withSpec({ storage: { size: "20Gi", storageClass: "fast" } });
const notFound = event(
  "PersistentVolumeClaim",
  "ProvisioningFailed",
  'storageclass.storage.k8s.io "missing" not found',
);
const older = withSpec({ imageName: `${repository}:15` });

test.each<readonly [...Case, boolean]>([
  ["whose volume waits for another StorageClass", fast, [volume()], false],
  [
    "whose volume waits for one that is not there, where now the default is wanted",
    before,
    [volume({ storageClassName: "missing" }), notFound],
    false,
  ],
  ["that cannot take a lower version", older, surroundings, true],
  ["that cannot take a lower version, whatever else is not known", older, [], true],
])("the Cluster itself, %s", (_title, desired, found, isCertain) => {
  const resource = expect.objectContaining({ plural: "clusters" }) as unknown;
  expect(obstruction(stuck, desired, found)).toEqual({ resource, object: stuck, isCertain });
});

/** Each shows alone that something may have run, or that there may be data. */
const traces: Readonly<Record<string, { status?: object; found?: readonly KubeObject[] }>> = {
  "a primary": { status: { currentPrimary: "orders-db-1" } },
  "a timeline": { status: { timelineID: 1 } },
  "a system's number": { status: { systemID: "7710584839325294613" } },
  "a ready instance": { status: { readyInstances: 1 } },
  "a volume with a pod": { status: { healthyPVC: ["orders-db-1"] } },
  "a volume without a pod": { status: { danglingPVC: ["orders-db-1"] } },
  "an instance's pod": { found: [instancePod({ phase: "Pending" })] },
  "initdb at work": { found: [pod({ phase: "Running" }, "other")] },
  "initdb that is through": { found: [pod({ phase: "Succeeded" }, "other")] },
  "a Job that is done": { found: [job({ succeeded: 1 })] },
  "a Job that does something else": {
    found: [
      { ...job(), metadata: { ...job().metadata, labels: { "cnpg.io/jobRole": "restore" } } },
    ],
  },
  "a volume that is initialized": {
    found: [
      {
        ...boundVolume,
        metadata: { ...boundVolume.metadata, annotations: { "cnpg.io/pvcStatus": "ready" } },
      },
    ],
  },
  "a volume of which nothing is said": {
    found: [{ ...boundVolume, metadata: { ...boundVolume.metadata, annotations: {} } }],
  },
  "a volume that was there before": { found: [volume({ volumeName: "pv-of-old" }, "Bound")] },
  "a volume made from another": { found: [volume({ dataSource: { kind: "VolumeSnapshot" } })] },
  "a volume made from something": { found: [volume({ dataSourceRef: { kind: "Other" } })] },
};

const obstructed: readonly Case[] = [
  ["an outdated Job", withSpec({ imageName: `${repository}:17` }), surroundings],
  ["another StorageClass", fast, [volume(), jobOf(before)]],
  ["a lower version", older, surroundings],
];

test("nothing is ever named where anything may have run, whatever is in the way", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...obstructed),
      fc.subarray(Object.values(traces)),
      fc.boolean(),
      ([, desired, found], seen, isFirst) => {
        const status = Object.assign(
          {},
          started,
          ...seen.map(trace => trace.status ?? {}),
        ) as object;
        const more = seen.flatMap(trace => trace.found ?? []);
        const all = isFirst ? [...more, ...found] : [...found, ...more];
        const named = obstruction(database({ ...status }), desired, all);
        expect(named === undefined).toBe(seen.length > 0);
      },
    ),
    { numRuns: 500 },
  );
});

test.each(Object.entries(traces))("each trace alone is enough: %s", (_title, trace) => {
  for (const [, desired, found] of obstructed) {
    const seen = database({ ...started, ...trace.status });
    expect(obstruction(seen, desired, [...found, ...(trace.found ?? [])])).toBeUndefined();
  }
});

test("what is another's is never named", () => {
  const foreign = surroundings.map(one => ({
    ...one,
    metadata: { ...one.metadata, ownerReferences: [] },
  }));
  const desired = withSpec({ imageName: `${repository}:17` });
  expect(obstruction(stuck, desired, foreign)).toBeUndefined();
});
