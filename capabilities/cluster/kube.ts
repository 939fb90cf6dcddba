/** What the module asks of the API server and remembers of its answers: the only place that knows paths, verbs and codes. */
import { Log } from "pepr";
import { podMonitorResource } from "../operator/cnpg/monitoring";
import type { PostgresClass } from "../claim/class";
import {
  type KubeObject,
  type Ref,
  type Resource,
  type Secret,
  keyOf,
  refOf,
  secretResource,
} from "../kubernetes/objects";
import { claimResource, classResource, fieldManager, labels } from "../claim/names";
import { given } from "../kubernetes/given";
import { isRecord } from "../claim/schema";
import {
  collectionPath,
  eventObject,
  faultOf,
  itemsOf,
  nameOf,
  objectOf,
  pathOf,
  refusalOf,
} from "./paths";
import type { ApiClient, ApiRequest, ApiResponse } from "./client";
import { createWriteLimit } from "../work/write-limit";
import { digestOf } from "../kubernetes/digest";
import { type Kube, type Refusal, type Written } from "../reconcile/kube";
import { forgetValues, type Memory } from "../work/memory";

const applyPatch = "application/apply-patch+yaml";
const mergePatch = "application/merge-patch+json";
const jsonPatch = "application/json-patch+json";

/** Codes that say something about the object: trying the same again would not help. */
const refusals = [400, 403, 404, 409, 422];

/** For these ms after its start the process has not been told of everything yet: what it does not know it asks for. */
const youth = 10_000;

/** A search brings no more objects than these; what one database has is far less. */
const mostFound = 100;

/** A kind whose definition may never come is not watched: Pepr 1.1.4 would ask for it every few seconds, for ever. */
function isUnwatched({ plural, group }: Resource): boolean {
  return plural === podMonitorResource.plural && group === podMonitorResource.group;
}

