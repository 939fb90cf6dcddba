import * as fc from "fast-check";
import type { CauseReason } from "../../../capabilities/operator/operator";
import { cause, suspects } from "../../../capabilities/operator/cnpg/causes";
import { searches } from "../../../capabilities/operator/cnpg/evidence";
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import {
  boundVolume,
  database,
  event,
  instancePod,
  job,
  pod,
  unplaced,
  volume,
  waiting,
} from "./surroundings";

const noCpu =
  "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
const unbound =
  "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found";
const noHost =
  'failed to pull and unpack image "registry.invalid/postgresql:16": failed to resolve reference "registry.invalid/postgresql:16": failed to do request: Head "https://registry.invalid/v2/postgresql/manifests/16": dial tcp: lookup registry.invalid on 10.255.255.53:53: no such host';
const onVolume = "PersistentVolumeClaim";
const missing = 'storageclass.storage.k8s.io "missing" not found';
const external =
  "Waiting for a volume to be created either by the external provisioner 'rig/local' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.";
const late = event(onVolume, "WaitForFirstConsumer", "waiting for first consumer to be created", 9);
const ended = (reason: string, exitCode: number): object => ({ terminated: { reason, exitCode } });
const crashing = (reason: string, exitCode: number): KubeObject =>
  instancePod({
    phase: "Running",
    containerStatuses: [
      {
        name: "postgres",
        restartCount: 5,
        state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 2m40s restarting" } },
        lastState: ended(reason, exitCode),
      },
    ],
  });

type Case = readonly [
  title: string,
  found: readonly KubeObject[],
  reason: CauseReason,
  message: string,
];

