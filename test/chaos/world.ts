/** What a run knows beside what the API server says: names, what was put in the way, and which claims must be gone. */
import type { ApiRequest, ApiResponse } from "../../capabilities/cluster/client";
import { collectionPath, pathOf } from "../../capabilities/cluster/paths";
import { clusterResource } from "../../capabilities/operator/cnpg/cluster";
import type { Claim } from "../../capabilities/claim/claim";
import {
  type KubeObject,
  type Ref,
  type Resource,
  type Secret,
  secretResource,
} from "../../capabilities/kubernetes/objects";
import { claimResource } from "../../capabilities/claim/names";
import { plan } from "../../capabilities/reconcile/plan";
import type { Rig } from "./rig";

export { claimResource } from "../../capabilities/claim/names";
export { clusterResource } from "../../capabilities/operator/cnpg/cluster";
export { secretResource } from "../../capabilities/kubernetes/objects";

export const namespaceResource: Resource = {
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
};

export type World = {
  readonly rig: Rig;
  /** Begins the names of all namespaces of the run. */
  readonly prefix: string;
  /** By uid: objects that nobody but us may touch, as they were made. */
  readonly foreign: Map<string, KubeObject>;
  /** Uids of claims whose deletion was accepted. */
  readonly deleted: Set<string>;
  /** What goes on beside the commands: pods and stand-ins that start. */
  readonly background: Set<Promise<void>>;
  /** Commands by name: how often each was carried out, not only tried. */
  readonly done: Map<string, number>;
};

/** Claims of a run: few, so that commands meet. */
export const slots = [0, 1, 2, 3] as const;
/** Namespaces: `a` and `b` have claims and stay; `t` and `u` are only targets, and come and go. */
export const targets = ["t", "u"] as const;

export function newWorld(rig: Rig, prefix: string): World {
  const empty = { foreign: new Map(), deleted: new Set<string>(), background: new Set<never>() };
  return { rig, prefix, ...empty, done: new Map() };
}

export function claimRef({ prefix }: World, slot: number): Ref {
  return { name: `claim-${slot}`, namespace: `${prefix}-${slot < 3 ? "a" : "b"}` };
}

/** Where a claim may want its secret: its own namespace, another, or one that comes and goes. */
export function placeRef({ prefix }: World, slot: number, place: string): Ref {
  const own = slot < 3 ? "a" : "b";
  if (place === "own") return { name: `secret-${slot}`, namespace: `${prefix}-${own}` };
  // Wanted by all claims: the first has it.
  if (place === "shared") return { name: "shared", namespace: `${prefix}-a` };
  return { name: `secret-${slot}`, namespace: `${prefix}-${place}` };
}

/** The Secret that a claim may bring, which users make, change and remove. */
export function broughtRef(world: World, slot: number): Ref {
  return { name: `brought-${slot}`, namespace: claimRef(world, slot).namespace };
}

/** Asks until there is an answer: the API server may be away. */
export async function ask({ rig }: World, request: ApiRequest): Promise<ApiResponse> {
  for (let left = 100; ; left -= 1) {
    const answer = await rig.api(request).catch((fault: unknown) => {
      if (left === 0) throw fault;
      return undefined;
    });
    if (answer && ![429, 503, 504].includes(answer.code)) return answer;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

export async function find<T extends KubeObject>(
  world: World,
  resource: Resource,
  ref: Ref,
): Promise<T | undefined> {
  const { code, body } = await ask(world, { method: "GET", path: pathOf(resource, ref) });
  return code === 200 ? (body as T) : undefined;
}

/** The object as it was made; undefined if it was refused. */
export async function make<T extends KubeObject>(
  world: World,
  resource: Resource,
  object: T,
): Promise<T | undefined> {
  const path = collectionPath(resource, object.metadata.namespace);
  const { code, body } = await ask(world, { method: "POST", path, body: object });
  return code === 201 ? (body as T) : undefined;
}

/** A merge patch. True if it was taken. */
export async function edit(
  world: World,
  resource: Resource,
  ref: Ref,
  change: object,
): Promise<boolean> {
  const contentType = "application/merge-patch+json";
  const request = { method: "PATCH", path: pathOf(resource, ref), body: change } as const;
  return (await ask(world, { ...request, contentType })).code === 200;
}

export async function remove(world: World, resource: Resource, ref: Ref): Promise<boolean> {
  return (await ask(world, { method: "DELETE", path: pathOf(resource, ref) })).code < 300;
}

export type Snapshot = {
  readonly claims: readonly Claim[];
  readonly clusters: readonly KubeObject[];
  readonly secrets: readonly Secret[];
  readonly namespaces: readonly KubeObject[];
  /** Of the kinds of optional objects. */
  readonly additions: readonly KubeObject[];
};

/** Everything of the run that is there. */
export async function snapshot(world: World): Promise<Snapshot> {
  const all = async (resource: Resource): Promise<never[]> => {
    const { code, body } = await ask(world, { method: "GET", path: collectionPath(resource) });
    if (code !== 200) return [];
    const { items } = body as { items: KubeObject[] };
    const isOurs = ({ name, namespace = name }: KubeObject["metadata"]): boolean =>
      namespace.startsWith(`${world.prefix}-`);
    const found = items.filter(({ metadata }) => isOurs(metadata));
    return found.map(item => ({ ...typeOf(resource), ...item })) as never[];
  };
  const resources = [claimResource, clusterResource, secretResource, namespaceResource];
  const [claims = [], clusters = [], secrets = [], namespaces = []] = await Promise.all(
    resources.map(all),
  );
  const additions = (await Promise.all(additionResources(claims).map(all))).flat();
  return { claims, clusters, secrets, namespaces, additions };
}

/** The kinds of optional objects that claims may ask for, also where none does. */
function additionResources(claims: readonly Claim[]): readonly Resource[] {
  const resources = claims.flatMap(claim => {
    const planned = plan(claim, []);
    return "database" in planned ? planned.optional.map(({ resource }) => resource) : [];
  });
  return [...new Map(resources.map(resource => [resource.plural, resource])).values()];
}

function typeOf({ group, version, kind }: Resource): { apiVersion: string; kind: string } {
  return { apiVersion: group === "" ? version : `${group}/${version}`, kind };
}
