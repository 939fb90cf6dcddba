/** Writes what a class says of itself. */
import { refOf } from "../kubernetes/objects";
import type { ApiClient } from "./client";
import { nameOf, objectOf, pathOf } from "./paths";
import type { Claim } from "../claim/claim";
import type { PostgresClass } from "../claim/class";
import { claimResource, classResource, fieldManager } from "../claim/names";
import type { ClassKube } from "../reconcile/class-status";
import type { Store } from "../work/store";

/** Over the one client and the one store; of what is gone by now nothing is written. */
export function createClassKube(api: ApiClient, store: Store): ClassKube {
  return {
    found: name => store.find(classResource, { name, namespace: "" }) as PostgresClass | undefined,
    claims: () => store.all(claimResource) as readonly Claim[],
    setClassStatus: async (found, status) => {
      const ref = refOf(found);
      await store.write({ resource: classResource, ref, part: "status" }, async () => {
        const { code, body } = await api({
          method: "PATCH",
          path: `${pathOf(classResource, ref)}/status?fieldManager=${fieldManager}`,
          contentType: "application/merge-patch+json",
          body: { metadata: { uid: found.metadata.uid }, status },
        });
        // 409: another class has taken the name; its own event comes.
        if (code === 404 || code === 409) return { state: "outdated" };
        return { state: "done", object: objectOf(body, code, `telling ${nameOf(found)}`) };
      });
    },
  };
}
