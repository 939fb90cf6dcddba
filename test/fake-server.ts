/**
 * The API server as a Map, for the reconcile's tests alone: objects with uids and versions, namespaces and kinds that may be
 * missing, server-side apply as far as we use it, finalizers, garbage collection. What it decides itself (schema, CEL, RBAC,
 * conflicts of field managers) is tested on the real one.
 */
import {
  type KubeObject,
  type OwnerReference,
  type Ref,
  type Resource,
  keyOf,
  refOf,
  secretResource,
} from "../capabilities/kubernetes/objects";
import { cronJobResource } from "../capabilities/backup/jobs";
import {
  claimResource,
  classResource,
  databaseClaimResource,
  fieldManager,
} from "../capabilities/claim/names";
import { isSame } from "../capabilities/kubernetes/sameness";
import type { Refusal } from "../capabilities/reconcile/kube";
import { clusterResource } from "../capabilities/operator/cnpg/cluster";
import {
  jobResource,
  podResource,
  volumeClaimResource,
} from "../capabilities/operator/diagnosis/evidence";
import { eventResource } from "../capabilities/reconcile/diagnosis";
import { databaseResource } from "../capabilities/operator/cnpg/extensions";
import { podMonitorResource } from "../capabilities/operator/cnpg/monitoring";
import { roleResource } from "../capabilities/operator/cnpg/shared-databases";
import { poolerResource } from "../capabilities/operator/cnpg/pooler";
import { deepFreeze } from "./arbitrary/frozen";
import { merged } from "./merge";

export const resources: readonly Resource[] = [
  claimResource,
  databaseClaimResource,
  classResource,
  roleResource,
  clusterResource,
  databaseResource,
  poolerResource,
  podMonitorResource,
  secretResource,
  podResource,
  volumeClaimResource,
  jobResource,
  cronJobResource,
  eventResource,
];

/** The object as it is after a write, or why it was not taken. */
export type ServerAnswer = { readonly object: KubeObject } | { readonly refusal: Refusal };

export type Change = { readonly isDeleted: boolean; readonly object: KubeObject };

export type FakeServer = {
  readonly namespaces: Set<string>;
  /** Namespaces on their way out: nothing new is taken there. */
  readonly terminating: Set<string>;
  /** Plurals whose CRD is not there. */
  readonly missing: Set<string>;
  /** What a mutating webhook does to an object before it is stored. */
  webhook: (object: KubeObject) => KubeObject;
  /** What a validating webhook says against an object. */
  objection: (object: KubeObject) => Refusal | undefined;
  now: Date;
  readonly find: (resource: Resource, ref: Ref) => KubeObject | undefined;
  readonly all: (resource?: Resource) => readonly KubeObject[];
  readonly create: (object: KubeObject) => ServerAnswer;
  /** Server-side apply of our manager. */
  readonly apply: (object: KubeObject) => ServerAnswer;
  /** Writes an object as it is said, whoever does it; `status` too. */
  readonly edit: <T extends KubeObject>(object: T, change: (found: T) => T) => void;
  /** Takes it away, or marks it for deletion while it has finalizers. */
  readonly remove: (object: KubeObject) => void;
  /** Removes what belonged to an owner that is gone. */
  readonly collect: () => void;
  /** Everything that has changed, in order, as a watch brings it. */
  readonly changes: readonly Change[];
  /** The version of the last change. */
  readonly version: () => string;
};

const refusal = (code: number, message: string, more: Partial<Refusal> = {}): ServerAnswer => ({
  refusal: { code, message, causes: [], ...more },
});

/** The kind that an object says it is of. */
export function resourceOf({ apiVersion, kind }: KubeObject): Resource {
  const found = resources.find(
    ({ group, version, kind: known }) =>
      known === kind && apiVersion === (group === "" ? version : `${group}/${version}`),
  );
  if (!found) throw new Error(`${kind} is not served by the fake`);
  return found;
}

/** What is asked for: all but metadata and status. */
function askedOf(object: KubeObject): unknown {
  return Object.entries(object).filter(([name]) => !["metadata", "status"].includes(name));
}

