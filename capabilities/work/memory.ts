/**
 * What is remembered of the objects that the watches bring, to save reads: the newest state of each and nothing older, whatever
 * the order in which it is told. What was told last is not always true (Pepr 1.1.4: a relist that races with the watch brings
 * back objects that are gone and takes away some that are there), so a deletion only casts doubt.
 */
import {
  apiVersionOf,
  type KubeObject,
  type Ref,
  type Resource,
  type Secret,
  keyOf,
  refOf,
} from "../kubernetes/objects";
import { labels } from "../claim/names";

export type Memory = {
  /** Notes a state of an object. True if it is news: newer than what was known. */
  readonly note: (resource: Resource, object: KubeObject) => boolean;
  /** Notes that this object may be gone. True if it was known. */
  readonly doubtful: (resource: Resource, object: KubeObject) => boolean;
  /** Whatever is known under this name is in doubt from now on. */
  readonly doubt: (resource: Resource, ref: Ref) => void;
  /**
   * Notes that the object of this uid is not there: it cannot come back. What has taken its name stays: the answer to a question,
   * or an event, may have been overtaken.
   */
  readonly gone: (resource: Resource, ref: Ref, uid: string | undefined) => void;
  /** What was last known under this name, be it in doubt. */
  readonly last: (resource: Resource, ref: Ref) => KubeObject | undefined;
  readonly recall: (resource: Resource, ref: Ref) => Recollection;
  readonly all: (resource: Resource) => readonly KubeObject[];
};

/** `unknown` is what was never told of. */
export type Recollection =
  | { readonly state: "known"; readonly object: KubeObject }
  | { readonly state: "doubtful" | "unknown" };

type Entry = { object: KubeObject; isDoubtful: boolean };

/** Uids of gone objects that are kept: a relist under way may still bring each back once. */
const mostGone = 5000;

/** `seal` takes the values out of the Secrets that we write; they are only ever compared. */
export function createMemory(seal: (secret: Secret) => Secret): Memory {
  const kinds = new Map<string, Map<string, Entry>>();
  const goneUids = new Set<string>();

  function entriesOf({ plural }: Resource): Map<string, Entry> {
    const entries = kinds.get(plural) ?? new Map<string, Entry>();
    kinds.set(plural, entries);
    return entries;
  }

  function note(resource: Resource, object: KubeObject): boolean {
    const { uid, resourceVersion } = object.metadata;
    if (uid === undefined || resourceVersion === undefined || goneUids.has(uid)) return false;
    const entries = entriesOf(resource);
    const key = keyOf(refOf(object));
    const entry = entries.get(key);
    const order = entry ? compareVersions(object, entry.object) : 1;
    if (order < 0) return false;
    // An equal version is taken too: it is the watch's own object, and two copies need not be kept.
    const isEcho = order === 0 && entry?.isDoubtful === false;
    entries.set(key, {
      object: keepable(resource, object, order === 0 ? entry?.object : undefined),
      isDoubtful: false,
    });
    return !isEcho;
  }

  /** Takes out, in place, what nobody reads: the watch of Pepr 1.1.4 holds the same object for as long as it lives. */
  function keepable(
    resource: Resource,
    object: KubeObject,
    known: KubeObject | undefined,
  ): KubeObject {
    // Items of a list of a built-in kind do not say what they are.
    Object.assign(object, { apiVersion: apiVersionOf(resource), kind: resource.kind });
    forgetBulk(object);
    if (resource.kind === "Secret" && object.metadata.labels?.[labels.claimUid] !== undefined) {
      return Object.assign(object, { data: seal(object as Secret).data });
    }
    if (known && !("data" in known)) forgetValues(object);
    forgetUnread(object);
    return object;
  }

  function doubtful(resource: Resource, object: KubeObject): boolean {
    const entry = entriesOf(resource).get(keyOf(refOf(object)));
    if (!entry || entry.object.metadata.uid !== object.metadata.uid) return false;
    entry.isDoubtful = true;
    return true;
  }

  function doubt(resource: Resource, ref: Ref): void {
    const entry = entriesOf(resource).get(keyOf(ref));
    if (entry) entry.isDoubtful = true;
  }

  function last(resource: Resource, ref: Ref): KubeObject | undefined {
    return entriesOf(resource).get(keyOf(ref))?.object;
  }

  function gone(resource: Resource, ref: Ref, uid: string | undefined): void {
    if (uid === undefined || last(resource, ref)?.metadata.uid !== uid) return;
    entriesOf(resource).delete(keyOf(ref));
    goneUids.add(uid);
    const [oldest] = goneUids;
    if (goneUids.size > mostGone && oldest !== undefined) goneUids.delete(oldest);
  }

  function recall(resource: Resource, ref: Ref): Recollection {
    const entry = entriesOf(resource).get(keyOf(ref));
    if (!entry) return { state: "unknown" };
    return entry.isDoubtful ? { state: "doubtful" } : { state: "known", object: entry.object };
  }

  function all(resource: Resource): readonly KubeObject[] {
    return [...entriesOf(resource).values()].map(({ object }) => object);
  }

  return { note, doubtful, doubt, gone, last, recall, all };
}

/** Drops the values of a Secret that is remembered, in place. */
export function forgetValues(object: KubeObject): void {
  Reflect.deleteProperty(object, "data");
}

/** All that is ever read of the Secrets that others make: not the operator's URIs, nor the key of its authority. */
const readValues: readonly string[] = ["username", "password", "ca.crt"];

function forgetUnread(object: KubeObject & { readonly data?: object }): void {
  for (const name of Object.keys(object.data ?? {})) {
    if (!readValues.includes(name)) Reflect.deleteProperty(object.data ?? {}, name);
  }
}

function forgetBulk({ metadata }: KubeObject): void {
  Reflect.deleteProperty(metadata, "managedFields");
  if (metadata.annotations) {
    Reflect.deleteProperty(
      metadata.annotations,
      "kubectl.kubernetes.io/last-applied-configuration",
    );
  }
}

/**
 * Resource versions are numbers that grow, and may be compared within a kind:
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
function compareVersions(a: KubeObject, b: KubeObject): number {
  const [left, right] = [a, b].map(({ metadata }) => BigInt(metadata.resourceVersion ?? "0"));
  if (left === undefined || right === undefined || left === right) return 0;
  return left < right ? -1 : 1;
}
