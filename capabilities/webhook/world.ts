/** What admission judges a request by: the classes and claims that are there. */
import { rivalWords } from "../admission/instance/conflicts";
import type { Claim } from "../claim/claim";
import type { PostgresClass } from "../claim/class";
import { claimResource, classResource } from "../claim/names";
import type { ApiClient } from "../cluster/client";
import { collectionPath, itemsOf } from "../cluster/paths";
import { readObject } from "../cluster/read-object";
import type { KubeObject, Ref, Resource } from "../kubernetes/objects";
import type { Store } from "../work/store";

export type AdmissionWorld = {
  /** The classes that are known. */
  readonly classes: () => Promise<readonly PostgresClass[]>;
  /** The class of this name, asked for in any case: it may have come a moment ago. */
  readonly classNamed: (name: string) => Promise<PostgresClass | undefined>;
  /** The known claims that need something which this one needs too. */
  readonly rivals: (claim: Claim) => readonly Claim[];
  /** The claim of this name, asked for in any case: it may have let go a moment ago. */
  readonly claimNamed: (ref: Ref) => Promise<Claim | undefined>;
  /** Every claim, asked for in any case. */
  readonly claims: () => Promise<readonly Claim[]>;
};

/** Over a store whose index has every claim under what it needs. */
export function createAdmissionWorld(api: ApiClient, store: Store): AdmissionWorld {
  async function list(resource: Resource): Promise<readonly KubeObject[]> {
    const { code, body } = await api({ method: "GET", path: collectionPath(resource) });
    return itemsOf(body, code, `listing ${resource.kind}`, resource);
  }

  return {
    classes: async () =>
      (store.isListed(classResource)
        ? store.all(classResource)
        : await list(classResource)) as readonly PostgresClass[],
    classNamed: async name =>
      (await readObject(api, classResource, { name, namespace: "" })) as PostgresClass | undefined,
    rivals: claim => {
      const found = rivalWords(claim).flatMap(word => store.indexed(claimResource, word));
      return [...new Set(found)] as Claim[];
    },
    claimNamed: async ref => (await readObject(api, claimResource, ref)) as Claim | undefined,
    claims: async () => (await list(claimResource)) as readonly Claim[],
  };
}
