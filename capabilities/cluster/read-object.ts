/** Reads one object as the API server has it now. */
import { keyOf, type KubeObject, type Ref, type Resource } from "../kubernetes/objects";
import type { ApiClient } from "./client";
import { objectOf, pathOf } from "./paths";

const notFound = 404;

/** Undefined where it is not there, or its kind is not; any other answer that is no object is thrown. */
export async function readObject(
  api: ApiClient,
  resource: Resource,
  ref: Ref,
): Promise<KubeObject | undefined> {
  const { code, body } = await api({ method: "GET", path: pathOf(resource, ref) });
  if (code === notFound) return undefined;
  const where = ref.namespace === "" ? ref.name : keyOf(ref);
  return objectOf(body, code, `reading ${resource.kind} ${where}`);
}
