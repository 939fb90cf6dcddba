/** The kind ServiceBinding, as much of it as the example uses: https://servicebinding.io/spec/core/1.1.0/#service-binding */
import type { Resource } from "../../capabilities/kubernetes/objects";
import type { TestCluster } from "./cluster";
import { untilServed } from "./local";

export const serviceBindingResource = {
  group: "servicebinding.io",
  version: "v1",
  kind: "ServiceBinding",
  plural: "servicebindings",
} as const satisfies Resource;

const { group, version, kind, plural } = serviceBindingResource;
const text = { type: "string" };
const reference = {
  type: "object",
  required: ["apiVersion", "kind"],
  properties: { apiVersion: text, kind: text, name: text },
};
const mapping = {
  type: "object",
  required: ["name", "key"],
  properties: { name: text, key: text },
};

const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope: "Namespaced",
    names: { kind, plural },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                required: ["service", "workload"],
                properties: {
                  ...{ name: text, type: text, provider: text },
                  ...{ service: reference, workload: reference },
                  env: { type: "array", items: mapping },
                },
              },
            },
          },
        },
      },
    ],
  },
};

export async function installServiceBindings(cluster: TestCluster): Promise<void> {
  await cluster.kubectl(["apply", "--server-side", "-f", "-"], JSON.stringify(definition));
  await untilServed(cluster, definition.metadata.name);
}
