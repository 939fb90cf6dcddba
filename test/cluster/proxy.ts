/** `kubectl proxy` on a socket: the API server over plain HTTP, whatever the kubeconfig wants for logging in. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Child, lastLines, startChild } from "../../local/processes";
import { until } from "../../local/waiting";
import type { Access } from "./cluster";

export type Proxy = { readonly socket: string; readonly child: Child };

/** `folder` is one that nobody else may enter: whoever can open the socket is an admin. */
export async function startProxy(kubectl: Access["kubectl"], folder: string): Promise<Proxy> {
  const [command, ...first] = kubectl;
  const socket = join(folder, "proxy.sock");
  const log = join(folder, "proxy.log");
  const child = startChild(command, [...first, "proxy", `--unix-socket=${socket}`], { log });
  await until(() => existsSync(socket), {
    what: "starting kubectl proxy",
    seconds: 30,
    hopeless: () => (child.running() ? undefined : lastLines(log)),
  });
  return { socket, child };
}
