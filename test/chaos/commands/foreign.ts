/** What others have where claims want to be, and namespaces that come and go. */
import * as fc from "fast-check";
import { pathOf } from "../../../capabilities/cluster/paths";
import {
  type KubeObject,
  type Resource,
  type Secret,
  refOf,
} from "../../../capabilities/kubernetes/objects";
import { labels } from "../../../capabilities/claim/names";
import {
  ask,
  claimRef,
  clusterResource,
  find,
  make,
  namespaceResource,
  placeRef,
  secretResource,
  targets,
  type World,
} from "../world";
import { command, slot } from "./command";

const place = fc.constantFrom("own", "a", "b", "t", "u", "shared");
const target = fc.constantFrom(...targets);

async function put(world: World, resource: Resource, object: KubeObject): Promise<boolean> {
  const made = await make(world, resource, object);
  const uid = made?.metadata.uid;
  if (!made || uid === undefined) return false;
  world.foreign.set(uid, { ...made, kind: resource.kind });
  return true;
}

function cluster(world: World, chosen: number): KubeObject & { readonly spec: object } {
  return {
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Cluster",
    metadata: claimRef(world, chosen),
    spec: {
      instances: 2,
      imageName: "ghcr.io/cloudnative-pg/postgresql:15",
      storage: { size: "7Gi" },
      bootstrap: { initdb: { database: "foreign", owner: "foreign" } },
    },
  };
}

function secret(metadata: KubeObject["metadata"]): Secret {
  const data = { password: Buffer.from("foreign").toString("base64") };
  return { apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", data };
}

/** A copy that a backup or a mirroring tool has made, labels and all, where no claim wants it. */
async function copy(world: World, chosen: number): Promise<boolean> {
  const ref = placeRef(world, chosen, "own");
  const found = await find<Secret>(world, secretResource, ref);
  if (found?.metadata.labels?.[labels.claimUid] === undefined) return false;
  const { labels: marks, annotations = {} } = found.metadata;
  const metadata = { namespace: `${world.prefix}-b`, name: `copy-${chosen}`, labels: marks };
  return put(world, secretResource, { ...found, metadata: { ...metadata, annotations } });
}

/** Takes away whatever was put in the way of one claim. */
async function clear(world: World, chosen: number): Promise<boolean> {
  const names = [`claim-${chosen}`, `secret-${chosen}`, "shared"];
  const inTheWay = [...world.foreign.values()].filter(({ metadata }) =>
    names.includes(metadata.name),
  );
  for (const object of inTheWay) await takeAway(world, object);
  return inTheWay.length > 0;
}

async function takeAway({ foreign, ...world }: World, object: KubeObject): Promise<void> {
  const { uid = "" } = object.metadata;
  const resource = object.kind === "Secret" ? secretResource : clusterResource;
  foreign.delete(uid);
  const body = { kind: "DeleteOptions", apiVersion: "v1", preconditions: { uid } };
  const path = pathOf(resource, refOf(object));
  await ask({ foreign, ...world }, { method: "DELETE", path, body });
}

export async function makeNamespace(world: World, name: string): Promise<boolean> {
  const metadata = { name: `${world.prefix}-${name}` };
  const made = await make(world, namespaceResource, {
    apiVersion: "v1",
    kind: "Namespace",
    metadata,
  });
  return made !== undefined;
}

async function removeNamespace(world: World, name: string): Promise<boolean> {
  const full = `${world.prefix}-${name}`;
  for (const [uid, { metadata }] of world.foreign) {
    if (metadata.namespace === full) world.foreign.delete(uid);
  }
  const path = pathOf(namespaceResource, { name: full, namespace: "" });
  return (await ask(world, { method: "DELETE", path })).code < 300;
}

export const foreignCommands = [
  command("put a foreign Cluster", slot, async (world, chosen) =>
    put(world, clusterResource, cluster(world, chosen)),
  ),
  command("put a foreign Secret", fc.record({ slot, place }), async (world, asked) =>
    put(world, secretResource, secret(placeRef(world, asked.slot, asked.place))),
  ),
  command("copy a connection secret", slot, copy),
  command("clear the way", slot, clear),
  command("make a namespace", target, makeNamespace),
  command("delete a namespace", target, removeNamespace),
];
