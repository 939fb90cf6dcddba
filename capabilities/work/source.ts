/** A source of objects: a kind that is listed and watched as a whole, or the part of it that a selector names. */
import type { KubeObject, Resource } from "../kubernetes/objects";

export type Source = {
  readonly resource: Resource;
  /** `name` or `name=value`. */
  readonly labelSelector?: string;
  /** `type=value`: of Secrets there are more than anyone wants to hold. */
  readonly fieldSelector?: string;
  /** The object as it is kept: all that is ever read of it, and nothing else. It may change the object in place. */
  readonly keep: (object: KubeObject) => KubeObject;
  /** Words by which objects are found again, beside their name. */
  readonly index?: (object: KubeObject) => readonly string[];
};

/** Whether an object with these labels is of the source. Selectors of fields are left to the API server. */
export function isOf({ labelSelector }: Source, { metadata }: KubeObject): boolean {
  if (labelSelector === undefined) return true;
  const [name = "", value] = labelSelector.split("=");
  const found = metadata.labels?.[name];
  return found !== undefined && (value === undefined || value === found);
}
