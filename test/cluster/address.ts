/** Where the stand-in for an operator has the server of a database: its Service's name resolves to nothing without a kubelet. */
import type { KubeObject } from "../../capabilities/kubernetes/objects";
import { marks } from "../../local/stand-in/marks";

/** As the operator's object says it. */
export function addressIn(object: KubeObject | undefined): {
  readonly host: string;
  readonly port: number;
} {
  const [host = "", port = ""] = (object?.metadata.annotations?.[marks.address] ?? "").split(":");
  return { host, port: Number(port) };
}
