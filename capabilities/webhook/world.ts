/** What admission judges a request by: the classes and claims that are there. */
import type { Held, Holdings } from "../admission/holders";
import { rivalWords } from "../admission/instance/conflicts";
import { writtenRefs } from "../claim/access";
import { secretWord, type AnyClaim, type Claim } from "../claim/claim";
import { instanceWord, type DatabaseClaim } from "../claim/database";
import type { PostgresClass } from "../claim/class";
import {
  claimResource,
  classResource,
  databaseClaimKind,
  databaseClaimResource,
  labels,
} from "../claim/names";
import type { ApiClient } from "../cluster/client";
import { collectionPath, itemsOf } from "../cluster/paths";
import { readObject } from "../cluster/read-object";
import { isSameRef, refOf, type KubeObject, type Ref, type Resource } from "../kubernetes/objects";
import { operators } from "../operator/operators";
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
  /** What others have in the instance, asked for in any case: some may have come or gone a moment ago. */
  readonly holdingsIn: (instance: Ref) => Promise<Holdings>;
  /** Each Secret that is to be written for the claim, with the known claims for databases that have it written. */
  readonly databasesWriting: (claim: AnyClaim) => Promise<readonly Held[]>;
  /** The same with the known claims for instances that need it. */
  readonly instancesNeeding: (claim: AnyClaim) => Promise<readonly Held[]>;
  /** The claims of all kinds in a namespace, asked for in any case. */
  readonly claimsIn: (namespace: string) => Promise<readonly AnyClaim[]>;
  /** Every claim for an instance, asked for in any case. */
  readonly claims: () => Promise<readonly Claim[]>;
};

/** Over a store whose index has every claim under what it needs. */
export function createAdmissionWorld(api: ApiClient, store: Store): AdmissionWorld {
  async function list(resource: Resource): Promise<readonly KubeObject[]> {
    const { code, body } = await api({ method: "GET", path: collectionPath(resource) });
    return itemsOf(body, code, `listing ${resource.kind}`, resource);
  }

  /** The objects at this path; none where their kind is not in the cluster. */
  async function listServed(resource: Resource, path: string): Promise<readonly KubeObject[]> {
    const { code, body } = await api({ method: "GET", path });
    return code === 404 ? [] : itemsOf(body, code, `listing ${resource.plural}`, resource);
  }

  /** Of the known claims those that are there still. */
  async function live(resource: Resource, word: string): Promise<readonly KubeObject[]> {
    const known = store.indexed(resource, word);
    const found = await Promise.all(known.map(one => readObject(api, resource, refOf(one))));
    return found.filter(one => one !== undefined);
  }

  /** The operators' objects, which stay where a claim goes and its data is kept. */
  async function databasesIn(instance: Ref): Promise<readonly KubeObject[]> {
    const selector = `labelSelector=${labels.claimKind}=${databaseClaimKind}`;
    const found = await Promise.all(
      Object.values(operators).map(async ({ sharedDatabases: shared }) => {
        if (!shared) return [];
        const { database, instanceOf } = shared;
        const path = `${collectionPath(database, instance.namespace)}?${selector}`;
        const items = await listServed(database, path);
        return items.filter(object => isSameRef(instanceOf(object), instance));
      }),
    );
    return found.flat();
  }

  async function heldBy(resource: Resource, claim: AnyClaim): Promise<readonly Held[]> {
    const refs = writtenRefs(claim);
    const found = refs.map(async ({ field, ref }) => {
      const holders = await live(resource, secretWord(ref));
      return { field, ref, holders: holders as readonly AnyClaim[] };
    });
    return Promise.all(found);
  }

  return {
    holdingsIn: async instance => {
      const [tenants, databases] = await Promise.all([
        live(databaseClaimResource, instanceWord(instance)),
        databasesIn(instance),
      ]);
      return { tenants: tenants as readonly DatabaseClaim[], databases };
    },
    databasesWriting: async claim => heldBy(databaseClaimResource, claim),
    instancesNeeding: async claim => heldBy(claimResource, claim),
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
    claimsIn: async namespace => {
      const kinds = [claimResource, databaseClaimResource];
      const found = await Promise.all(
        kinds.map(async kind => listServed(kind, collectionPath(kind, namespace))),
      );
      return found.flat() as readonly KubeObject[] as readonly AnyClaim[];
    },
    claims: async () => (await list(claimResource)) as readonly Claim[],
  };
}
