/** Where objects are in the API: all kinds that the stand-in handles are namespaced, and have plurals that end in s. */
import type { KubeObject } from "../../capabilities/kubernetes/objects";

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris */
export function collectionOf({ apiVersion, kind, metadata }: KubeObject): string {
  const root = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
  return `${root}/namespaces/${metadata.namespace ?? ""}/${kind.toLowerCase()}s`;
}

export function pathOf(object: KubeObject): string {
  return `${collectionOf(object)}/${object.metadata.name}`;
}
