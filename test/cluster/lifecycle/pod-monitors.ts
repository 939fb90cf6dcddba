/** The Prometheus operator's PodMonitor: as little of its definition as the tests need. */
import { untilServed } from "../local";
import type { TestCluster } from "../cluster";

const definitionName = "podmonitors.monitoring.coreos.com";

const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: definitionName },
  spec: {
    group: "monitoring.coreos.com",
    scope: "Namespaced",
    names: { kind: "PodMonitor", plural: "podmonitors" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        },
      },
    ],
  },
};

export async function installPodMonitors(cluster: TestCluster): Promise<void> {
  await cluster.kubectl(["apply", "--server-side", "-f", "-"], JSON.stringify(definition));
  await untilServed(cluster, definitionName);
}

export async function removePodMonitors({ kubectl }: TestCluster): Promise<void> {
  await kubectl(["delete", "crd", definitionName, "--ignore-not-found"]);
}
