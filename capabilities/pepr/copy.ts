/**
 * Pepr 1.1.4: its watch keeps every object that it has listed, for as long as it lives; the store has them already. Goes when Pepr
 * keeps no objects, or lets a binding say so.
 */
import type { KubeObject } from "../kubernetes/objects";

/** Takes out of Pepr's own copy, in place, all but what its watch compares: name, uid and version. */
export function slim(object: KubeObject): void {
  const { name, namespace, uid, resourceVersion } = object.metadata;
  for (const field of Object.keys(object)) Reflect.deleteProperty(object, field);
  Object.assign(object, { metadata: { name, namespace, uid, resourceVersion } });
}