export function createFakeServer(): FakeServer {
  const stored = new Map<string, KubeObject>();
  /** By uid, what our manager applied last. */
  const applied = new Map<string, unknown>();
  const changes: Change[] = [];
  let version = 100;
  let uids = 0;

  const placeOf = ({ plural }: Resource, ref: Ref): string => `${plural} ${keyOf(ref)}`;

  function store(object: KubeObject): KubeObject {
    version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(version) };
    const saved = deepFreeze(structuredClone({ ...object, metadata }));
    stored.set(placeOf(resourceOf(saved), refOf(saved)), saved);
    changes.push({ isDeleted: false, object: saved });
    return saved;
  }

  function drop(object: KubeObject): void {
    version += 1;
    stored.delete(placeOf(resourceOf(object), refOf(object)));
    const metadata = { ...object.metadata, resourceVersion: String(version) };
    changes.push({ isDeleted: true, object: deepFreeze({ ...object, metadata }) });
  }

  /** A change of what is asked for is a new generation; what changes nothing is not written. */
  function replace(before: KubeObject, after: KubeObject): KubeObject {
    if (isSame(before, after)) return before;
    const { generation = 1 } = before.metadata;
    const isAskedAnew = !isSame(askedOf(before), askedOf(after));
    return store({
      ...after,
      metadata: { ...after.metadata, generation: isAskedAnew ? generation + 1 : generation },
    });
  }

  /** The only manager that the fake knows of: ours, where objects of ours are concerned. */
  function managed({ kind }: KubeObject): object {
    if (kind !== clusterResource.kind) return {};
    const time = `${server.now.toISOString().slice(0, 19)}Z`;
    return { managedFields: [{ manager: fieldManager, operation: "Apply", time }] };
  }

  const find: FakeServer["find"] = (resource, ref) =>
    server.missing.has(resource.plural) ? undefined : stored.get(placeOf(resource, ref));

  const create: FakeServer["create"] = object => {
    const resource = resourceOf(object);
    const { namespace = "" } = object.metadata;
    if (server.missing.has(resource.plural)) {
      return refusal(404, "the server could not find the requested resource");
    }
    if (namespace !== "" && !server.namespaces.has(namespace)) {
      return refusal(404, `namespaces "${namespace}" not found`, { kind: "namespaces" });
    }
    if (find(resource, refOf(object))) {
      return refusal(409, `${resource.plural} "${object.metadata.name}" already exists`);
    }
    if (server.terminating.has(namespace)) {
      const causes = ["NamespaceTerminating"];
      return refusal(403, `namespace ${namespace} is being terminated`, { causes });
    }
    const objection = server.objection(object);
    if (objection) return { refusal: objection };
    uids += 1;
    const born = {
      ...managed(object),
      uid: `uid-${uids}`,
      generation: 1,
      creationTimestamp: `${server.now.toISOString().slice(0, 19)}Z`,
    };
    const accepted = server.webhook(object);
    const saved = store({ ...accepted, metadata: { ...accepted.metadata, ...born } });
    applied.set(born.uid, object);
    return { object: saved };
  };

  const apply: FakeServer["apply"] = object => {
    const found = find(resourceOf(object), refOf(object));
    const { uid = "" } = object.metadata;
    if (!found) return refusal(409, "an object with a uid cannot be made by apply");
    if (found.metadata.uid !== uid) return refusal(409, "the uid is another");
    const objection = server.objection(object);
    if (objection) return { refusal: objection };
    const after = server.webhook(merged(found, applied.get(uid), object) as KubeObject);
    applied.set(uid, object);
    if (isSame(found, after)) return { object: found };
    const metadata = { ...after.metadata, ...managed(object) };
    return { object: replace(found, { ...after, metadata }) };
  };

  const edit: FakeServer["edit"] = (object, change) => {
    const found = stored.get(placeOf(resourceOf(object), refOf(object)));
    if (!found) throw new Error(`${object.kind} ${object.metadata.name} is not there`);
    const after = replace(found, change(found as typeof object));
    release(after);
  };

  function release(object: KubeObject): void {
    const { deletionTimestamp, finalizers = [] } = object.metadata;
    if (deletionTimestamp !== undefined && finalizers.length === 0) drop(object);
  }

  const remove: FakeServer["remove"] = object => {
    const found = stored.get(placeOf(resourceOf(object), refOf(object)));
    if (!found) return;
    if (found.metadata.finalizers?.length) {
      const deletionTimestamp = server.now.toISOString();
      replace(found, { ...found, metadata: { ...found.metadata, deletionTimestamp } });
      return;
    }
    drop(found);
  };

  function collect(): void {
    const uidsThere = new Set([...stored.values()].map(({ metadata }) => metadata.uid));
    const isOrphan = ({ uid }: OwnerReference): boolean => !uidsThere.has(uid);
    const orphans = [...stored.values()].filter(
      ({ metadata: { ownerReferences = [] } }) =>
        ownerReferences.length > 0 && ownerReferences.every(isOrphan),
    );
    orphans.forEach(remove);
    if (orphans.length > 0) collect();
  }

  const server: FakeServer = {
    namespaces: new Set(["team-a", "team-b"]),
    terminating: new Set(),
    missing: new Set(),
    webhook: object => object,
    objection: () => undefined,
    now: new Date("2026-11-21T12:00:00Z"),
    find,
    all: resource =>
      [...stored.values()].filter(found => !resource || resourceOf(found) === resource),
    create,
    apply,
    edit,
    remove,
    collect,
    changes,
    version: () => String(version),
  };
  return server;
}