const cases: readonly Case[] = [
  [
    "20: an image that is not there, when it was first asked for",
    [job(), boundVolume, pod(waiting("ErrImagePull", noHost))],
    "ImagePullFailed",
    `image registry.invalid/postgresql:16 cannot be pulled: ${noHost}; correct the image in the PostgresClass or the nodes' access to it, or ask for a version that is there`,
  ],
  [
    "20: and the same while the kubelet waits",
    [
      job(),
      boundVolume,
      pod(
        waiting(
          "ImagePullBackOff",
          `Back-off pulling image "registry.invalid/postgresql:16": ErrImagePull: ${noHost}`,
        ),
      ),
    ],
    "ImagePullFailed",
    `image registry.invalid/postgresql:16 cannot be pulled: ${noHost}; correct the image in the PostgresClass or the nodes' access to it, or ask for a version that is there`,
  ],
  [
    "21: a pod that fits nowhere, its volume waiting for it",
    [job(), volume(), late, pod(unplaced(noCpu))],
    "Unschedulable",
    "no node takes instance orders-db-1: 0/1 nodes are available: 1 Insufficient cpu; make room or nodes that fit, ask for a smaller size, or correct the placement in the PostgresClass",
  ],
  [
    "22: a StorageClass that is not there, and a pod that wants the volume",
    [
      job(),
      volume({ storageClassName: "missing" }),
      event(onVolume, "ProvisioningFailed", missing),
      pod(unplaced(unbound)),
    ],
    "StorageClassNotFound",
    'the volume waits for a StorageClass that is not there: storageclass.storage.k8s.io "missing" not found; make it, or name another in the PostgresClass',
  ],
  [
    "no StorageClass at all, and no default one",
    [
      volume({ storageClassName: undefined }),
      event(
        onVolume,
        "FailedBinding",
        "no persistent volumes available for this claim and no storage class is set",
      ),
    ],
    "StorageClassNotFound",
    "the volume has no StorageClass, and the cluster has no default one: no persistent volumes available for this claim and no storage class is set; name one in the PostgresClass, or make one the default",
  ],
  [
    "a provisioner that fails, though it is waited for as well",
    [
      volume(),
      event(onVolume, "ProvisioningFailed", "rpc error: code = ResourceExhausted desc = full", 1),
      event(onVolume, "ExternalProvisioning", external, 5),
    ],
    "VolumeProvisioningFailed",
    "no volume can be made of StorageClass local: rpc error: code = ResourceExhausted desc = full; ask the platform team to mend what it names",
  ],
  [
    "a provisioner that says nothing",
    [volume(), event(onVolume, "ExternalProvisioning", external)],
    "VolumePending",
    `the volume of StorageClass local has not come yet: ${external.slice(0, -1)}; see that its provisioner runs`,
  ],
  [
    "a StorageClass that has come since, and a provisioner that says nothing",
    [
      volume({ storageClassName: "missing" }),
      event(onVolume, "ProvisioningFailed", missing, 1),
      event(onVolume, "ExternalProvisioning", external, 2),
    ],
    "VolumePending",
    `the volume of StorageClass missing has not come yet: ${external.slice(0, -1)}; see that its provisioner runs`,
  ],
  [
    "a StorageClass that has come since and waits for the pod, which fits nowhere",
    [
      job(),
      volume({ storageClassName: "missing" }),
      event(onVolume, "ProvisioningFailed", missing, 1),
      late,
      pod(unplaced(noCpu)),
    ],
    "Unschedulable",
    "no node takes instance orders-db-1: 0/1 nodes are available: 1 Insufficient cpu; make room or nodes that fit, ask for a smaller size, or correct the placement in the PostgresClass",
  ],
  [
    "a quota that leaves no room",
    [
      job({}),
      boundVolume,
      event("Job", "SuccessfulCreate", "Created pod: orders-db-1-initdb-a", 1),
      event(
        "Job",
        "FailedCreate",
        'Error creating: pods "orders-db-1-initdb-x7k2p" is forbidden: exceeded quota: compute, requested: limits.cpu=1, used: limits.cpu=4, limited: limits.cpu=4',
        2,
      ),
    ],
    "QuotaExceeded",
    "the namespace's quota leaves no room for a pod of the database: exceeded quota: compute, requested: limits.cpu=1, limited: limits.cpu=4; ask for a smaller size, or have the quota raised",
  ],
  [
    "a rule of the namespace that forbids the pods",
    [
      job({}),
      event(
        "Job",
        "FailedCreate",
        'Error creating: pods "orders-db-1-initdb-x7k2p" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
      ),
    ],
    "PodRefused",
    'no pod of the database may be made: violates PodSecurity "restricted:latest": runAsNonRoot != true; ask the platform team to allow what it names in this namespace',
  ],
  [
    "a server that is killed for want of memory",
    [boundVolume, crashing("OOMKilled", 137)],
    "ContainerFailing",
    "container postgres of instance orders-db-1 keeps ending (OOMKilled, exit code 137); ask for a larger size, which has more memory",
  ],
  [
    "a server that ends by itself",
    [boundVolume, crashing("Error", 1)],
    "ContainerFailing",
    "container postgres of instance orders-db-1 keeps ending (Error, exit code 1); see kubectl logs -n team-a -l cnpg.io/instanceName=orders-db-1 -c postgres",
  ],
  [
    "a Job's pod that has failed",
    [
      job(),
      pod({
        phase: "Failed",
        containerStatuses: [{ name: "initdb", state: ended("Error", 1) }],
      }),
    ],
    "ContainerFailing",
    "container initdb of instance orders-db-1 keeps ending (Error, exit code 1); see kubectl logs -n team-a -l cnpg.io/instanceName=orders-db-1 -c initdb",
  ],
  [
    "a container for which a Secret is missing",
    [job(), pod(waiting("CreateContainerConfigError", 'secret "orders-db-app" not found'))],
    "ContainerFailing",
    'container initdb of instance orders-db-1 cannot be started (CreateContainerConfigError: secret "orders-db-app" not found); mend what it names',
  ],
  [
    "a volume that cannot be mounted",
    [
      job(),
      boundVolume,
      pod(waiting("ContainerCreating")),
      event("Pod", "FailedAttachVolume", "Multi-Attach error: the volume is already used"),
    ],
    "VolumeMountFailed",
    "a pod of the database cannot be prepared on its node (FailedAttachVolume): Multi-Attach error: the volume is already used; ask the platform team to mend what it names",
  ],
];

