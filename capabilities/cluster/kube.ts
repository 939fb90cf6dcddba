/** What the module asks of the API server, and what the store answers in its place: the only place that knows verbs and codes. */
import type { AnyClaim } from "../claim/claim";
import { instanceWord, type DatabaseClaim } from "../claim/database";
import type { PostgresClass } from "../claim/class";
import { claimKeyOf, claimLabels, type ClaimRef } from "../claim/labels";
import {
  claimResourceOf,
  classResource,
  databaseClaimResource,
  fieldManager,
} from "../claim/names";
import { digestOf } from "../kubernetes/digest";
import { given } from "../kubernetes/given";
import {
  refOf,
  secretResource,
  type KubeObject,
  type Ref,
  type Resource,
  type Secret,
} from "../kubernetes/objects";
import { isRecord } from "../kubernetes/record";
import type { Search } from "../operator/operator";
import type { Kube, Written } from "../reconcile/kube";
import type { Mirrored, Step } from "../reconcile/run";
import type { Store, WrittenPart } from "../work/store";
import { createWriteLimit } from "../work/write-limit";
import type { ApiClient, ApiRequest } from "./client";
import type { EventSender } from "./events";
import { collectionPath, faultOf, itemsOf, nameOf, objectOf, pathOf, refusalOf } from "./paths";
import { readObject } from "./read-object";

const applyPatch = "application/apply-patch+yaml";
const mergePatch = "application/merge-patch+json";
const jsonPatch = "application/json-patch+json";

/** Codes that say something about the object: trying the same again would not help. */
const refusals = [400, 403, 404, 409, 422];
const notFound = 404;
const conflict = 409;
const forbidden = 403;

/** A search brings no more objects than these; what one database has is far less. */
const mostFound = 100;

/** What the kube is made of. */
export type KubeParts = {
  readonly api: ApiClient;
  readonly store: Store;
  readonly events: EventSender;
  readonly fingerprinted: (secret: Secret) => Secret;
  readonly tellHealth: Kube["tellHealth"];
  readonly proofOf: Kube["proofOf"];
  readonly newPassword: Kube["newPassword"];
  /** Ms that only grow. */
  readonly clock: () => number;
  readonly log: (claim: string, line: string) => void;
};

