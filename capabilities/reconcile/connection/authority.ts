/** The authority by which clients know the database's server: its certificate goes with the credentials, and is followed too. */
import { isControlledBy } from "../../kubernetes/owners";
import { type KubeObject, type Secret, secretResource } from "../../kubernetes/objects";
import { type Kube } from "../kube";
import type { Plan } from "../plan";

/** The Secret of the authority, if it is proven to be the operator's own for this database: anyone could make one of its name. */
export async function authorityOf(
  { operator: backend }: Plan,
  database: KubeObject,
  kube: Kube,
): Promise<Secret | undefined> {
  const ref = backend.authority(database);
  const found = ref && (await kube.read(secretResource, ref));
  return found && isControlledBy(found, database) ? found : undefined;
}