/** The kube of the reconcile, over one client and one memory. */
export function createKube(
  api: ApiClient,
  memory: Memory,
  { seal, proofOf }: Pick<Kube, "seal" | "proofOf">,
): Kube {
  const settledMarks = new Map<string, string>();
  const contest = createWriteLimit(() => performance.now());
  const grownUpAt = performance.now() + youth;
  let classesListed: Promise<void> | undefined;
  let unwatchedListed: Promise<void> | undefined;

  async function readLive(resource: Resource, ref: Ref): Promise<KubeObject | undefined> {
    const uid = memory.last(resource, ref)?.metadata.uid;
    const { code, body } = await api({ method: "GET", path: pathOf(resource, ref) });
    if (code === 404) {
      memory.gone(resource, ref, uid);
      if (resource === claimResource) {
        settledMarks.delete(keyOf(ref));
        forgetUnwatched(ref);
      }
      return undefined;
    }
    const object = objectOf(body, code, `reading ${resource.kind} ${keyOf(ref)}`);
    // The memory keeps no values; who asked for the object may need them.
    memory.note(resource, structuredClone(object));
    return object;
  }

  async function read(resource: Resource, ref: Ref): Promise<KubeObject | undefined> {
    if (isUnwatched(resource)) return readLive(resource, ref);
    const mayBeUntold = performance.now() <= grownUpAt;
    return mayBeUntold && memory.recall(resource, ref).state === "unknown"
      ? readLive(resource, ref)
      : remembered(resource, ref);
  }

  async function remembered(resource: Resource, ref: Ref): Promise<KubeObject | undefined> {
    if (isUnwatched(resource)) {
      await (unwatchedListed ??= listUnwatched().catch((fault: unknown) => {
        unwatchedListed = undefined;
        Log.warn(`${String(fault)}; what is to go of them stays until that succeeds`);
      }));
    }
    const recollection = memory.recall(resource, ref);
    if (recollection.state === "known") return recollection.object;
    return recollection.state === "unknown" ? undefined : readLive(resource, ref);
  }

  /** Nobody else makes any that are ours, so that what there is at first, and what is made later, is all. */
  async function listUnwatched(): Promise<void> {
    const path = `${collectionPath(podMonitorResource)}?labelSelector=${labels.claimUid}`;
    const { code, body } = await api({ method: "GET", path });
    // The kind is not in the cluster.
    if (code === 404) return;
    for (const found of itemsOf(body, code, "listing PodMonitors", podMonitorResource)) {
      memory.note(podMonitorResource, found);
    }
  }

  /** What nobody would tell of. */
  function forgetUnwatched(ref: Ref): void {
    memory.gone(podMonitorResource, ref, memory.last(podMonitorResource, ref)?.metadata.uid);
  }

  const markedLive: Kube["markedLive"] = async ({ metadata: { uid = "" } }) => {
    const path = `${collectionPath(secretResource)}?labelSelector=${labels.claimUid}=${uid}`;
    const { code, body } = await api({ method: "GET", path });
    return itemsOf(body, code, "listing connection secrets", secretResource);
  };

  const search: Kube["search"] = async ({ resource, namespace, ...selectors }) => {
    const query = new URLSearchParams({ ...selectors, limit: String(mostFound) }).toString();
    const path = `${collectionPath(resource, namespace)}?${query}`;
    const what = `listing ${resource.plural} in ${namespace}`;
    const { code, body } = await api({ method: "GET", path });
    const found = itemsOf(body, code, what, resource);
    const { metadata } = isRecord(body) ? body : {};
    const isCut = isRecord(metadata) && Boolean(metadata.continue);
    // Of events some are enough; of all else what is not seen could be what matters.
    if (isCut && selectors.labelSelector !== undefined) {
      throw new Error(`${what}: more than ${mostFound}`);
    }
    return found;
  };

  function marked({ metadata: { uid } }: KubeObject): readonly KubeObject[] {
    const secrets = memory.all(secretResource);
    return secrets.filter(({ metadata }) => metadata.labels?.[labels.claimUid] === uid);
  }

  async function write(resource: Resource, what: string, request: ApiRequest): Promise<Written> {
    const { code, body } = await api(request);
    if (refusals.includes(code)) return { refusal: refusalOf(code, body) };
    const object = objectOf(body, code, what);
    memory.note(resource, object);
    return { object };
  }

  async function create(resource: Resource, object: KubeObject): Promise<Written> {
    return write(resource, `creating ${nameOf(object)}`, {
      method: "POST",
      path: `${collectionPath(resource, object.metadata.namespace)}?fieldManager=${fieldManager}`,
      body: object,
    });
  }

  async function apply(resource: Resource, object: KubeObject, live: KubeObject): Promise<Written> {
    const { uid } = live.metadata;
    const path = pathOf(resource, refOf(object));
    challenge(live, object.kind === "Secret" ? seal(object as Secret) : object);
    await own(resource, live);
    const written = await write(resource, `applying ${nameOf(object)}`, {
      method: "PATCH",
      path: `${path}?fieldManager=${fieldManager}&force=true`,
      contentType: applyPatch,
      // With a uid, an object made anew under this name is not touched (409).
      body: { ...object, metadata: { ...object.metadata, uid } },
    });
    if ("refusal" in written && [404, 409].includes(written.refusal.code)) {
      memory.doubt(resource, refOf(object));
      throw new Error(`applying ${nameOf(object)}: ${written.refusal.message}`);
    }
    return written;
  }

  /** Throws if someone else keeps undoing this very write, for the queue to try again later. */
  function challenge(live: KubeObject, content: unknown): void {
    if (contest.mayWrite(`${nameOf(live)} ${live.metadata.uid ?? ""}`, digestOf(content))) return;
    throw new Error(
      `${nameOf(live)} is changed by someone else each time that it has been put right: find out by whom (kubectl get --show-managed-fields)`,
    );
  }

  /**
   * What we have created counts as an update of ours, not as an apply, so that a field which we apply no longer would stay.
   * Done once for an object, as client-go's csaupgrade does: https://pkg.go.dev/k8s.io/client-go/util/csaupgrade
   */
  async function own(resource: Resource, live: KubeObject): Promise<void> {
    const path = pathOf(resource, refOf(live));
    const { code, body } = await api({ method: "GET", path });
    const { metadata } = objectOf(body, code, `reading ${nameOf(live)}`);
    const managed: unknown = Reflect.get(metadata, "managedFields");
    const entries = Array.isArray(managed) ? managed.filter(isRecord) : [];
    const ours = entries.filter(entry => entry.manager === fieldManager && !entry.subresource);
    if (ours.some(entry => entry.operation === "Apply")) return;
    const index = entries.findIndex(entry => ours.includes(entry));
    if (index < 0) return;
    await demand(`owning the fields of ${nameOf(live)}`, {
      method: "PATCH",
      path,
      contentType: jsonPatch,
      body: [
        { op: "test", path: "/metadata/resourceVersion", value: metadata.resourceVersion },
        { op: "replace", path: `/metadata/managedFields/${index}/operation`, value: "Apply" },
      ],
    });
  }

  async function demand(what: string, request: ApiRequest): Promise<KubeObject> {
    const { code, body } = await api(request);
    return objectOf(body, code, what);
  }

  async function requestRemoval(
    resource: Resource,
    object: KubeObject,
    preconditions: Partial<KubeObject["metadata"]>,
  ): Promise<ApiResponse> {
    const answer = await api({
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
    const isAnswered = answer.code < 300 || answer.code === 404 || answer.code === 409;
    if (!isAnswered) throw faultOf(`removing ${nameOf(object)}`, answer.code, answer.body);
    return answer;
  }

  async function remove(resource: Resource, object: KubeObject): Promise<boolean> {
    const { uid } = object.metadata;
    const { code, body } = await requestRemoval(resource, object, given({ uid }));
    // 409: the object of this name is a later one.
    // An object with finalizers is given back; one that is gone is a Status.
    const isGone = code >= 300 || (isRecord(body) && body.kind === "Status");
    if (isGone) memory.gone(resource, refOf(object), object.metadata.uid);
    return isGone;
  }

  async function removeUnchanged(resource: Resource, object: KubeObject): Promise<boolean> {
    const { uid, resourceVersion } = object.metadata;
    if (uid === undefined || resourceVersion === undefined) return false;
    const { code } = await requestRemoval(resource, object, { uid, resourceVersion });
    memory.doubt(resource, refOf(object));
    return code < 300;
  }

  const setStatus: Kube["setStatus"] = async (claim, status) => {
    // Times differ each time that a condition is turned over.
    const conditions = status.conditions?.map(({ type, status, message }) => [
      type,
      status,
      message,
    ]);
    challenge(claim, { ...status, conditions });
    const known = Object.keys(claim.status ?? {});
    const cleared = Object.fromEntries(known.map(field => [field, null]));
    const written = await write(claimResource, `telling ${nameOf(claim)}`, {
      method: "PATCH",
      path: `${pathOf(claimResource, refOf(claim))}/status?fieldManager=${fieldManager}`,
      contentType: mergePatch,
      body: { metadata: { uid: claim.metadata.uid }, status: { ...cleared, ...status } },
    });
    if ("refusal" in written) refused(claim, written.refusal);
  };

  const setFinalizers: Kube["setFinalizers"] = async (claim, finalizers) => {
    const { uid, resourceVersion } = claim.metadata;
    const written = await write(claimResource, `setting the finalizers of ${nameOf(claim)}`, {
      method: "PATCH",
      path: `${pathOf(claimResource, refOf(claim))}?fieldManager=${fieldManager}`,
      contentType: mergePatch,
      body: { metadata: { uid, resourceVersion, finalizers } },
    });
    if ("refusal" in written) refused(claim, written.refusal);
  };

  /** A claim that is gone or another by now needs no more telling; the next run reads it anew. */
  function refused(claim: KubeObject, { code, message }: Refusal): void {
    memory.doubt(claimResource, refOf(claim));
    if (code !== 404) throw new Error(`writing ${nameOf(claim)}: ${message} (${code})`);
  }

  const tell: Kube["tell"] = async (claim, event) => {
    const told = api({
      method: "POST",
      path: collectionPath(
        { group: "", version: "v1", plural: "events" },
        claim.metadata.namespace,
      ),
      body: eventObject(claim, event, new Date()),
    });
    await told.then(
      ({ code, body }) => {
        if (code >= 300) Log.warn(faultOf(`event for ${nameOf(claim)}`, code, body).message);
      },
      (fault: unknown) => {
        Log.warn(`event for ${nameOf(claim)}: ${String(fault)}`);
      },
    );
  };

  async function listClasses(): Promise<void> {
    const { code, body } = await api({ method: "GET", path: collectionPath(classResource) });
    const listed = itemsOf(body, code, "listing PostgresClasses", classResource);
    for (const found of listed) memory.note(classResource, found);
  }

  async function classes(): Promise<readonly PostgresClass[]> {
    classesListed ??= listClasses().catch((fault: unknown) => {
      classesListed = undefined;
      throw fault;
    });
    await classesListed;
    return memory.all(classResource) as readonly PostgresClass[];
  }

  return {
    read,
    readLive,
    remembered,
    marked: async claim => Promise.resolve(marked(claim)),
    markedLive,
    search,
    classes,
    create,
    apply,
    remove,
    removeUnchanged,
    setStatus,
    setFinalizers,
    tell,
    seal,
    proofOf,
    settled: claim => settledMarks.get(keyOf(claim)),
    settle: (claim, sources, mark) => {
      settledMarks.set(keyOf(claim), mark);
      for (const ref of sources) {
        const source = memory.recall(secretResource, ref);
        if (source.state === "known") forgetValues(source.object);
      }
    },
  };
}
