/** An instance that is shared, claims for databases in it, and the operator's part. */
import type { Claim, ClaimStatus } from "../../capabilities/claim/claim";
import type { PostgresClass } from "../../capabilities/claim/class";
import type { DatabaseClaim, DatabaseSpec } from "../../capabilities/claim/database";
import {
  claimKind,
  databaseClaimKind,
  databaseClaimResource,
  finalizer,
} from "../../capabilities/claim/names";
import type { KubeObject, Ref, Resource } from "../../capabilities/kubernetes/objects";
import { databaseResource } from "../../capabilities/operator/cnpg/extensions";
import { roleResource } from "../../capabilities/operator/cnpg/shared-databases";
import { deepFreeze } from "../arbitrary/frozen";
import type { Failure } from "../fake-api";
import { createFakeKube, type FakeKube, type Freshness } from "../fake-kube";
import { createFakeOperator } from "../fake-operator";
import { createFakeServer, type FakeServer } from "../fake-server";

export const instanceRef: Ref = { name: "home", namespace: "platform" };
export const ordersRef: Ref = { name: "orders", namespace: "team-a" };

export function instance(spec: Claim["spec"] = {}): Claim {
  return deepFreeze({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresInstance",
    metadata: { ...instanceRef, uid: "instance-uid", generation: 1 },
    spec: { share: { namespaces: ["*"] }, ...spec },
  });
}

export function database(
  ref: Ref = ordersRef,
  spec: Partial<DatabaseSpec> = {},
  made = 1,
): DatabaseClaim {
  return deepFreeze({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: databaseClaimKind,
    metadata: {
      ...ref,
      uid: `uid of ${ref.name}`,
      generation: 1,
      finalizers: [finalizer],
      creationTimestamp: `2026-12-01T00:00:0${made}Z`,
    },
    spec: { instanceRef, ...spec },
  });
}

export type Bench = {
  readonly server: FakeServer;
  readonly kube: FakeKube;
  /** One run for the claim; gives what was written. */
  readonly run: (ref?: Ref, kind?: string) => Promise<readonly string[]>;
  /** Runs, and applies what was made as the operator does, until nothing more is written. */
  readonly settle: (ref?: Ref) => Promise<void>;
  /** The same for the instance. */
  readonly settleInstance: () => Promise<void>;
  readonly status: (ref?: Ref) => ClaimStatus;
  readonly reason: (type?: string, ref?: Ref) => string | undefined;
};

type Surroundings = {
  readonly asked?: Claim;
  readonly classes?: readonly PostgresClass[];
  /** What else is there from the start. */
  readonly others?: readonly KubeObject[];
  readonly freshness?: Freshness;
};

/** An instance that is ready, and the claims. */
export async function bench(
  claims: readonly DatabaseClaim[] = [database()],
  { asked = instance(), classes = [], others = [], freshness = "live" }: Surroundings = {},
): Promise<Bench> {
  const server = createFakeServer();
  server.namespaces.add("platform").add("team-a").add("team-b");
  const kube = createFakeKube(server, freshness);
  const operator = createFakeOperator(server);
  for (const found of [...classes, ...others]) server.create(found);
  server.create(asked);
  for (const claim of claims) server.create(claim);

  async function run(ref: Ref = ordersRef, kind = databaseClaimKind): Promise<readonly string[]> {
    const before = kube.writes.length;
    server.now = new Date(server.now.getTime() + 60_000);
    if (freshness === "stored") kube.deliver();
    await kube.reconcile({ kind, ...ref });
    return kube.writes.slice(before).map(({ verb, what }) => `${verb} ${what}`);
  }

  async function settle(ref: Ref = ordersRef, kind = databaseClaimKind): Promise<void> {
    for (let round = 0; round < 20; round++) {
      const writes = await run(ref, kind);
      const applied = applyAll(server);
      const dropped = dropAll(server);
      if (writes.length + applied + dropped === 0) return;
    }
    throw new Error("it never comes to rest");
  }

  function status(ref: Ref = ordersRef): ClaimStatus {
    return (server.find(databaseClaimResource, ref) as DatabaseClaim).status ?? {};
  }

  await run(instanceRef, claimKind);
  operator.giveCredentials(instanceRef, "of the instance");
  operator.reach(instanceRef, "healthy");
  await run(instanceRef, claimKind);
  return {
    ...{ server, kube, run, settle, status },
    settleInstance: async () => settle(instanceRef, claimKind),
    reason: (type = "Ready", ref = ordersRef) =>
      status(ref).conditions?.find(condition => condition.type === type)?.reason,
  };
}

/** CNPG applies what is declared. */
export function applyAll(server: FakeServer): number {
  const open = [...server.all(roleResource), ...server.all(databaseResource)].filter(
    ({ metadata, ...rest }) =>
      metadata.deletionTimestamp === undefined &&
      (Reflect.get(rest, "status") as { observedGeneration?: number } | undefined)
        ?.observedGeneration !== metadata.generation,
  );
  for (const object of open) applyTo(server, object);
  return open.length;
}

export function applyTo(server: FakeServer, object: KubeObject, message?: string): void {
  server.edit(object, live => {
    const status =
      message === undefined
        ? { applied: true, observedGeneration: live.metadata.generation }
        : { applied: false, message };
    const finalizers = [live.kind === "Database" ? "cnpg.io/deleteDatabase" : "cnpg.io/deleteRole"];
    return { ...live, metadata: { ...live.metadata, finalizers }, ...{ status } };
  });
}

type Declared = {
  readonly name: string;
  readonly owner?: string;
  readonly databaseRoleReclaimPolicy?: string;
};

/** Whether PostgreSQL would not drop it: it is a role that owns a database. */
function isOwner(server: FakeServer, object: KubeObject): boolean {
  const declared = (found: KubeObject): Declared => Reflect.get(found, "spec") as Declared;
  const { name, databaseRoleReclaimPolicy: policy } = declared(object);
  const owners = server.all(databaseResource).map(found => declared(found).owner);
  return policy === "delete" && owners.includes(name);
}

/** CNPG drops what is on its way out: no role while a database of it is there. */
export function dropAll(server: FakeServer): number {
  const leaving = [...server.all(databaseResource), ...server.all(roleResource)].filter(
    ({ metadata }) => metadata.deletionTimestamp !== undefined,
  );
  for (const object of leaving) {
    if (isOwner(server, object)) continue;
    server.edit(object, live => ({ ...live, metadata: { ...live.metadata, finalizers: [] } }));
  }
  return leaving.length;
}

export function specOf(server: FakeServer, resource: Resource, name: string): unknown {
  const found = server.find(resource, { name, namespace: "platform" });
  return found && Reflect.get(found, "spec");
}

/** The claim is deleted, and everything done until it is gone. */
export async function leave(made: Bench): Promise<void> {
  const found = made.server.find(databaseClaimResource, ordersRef);
  if (found) made.server.remove(found);
  await settleLeaving(made);
}

async function settleLeaving({ server, run }: Bench): Promise<void> {
  for (let round = 0; round < 20 && server.find(databaseClaimResource, ordersRef); round++) {
    await run().catch(() => undefined);
    applyAll(server);
    dropAll(server);
  }
}

/** Whatever request fails, before it has its effect or after. */
export const failures: readonly Failure[] = Array.from({ length: 60 }, (_unused, at) => [
  { at, isDone: false },
  { at, isDone: true },
]).flat();