/** The kube of the reconcile, over one client and one store. */
export function createKube(parts: KubeParts): Kube {
  const { api, store, events, fingerprinted, proofOf, log } = parts;
  const limit = createWriteLimit(parts.clock);
  const mirroredStates = new Map<string, Mirrored>();

  async function find(resource: Resource, ref: Ref): Promise<KubeObject | undefined> {
    return store.isListed(resource) ? store.find(resource, ref) : readObject(api, resource, ref);
  }

  async function search({
    resource,
    namespace,
    ...selectors
  }: Search): Promise<readonly KubeObject[]> {
    const query = new URLSearchParams({ ...selectors, limit: String(mostFound) }).toString();
    const path = `${collectionPath(resource, namespace)}?${query}`;
    const what = `listing ${resource.plural}${namespace === "" ? "" : ` in ${namespace}`}`;
    const { code, body } = await api({ method: "GET", path });
    // The kind is not in the cluster.
    if (code === notFound) return [];
    const found = itemsOf(body, code, what, resource);
    const { metadata } = isRecord(body) ? body : {};
    const isCut = isRecord(metadata) && Boolean(metadata.continue);
    // A truncated list of events is fine; a truncated list of anything else could hide what matters.
    if (isCut && selectors.labelSelector !== undefined) {
      throw new Error(`${what}: more than ${mostFound}`);
    }
    return found;
  }

  const read: Kube["read"] = async need => {
    const { isLive = false } = need;
    if (need.what === "object") {
      return isLive ? readObject(api, need.resource, need.ref) : find(need.resource, need.ref);
    }
    const { resource, labelSelector = "" } = need.search;
    return isLive || !store.isListed(resource)
      ? search(need.search)
      : store.indexed(resource, labelSelector);
  };

  async function classes(): Promise<readonly PostgresClass[]> {
    if (store.isListed(classResource)) return store.all(classResource) as readonly PostgresClass[];
    const { code, body } = await api({ method: "GET", path: collectionPath(classResource) });
    return itemsOf(body, code, "listing PostgresClasses", classResource) as PostgresClass[];
  }

  async function write(claim: AnyClaim, step: Step): Promise<Written> {
    switch (step.verb) {
      case "create":
        return create(step.resource, step.object);
      case "apply":
        return apply(step);
      case "remove":
        return remove(step);
      case "set owners":
        return setOwners(claim, step);
      case "set finalizers":
        return setFinalizers(claim, step.finalizers);
    }
  }

  async function send(
    { resource, object, part = "definition" }: Target,
    doing: string,
    request: ApiRequest,
  ): Promise<Written> {
    return store.write({ resource, ref: refOf(object), part }, async (): Promise<Written> => {
      const { code, body } = await api(request);
      if (refusals.includes(code)) return { state: "refused", refusal: refusalOf(code, body) };
      return { state: "done", object: objectOf(body, code, `${doing} ${nameOf(object)}`) };
    });
  }

  async function create(resource: Resource, object: KubeObject): Promise<Written> {
    const written = await send({ resource, object }, "creating", {
      method: "POST",
      path: `${collectionPath(resource, object.metadata.namespace)}?fieldManager=${fieldManager}`,
      body: object,
    });
    return isCode(written, conflict) ? { state: "outdated" } : written;
  }

  /** Server-side apply to the object that was found and no other of its name; other managers' fields stay. */
  async function apply({
    resource,
    object,
    found,
  }: Extract<Step, { verb: "apply" }>): Promise<Written> {
    const { uid } = found.metadata;
    const key = `${nameOf(found)} ${uid ?? ""}`;
    const content = digestOf(object.kind === "Secret" ? fingerprinted(object as Secret) : object);
    demandLimit(key, content, found);
    const hindrance = isOwned(found) ? undefined : await own(resource, found);
    if (hindrance) return hindrance;
    const written = await send({ resource, object }, "applying", {
      method: "PATCH",
      path: `${pathOf(resource, refOf(object))}?fieldManager=${fieldManager}&force=true`,
      contentType: applyPatch,
      // With a uid, an object made anew under this name is not touched (409).
      body: { ...object, metadata: { ...object.metadata, uid } },
    });
    if (isCode(written, notFound) || isCode(written, conflict)) return { state: "outdated" };
    if (written.state === "done") limit.note(key, content);
    return written;
  }

  /** Throws if someone else keeps undoing this very write, for the queue to try again later. */
  function demandLimit(key: string, content: string, object: KubeObject): void {
    if (limit.mayWrite(key, content)) return;
    const { name, namespace } = refOf(object);
    throw new Error(
      `another client keeps overwriting ${nameOf(object)} after it was corrected; kubectl get ${object.kind.toLowerCase()} ${name} -n ${namespace} -o yaml --show-managed-fields shows which`,
    );
  }

  /**
   * What the module has created counts as an update of its own, not as an apply, so that a field which it applies no longer would
   * stay. Done once for an object, as client-go's csaupgrade does: https://pkg.go.dev/k8s.io/client-go/util/csaupgrade
   * Gives what came in the way, if anything.
   */
  async function own(resource: Resource, found: KubeObject): Promise<Written | undefined> {
    const fresh = await readObject(api, resource, refOf(found));
    if (!fresh) return { state: "outdated" };
    const { metadata } = fresh;
    const entries = managersOf(metadata);
    const index = entries.findIndex(isOurs);
    if (index < 0 || entries.some(entry => isOurs(entry) && entry.operation === "Apply")) {
      return undefined;
    }
    const written = await send({ resource, object: found }, "owning the fields of", {
      method: "PATCH",
      path: pathOf(resource, refOf(found)),
      contentType: jsonPatch,
      body: [
        { op: "test", path: "/metadata/resourceVersion", value: metadata.resourceVersion },
        { op: "replace", path: `/metadata/managedFields/${index}/operation`, value: "Apply" },
      ],
    });
    if (written.state === "done") return undefined;
    // 422: the object has changed since it was read, as the patch's test of the version says.
    return isCode(written, forbidden) ? written : { state: "outdated" };
  }

  async function remove({
    resource,
    object,
    isUnchanged = false,
  }: Extract<Step, { verb: "remove" }>): Promise<Written> {
    const { uid, resourceVersion } = object.metadata;
    const preconditions = isUnchanged ? { uid, resourceVersion } : given({ uid });
    const { code, body } = await api({
      method: "DELETE",
      path: pathOf(resource, refOf(object)),
      body: {
        apiVersion: "v1",
        kind: "DeleteOptions",
        // The default of Jobs would leave their pods.
        propagationPolicy: "Background",
        preconditions,
      },
    });
    if (code === conflict && isUnchanged) return { state: "outdated" };
    // 409: the object of this name is a later one.
    if (code === notFound || code === conflict) return { state: "done", object: undefined };
    if (code >= 300) throw faultOf(`removing ${nameOf(object)}`, code, body);
    // An object with finalizers is given back; one that is gone is a Status.
    const isGone = isRecord(body) && body.kind === "Status";
    return { state: "done", object: isGone ? undefined : objectOf(body, code, "removing") };
  }

  /** Without an owner its labels say whose it was. */
  async function setOwners(
    claim: AnyClaim,
    { resource, object, owners }: Extract<Step, { verb: "set owners" }>,
  ): Promise<Written> {
    const metadata = { ownerReferences: owners, labels: claimLabels(claim) };
    const written = await setMetadata({ resource, object }, "setting the owners of", metadata);
    return isCode(written, notFound) || isCode(written, conflict) ? { state: "outdated" } : written;
  }

  async function setFinalizers(claim: AnyClaim, finalizers: readonly string[]): Promise<Written> {
    const target = { resource: claimResourceOf(claim.kind), object: claim };
    const written = await setMetadata(target, "setting the finalizers of", { finalizers });
    return demandTaken(claim, written);
  }

  /** Changes these metadata of the object as it was read, and of no later state of it. */
  async function setMetadata(target: Target, doing: string, fields: object): Promise<Written> {
    const { resource, object } = target;
    const { uid, resourceVersion } = object.metadata;
    return send(target, doing, {
      method: "PATCH",
      path: `${pathOf(resource, refOf(object))}?fieldManager=${fieldManager}`,
      contentType: mergePatch,
      body: { metadata: { uid, resourceVersion, ...fields } },
    });
  }

  const setStatus: Kube["setStatus"] = async (claim, status) => {
    // Times differ each time that a condition is turned over.
    const conditions = status.conditions?.map(({ type, status: state, message }) => [
      type,
      state,
      message,
    ]);
    const key = `${nameOf(claim)} ${claim.metadata.uid ?? ""}`;
    const content = digestOf({ ...status, conditions });
    demandLimit(key, content, claim);
    const resource = claimResourceOf(claim.kind);
    const known = Object.keys(claim.status ?? {});
    const cleared = Object.fromEntries(known.map(field => [field, null]));
    const written = await send({ resource, object: claim, part: "status" }, "telling", {
      method: "PATCH",
      path: `${pathOf(resource, refOf(claim))}/status?fieldManager=${fieldManager}`,
      contentType: mergePatch,
      body: { metadata: { uid: claim.metadata.uid }, status: { ...cleared, ...status } },
    });
    demandTaken(claim, written);
    limit.note(key, content);
  };

  /** A claim that is gone by now needs no more telling; of one that is another, the next run reads it anew. */
  function demandTaken(claim: KubeObject, written: Written): Written {
    if (written.state !== "refused" || isCode(written, notFound)) return written;
    const { message, code } = written.refusal;
    throw new Error(`writing ${nameOf(claim)}: ${message} (${code})`);
  }

  return {
    claim: async ref => (await find(claimResourceOf(ref.kind), ref)) as AnyClaim | undefined,
    classes,
    tenantsOf: instance =>
      store.indexed(databaseClaimResource, instanceWord(instance)) as readonly DatabaseClaim[],
    newPassword: parts.newPassword,
    wasThere: store.wasThere,
    read,
    write,
    setStatus,
    tell: (claim, event) => {
      events.send(claim, event);
    },
    tellHealth: parts.tellHealth,
    proofOf,
    fingerprinted,
    mirrored: claim => mirroredStates.get(keyOfClaim(claim)),
    keepMirrored: (claim, mirrored, sources) => {
      const key = keyOfClaim(claim);
      if (!mirrored) {
        mirroredStates.delete(key);
        return;
      }
      mirroredStates.set(key, mirrored);
      for (const ref of sources) store.forgetValues(secretResource, ref);
    },
    log: (claim, line) => {
      log(keyOfClaim(claim), line);
    },
  };
}

function keyOfClaim(claim: KubeObject): string {
  return claimKeyOf(claimRefTo(claim));
}

function claimRefTo(claim: KubeObject): ClaimRef {
  return { kind: claim.kind, ...refOf(claim) };
}

function isCode(written: Written, code: number): boolean {
  return written.state === "refused" && written.refusal.code === code;
}

/** The object that a request writes, and which part of it. */
type Target = {
  readonly resource: Resource;
  readonly object: KubeObject;
  readonly part?: WrittenPart["part"];
};

type Manager = {
  readonly manager?: unknown;
  readonly operation?: unknown;
  readonly subresource?: unknown;
};

function managersOf(metadata: KubeObject["metadata"]): readonly Manager[] {
  const managed: unknown = Reflect.get(metadata, "managedFields");
  return Array.isArray(managed) ? managed.filter(isRecord) : [];
}

function isOurs({ manager, subresource }: Manager): boolean {
  return manager === fieldManager && !subresource;
}

/** Whether the module's fields were handed over already; who has none there has nothing to hand over. */
function isOwned({ metadata }: KubeObject): boolean {
  const ours = managersOf(metadata).filter(isOurs);
  return ours.length === 0 || ours.some(({ operation }) => operation === "Apply");
}
