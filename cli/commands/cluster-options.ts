/** The options of the commands that ask a cluster, and the way to it. */
import type { Arguments, Option, Terminal } from "../command";
import type { Access } from "../../sdk/cluster/access";

export const clusterOptions = {
  namespace: {
    short: "n",
    value: "NAMESPACE",
    summary: "Namespace (default: that of the context)",
  },
  context: { value: "NAME", summary: "Context of the kubeconfig (default: the current one)" },
  kubeconfig: {
    value: "FILE",
    completes: "file",
    summary: "Default: $KUBECONFIG, else ~/.kube/config",
  },
} as const satisfies Readonly<Record<string, Option>>;

export async function accessFor(given: Arguments, { env }: Terminal): Promise<Access> {
  const { accessTo } = await import("../../sdk/cluster/access");
  const file = given.value("kubeconfig");
  const access = await accessTo({ file, context: given.value("context"), env });
  return { ...access, namespace: given.value("namespace") ?? access.namespace };
}
