/** Finds out what a cluster that is there already has: its nodes are counted, and each image is tried in a pod. */
import { randomBytes } from "node:crypto";
import type { KubeObject, Ref, Resource } from "../../capabilities/kubernetes/objects";
import type { TestCluster } from "./cluster";
import { images, type Surroundings } from "./needs";
import { makeNamespace, removeNamespace } from "./story";

const nodeResource: Resource = { group: "", version: "v1", kind: "Node", plural: "nodes" };
const podResource: Resource = { group: "", version: "v1", kind: "Pod", plural: "pods" };
const accountResource: Resource = {
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  plural: "serviceaccounts",
};

export type Node = KubeObject & {
  readonly spec?: {
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly effect: string }[];
  };
};

/** Of a container: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states */
type State = {
  readonly waiting?: { readonly reason?: string };
  readonly running?: object;
  readonly terminated?: object;
};

export type Pod = KubeObject & {
  readonly status?: { readonly containerStatuses?: readonly { readonly state?: State }[] };
};

export async function surroundingsOf(cluster: TestCluster): Promise<Surroundings> {
  const all = await cluster.list<Node>(nodeResource, "");
  const found = await areThere(cluster);
  return {
    nodes: all.filter(takesPods).length,
    missingImages: images.filter(name => !found.get(name)),
  };
}

export function takesPods({ spec = {} }: Node): boolean {
  const { unschedulable = false, taints = [] } = spec;
  return !unschedulable && !taints.some(({ effect }) => effect !== "PreferNoSchedule");
}

async function areThere(cluster: TestCluster): Promise<ReadonlyMap<string, boolean>> {
  const namespace = await makeNamespace(cluster, `images-${randomBytes(4).toString("hex")}`);
  try {
    const tried = images.map(async (image, index): Promise<[string, boolean]> => {
      const ref = { name: `image-${index}`, namespace };
      return [image, await isThere(cluster, ref, image)];
    });
    return new Map(await Promise.all(tried));
  } finally {
    await removeNamespace(cluster, namespace);
  }
}

async function isThere(cluster: TestCluster, ref: Ref, image: string): Promise<boolean> {
  // A pod needs the namespace's service account, which is made a moment after the namespace.
  await cluster.eventually("the service account of the namespace", async () =>
    cluster.read(accountResource, { name: "default", namespace: ref.namespace }),
  );
  await cluster.create(podResource, podOf(ref, image));
  return cluster.eventually(`image ${image} to be pulled or refused`, async () => {
    const found = await cluster.read<Pod>(podResource, ref);
    return found && pulled(found);
  });
}

/** Undefined while that is not known. */
export function pulled(pod: Pod): boolean | undefined {
  const { waiting, running, terminated } = stateIn(pod);
  const reason = waiting?.reason ?? "";
  if (refused.test(reason)) return false;
  const hasRun = running !== undefined || terminated !== undefined;
  return hasRun || began.test(reason) ? true : undefined;
}

function stateIn({ status }: Pod): State {
  const [container] = status?.containerStatuses ?? [];
  return container?.state ?? {};
}

/** Reasons of the kubelet for which a container waits. */
const refused = /^(ErrImage|ImagePull|ImageInspect|InvalidImage|RegistryUnavailable)/;
/** Those come after the image is there. */
const began = /^(Create|Run|CrashLoop)/;

function podOf(ref: Ref, image: string): KubeObject & { readonly spec: object } {
  const securityContext = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    runAsNonRoot: true,
    runAsUser: 26,
    seccompProfile: { type: "RuntimeDefault" },
  };
  const container = {
    name: "image",
    image,
    imagePullPolicy: "IfNotPresent",
    command: ["postgres", "--version"],
    securityContext,
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...ref },
    spec: { restartPolicy: "Never", automountServiceAccountToken: false, containers: [container] },
  };
}