test.each(cases)("%s", (_title, found, reason, message) => {
  expect(cause(database(), found)).toEqual({ reason, message });
});

test("an operator that does nothing at all", () => {
  expect(cause(database({}), [])).toEqual({
    reason: "OperatorSilent",
    message:
      "CloudNativePG has not acted on the Cluster yet; check that the operator runs and watches this namespace",
  });
});

const running = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };

test.each<readonly [string, readonly KubeObject[]]>([
  ["a phase and nothing else yet", []],
  ["01: the volume waits for its pod", [job(), volume(), late, pod({})]],
  ["01: the volume is being made", [job(), volume(), pod({})]],
  ["01: the containers are being made", [job(), boundVolume, pod(waiting("PodInitializing"))]],
  ["01: the server runs and is not ready", [boundVolume, instancePod({ phase: "Running" })]],
  [
    "a pod that failed, and another that runs in its place",
    [
      job(),
      pod({ phase: "Failed", containerStatuses: [{ name: "initdb", state: ended("Error", 1) }] }),
      pod({ phase: "Running" }, "orders-db-1-initdb-zzzzz"),
    ],
  ],
  [
    "a server that restarted and is ready",
    [
      instancePod({
        ...running,
        containerStatuses: [{ name: "postgres", restartCount: 9, lastState: ended("Error", 1) }],
      }),
    ],
  ],
  [
    "a pod that was refused once, and made then",
    [
      job(),
      event("Job", "FailedCreate", "Error creating: exceeded quota: compute", 1),
      event("Job", "SuccessfulCreate", "Created pod: orders-db-1-initdb-a", 2),
    ],
  ],
])("nothing is wrong with: %s", (_title, found) => {
  expect(cause(database(), found)).toBeUndefined();
});

test("what is not the Cluster's does not count, whatever labels it has", () => {
  const foreign = (one: KubeObject): KubeObject => ({
    ...one,
    metadata: { ...one.metadata, ownerReferences: [] },
  });
  const stuck = [pod(unplaced(noCpu)), volume(), job({}), instancePod(waiting("ErrImagePull"))];
  expect(cause(database(), stuck.map(foreign))).toBeUndefined();
  expect(suspects(database(), stuck.map(foreign))).toEqual([]);
});

test("an inquiry is three lists of what carries the Cluster's label", () => {
  expect(searches(database()).map(({ resource, ...rest }) => [resource.plural, rest])).toEqual(
    ["pods", "persistentvolumeclaims", "jobs"].map(plural => [
      plural,
      { namespace: "team-a", labelSelector: "cnpg.io/cluster=orders-db" },
    ]),
  );
});

test.each<readonly [string, readonly KubeObject[], readonly string[]]>([
  ["of a pod that says itself what is wrong, none", [job(), boundVolume, pod(unplaced(noCpu))], []],
  ["a Job without pods, then a volume that is not there", [job({}), volume()], ["Job", onVolume]],
  ["not a Job that is done", [job({ succeeded: 1 }), boundVolume], []],
  [
    "a pod that is being prepared",
    [job(), boundVolume, pod(waiting("ContainerCreating"))],
    ["Pod"],
  ],
])("events are asked for: %s", (_title, found, kinds) => {
  expect(suspects(database(), found).map(({ kind }) => kind)).toEqual(kinds);
});

test("the order in which things are found does not matter", () => {
  const all = cases.flatMap(([, found]) => found);
  fc.assert(
    fc.property(fc.shuffledSubarray(all), fc.integer(), (found, seed) => {
      const kinds = (objects: readonly KubeObject[]): string | undefined =>
        cause(database(), objects)?.reason;
      const shuffled = [...found].sort((a, b) =>
        a.kind === b.kind ? 0 : (seed % 2 ? 1 : -1) * a.kind.localeCompare(b.kind),
      );
      expect(kinds(shuffled)).toBe(kinds(found));
    }),
  );
});
