/**
 * A world of claims, an operator and strangers over the fake server, for whatever may happen in it: reads are answered from what
 * the watches have brought, which may be late.
 */
import { clusterResource } from "../../capabilities/operator/cnpg/cluster";
import type { Claim } from "../../capabilities/claim/claim";
import type { PostgresClass } from "../../capabilities/claim/class";
import {
  type KubeObject,
  type Ref,
  type Secret,
  keyOf,
  refOf,
  secretResource,
} from "../../capabilities/kubernetes/objects";
import { annotations, claimKind, claimResource, labels } from "../../capabilities/claim/names";
import { createFakeKube, type FakeKube } from "../fake-kube";
import { createFakeOperator, type FakeOperator } from "../fake-operator";
import { createFakeServer, type FakeServer } from "../fake-server";

export type World = {
  readonly server: FakeServer;
  readonly kube: FakeKube;
  readonly operator: FakeOperator;
  readonly claim: (ref: Ref) => Claim | undefined;
  /** The Cluster of this name, if it is not a stranger's. */
  readonly cluster: (ref: Ref) => KubeObject | undefined;
  readonly secret: (ref: Ref) => Secret | undefined;
  readonly run: (claim: Ref) => Promise<void>;
  /** Brings the changes up to this one to the store, or all. */
  readonly tell: (at: number) => void;
  readonly tellAll: () => void;
  readonly plant: (object: KubeObject) => void;
  readonly uproot: (object: KubeObject | undefined) => void;
  /** Strangers' objects that are no longer as they were put there. */
  readonly touched: () => readonly string[];
};

/** Marks a stranger's object. */
export const strange = { "example.com/owner": "stranger" };

export function isStrange({ metadata }: KubeObject): boolean {
  return metadata.labels?.["example.com/owner"] === "stranger";
}

/** The secrets that were written for claims. */
export function connectionSecrets(server: FakeServer): readonly KubeObject[] {
  return server.all(secretResource).filter(({ metadata }) => metadata.labels?.[labels.claimUid]);
}

/** The class of every claim: it makes backups. The module never touches it. */
export const worldClass = {
  apiVersion: "database.bizmatters.io/v1alpha1",
  kind: "PostgresClass",
  metadata: {
    name: "home",
    labels: strange,
    annotations: { [annotations.isDefaultClass]: "true" },
  },
  spec: { backup: { method: "dump", volume: { nfs: { server: "nas", path: "/backups" } } } },
} as const satisfies PostgresClass;

function nameOf(object: KubeObject): string {
  return `${object.kind} ${keyOf(refOf(object))}`;
}

export function createWorld(): World {
  const server = createFakeServer();
  const kube = createFakeKube(server, "stored");
  const planted = new Map<string, string>();

  const plant: World["plant"] = object => {
    const written = server.create(object);
    if ("object" in written) planted.set(nameOf(object), JSON.stringify(written.object));
  };
  plant(worldClass);

  return {
    server,
    kube,
    operator: createFakeOperator(server),
    claim: ref => server.find(claimResource, ref) as Claim | undefined,
    cluster: ref => {
      const found = server.find(clusterResource, ref);
      return found && !isStrange(found) ? found : undefined;
    },
    secret: ref => server.find(secretResource, ref),
    run: async ref => {
      server.now = new Date(server.now.getTime() + 1700);
      await kube.reconcile({ kind: claimKind, ...ref });
    },
    tell: at => {
      kube.deliver(at % Math.max(1, server.changes.length));
    },
    tellAll: () => {
      kube.deliver();
    },
    plant,
    uproot: object => {
      if (!object || !isStrange(object)) return;
      planted.delete(nameOf(object));
      server.remove(object);
    },
    touched: () =>
      [...planted].flatMap(([key, before]) => {
        const now = server.all().find(object => nameOf(object) === key);
        return JSON.stringify(now) === before ? [] : [key];
      }),
  };
}

/** Nothing fails any more, the watches catch up, the operator finishes, and every claim is looked at until nobody writes. */
export async function calm(world: World, claims: readonly Ref[]): Promise<void> {
  const { server, kube, operator } = world;
  kube.failAt(undefined);
  server.missing.clear();
  server.namespaces.add("team-c");
  for (let round = 0; round < 12; round++) {
    const before = kube.writes.length;
    server.collect();
    operator.finish();
    world.tellAll();
    for (const ref of claims) await world.run(ref);
    // While a database is young its status is held back.
    for (const ref of claims) await world.run(ref);
    if (round > 2 && kube.writes.length === before) return;
  }
  throw new Error("the claims never come to rest");
}
