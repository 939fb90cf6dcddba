/** What may happen in the world, one act at a time: by users, by the operator, by strangers, to the API server, and by the module. */
import * as fc from "fast-check";
import { cronJobResource } from "../../capabilities/backup/jobs";
import { clusterResource } from "../../capabilities/operator/cnpg/cluster";
import { databaseResource } from "../../capabilities/operator/cnpg/extensions";
import { podMonitorResource } from "../../capabilities/operator/cnpg/monitoring";
import { poolerResource } from "../../capabilities/operator/cnpg/pooler";
import { roleResource } from "../../capabilities/operator/cnpg/shared-databases";
import type { Claim, ClaimSpec } from "../../capabilities/claim/claim";
import {
  type KubeObject,
  type Ref,
  type Resource,
  type Secret,
  keyOf,
  refOf,
} from "../../capabilities/kubernetes/objects";
import { annotations, finalizer } from "../../capabilities/claim/names";
import { goodClaim } from "../good-claim";
import { without } from "../without";
import { isStrange, strange, type World } from "./world";

export type Act = { readonly play: (world: World) => void | Promise<void> };

/** Few, so that much happens to each: two of one name, and places that both may want. */
export const claims: readonly Ref[] = [
  { name: "one", namespace: "team-a" },
  { name: "one", namespace: "team-b" },
];

/** The namespace of the last is not there at first. */
export const places: readonly Ref[] = [
  { name: "s", namespace: "team-a" },
  { name: "s", namespace: "team-b" },
  { name: "s", namespace: "team-c" },
];

/** Name of the Secret with the credentials that a user brings. */
export const givenName = "given";

const aClaim = fc.constantFrom(...claims);
const aPlace = fc.constantFrom(...places);
const aWish = fc.option(aPlace, { nil: undefined, freq: 5 });

/** A user says what becomes of the data; the webhook then holds the claim. */
export const policies: fc.Arbitrary<Act> = fc
  .tuple(aClaim, fc.constantFrom("Retain" as const, "Retain" as const, "Delete" as const))
  .map(([ref, deletionPolicy]) =>
    act(`set deletionPolicy ${deletionPolicy} of ${keyOf(ref)}`, world => {
      edit(world, ref, live => ({
        ...live,
        metadata: { ...live.metadata, finalizers: [finalizer] },
        spec: { ...live.spec, deletionPolicy },
      }));
    }),
  );

/** A user names the Cluster that is there. */
export const adoptions: fc.Arbitrary<Act> = aClaim.map(ref =>
  act(`have ${keyOf(ref)} adopt its Cluster`, world => {
    const uid = world.server.find(clusterResource, ref)?.metadata.uid ?? "";
    edit(world, ref, live => ({
      ...live,
      metadata: { ...live.metadata, annotations: { [annotations.adopt]: uid } },
    }));
  }),
);

/** An act that shows itself by its words where a counterexample is printed. */
function act(words: string, play: Act["play"]): Act {
  return Object.assign({ play }, { [fc.toStringMethod]: () => words });
}

function asking(live: Claim, place: Ref | undefined): Claim {
  const rest: Claim = without(live, "writeConnectionSecretToRef");
  return place ? { ...rest, writeConnectionSecretToRef: place } : rest;
}

/** A user changes a claim that is there and stays. */
function edit(world: World, ref: Ref, change: (live: Claim) => Claim): void {
  const found = world.claim(ref);
  if (found && found.metadata.deletionTimestamp === undefined) world.server.edit(found, change);
}

/** Of the Secret of a login that reads. */
export const loginName = "login";
const readAccess = { readOnly: { secretRef: { name: loginName } } };

/** With credentials of the user's own, or without; with an extension, or without; with a login that reads, or without. */
const aSpec: fc.Arbitrary<ClaimSpec> = fc.constantFrom(
  {},
  {},
  { extensions: [{ name: "citext" }], pooler: {}, monitoring: true },
  { credentialsSecretName: givenName },
  { access: readAccess },
  {
    credentialsSecretName: givenName,
    databaseOwner: "app",
    extensions: [{ name: "citext" }],
  },
);

const creation = fc
  .tuple(aClaim, aWish, fc.boolean(), aSpec)
  .map(([ref, place, isAdmitted, spec]) =>
    act(
      `create ${keyOf(ref)} for ${place ? keyOf(place) : "no secret"} with ${JSON.stringify(spec)}`,
      ({ server }) => {
        const finalizers = isAdmitted && place ? [finalizer] : [];
        server.create(asking({ ...goodClaim, metadata: { ...ref, finalizers }, spec }, place));
      },
    ),
  );

/** What a user brings is planted like a stranger's: the module must not touch it. */
function given(namespace: string, username: string, password: string, isFollowed: boolean): Secret {
  const marks = { ...strange, ...(isFollowed ? { "cnpg.io/reload": "true" } : {}) };
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: givenName, namespace, labels: marks },
    type: "kubernetes.io/basic-auth",
    data: { username: base64(username), password: base64(password) },
  };
}

const credentials = [
  fc
    .tuple(
      aClaim,
      fc.constantFrom("app", "app", "web"),
      fc.constantFrom("one", "two", ""),
      fc.boolean(),
    )
    .map(([{ namespace }, username, password, isFollowed]) =>
      act(
        `bring ${username} with password "${password}" to ${namespace}${isFollowed ? ", labelled" : ""}`,
        ({ plant, uproot, secret }) => {
          uproot(secret({ name: givenName, namespace }));
          plant(given(namespace, username, password, isFollowed));
        },
      ),
    ),
  aClaim.map(({ namespace }) =>
    act(`take away what was brought to ${namespace}`, ({ uproot, secret }) => {
      uproot(secret({ name: givenName, namespace }));
    }),
  ),
];

const users = [
  creation,
  aClaim.map(ref =>
    act(`delete ${keyOf(ref)}`, ({ server, claim }) => {
      const found = claim(ref);
      if (found) server.remove(found);
    }),
  ),
  fc.tuple(aClaim, aWish).map(([ref, place]) =>
    act(`move ${keyOf(ref)} to ${place ? keyOf(place) : "no secret"}`, world => {
      edit(world, ref, live => asking(live, place));
    }),
  ),
  fc
    .tuple(
      aClaim,
      fc.constantFrom(
        { instances: 2 },
        { version: "17" },
        { version: "9" },
        { size: "large" as const },
        { extensions: [{ name: "pg_trgm" }] },
        { extensions: [{ name: "pg_trgm", ensure: "absent" as const }, { name: "hstore" }] },
        { extensions: [] },
        { pooler: { instances: 2 } },
        { monitoring: true },
        { monitoring: false },
        { backup: { enabled: false } },
        { backup: { schedule: "0 12 * * SUN" } },
        { backup: { retentionDays: 30 } },
        { access: readAccess },
        { access: {} },
      ),
    )
    .map(([ref, spec]) =>
      act(`set ${JSON.stringify(spec)} of ${keyOf(ref)}`, world => {
        edit(world, ref, live => ({ ...live, spec: { ...live.spec, ...spec } }));
      }),
    ),
  aClaim.map(ref =>
    act(`give up the pooler of ${keyOf(ref)}`, world => {
      edit(world, ref, live => ({ ...live, spec: without(live.spec, "pooler") }));
    }),
  ),
  fc.tuple(aPlace, fc.boolean()).map(([place, isDeletion]) =>
    act(`${isDeletion ? "delete" : "spoil"} Secret ${keyOf(place)}`, ({ server, secret }) => {
      const found = secret(place);
      if (!found || isStrange(found)) return;
      if (isDeletion) server.remove(found);
      else server.edit(found, live => ({ ...live, data: { ...live.data, password: "c3BvaWx0" } }));
    }),
  ),
];

const strangers = [
  aPlace.map(place =>
    act(`plant Secret ${keyOf(place)}`, ({ plant }) => {
      plant({ apiVersion: "v1", kind: "Secret", metadata: { ...place, labels: strange } });
    }),
  ),
  aPlace.map(place =>
    act(`uproot Secret ${keyOf(place)}`, ({ uproot, secret }) => {
      uproot(secret(place));
    }),
  ),
  aClaim.map(ref =>
    act(`plant Cluster ${keyOf(ref)}`, ({ plant }) => {
      const metadata = { ...ref, labels: strange };
      plant({ apiVersion: "postgresql.cnpg.io/v1", kind: "Cluster", metadata });
    }),
  ),
  aClaim.map(ref =>
    act(`uproot Cluster ${keyOf(ref)}`, ({ server, uproot }) => {
      uproot(server.find(clusterResource, ref));
    }),
  ),
  fc.tuple(aClaim, fc.boolean()).map(([ref, isUprooted]) =>
    act(`${isUprooted ? "uproot" : "plant"} PodMonitor ${keyOf(ref)}`, world => {
      const metadata = { ...ref, labels: strange };
      if (isUprooted) world.uproot(world.server.find(podMonitorResource, ref));
      else world.plant({ apiVersion: "monitoring.coreos.com/v1", kind: "PodMonitor", metadata });
    }),
  ),
  fc.tuple(aClaim, fc.boolean()).map(([{ name, namespace }, isUprooted]) =>
    act(`${isUprooted ? "uproot" : "plant"} CronJob of ${namespace}/${name}`, world => {
      const ref = { name: `${name}-backup`, namespace };
      if (isUprooted) world.uproot(world.server.find(cronJobResource, ref));
      else {
        const metadata = { ...ref, labels: strange };
        world.plant({ apiVersion: "batch/v1", kind: "CronJob", metadata });
      }
    }),
  ),
  aClaim.map(({ name, namespace }) =>
    act(`edit CronJob of ${namespace}/${name}`, ({ server }) => {
      const found = server.find(cronJobResource, { name: `${name}-backup`, namespace });
      if (!found || isStrange(found)) return;
      server.edit(found, live => ({ ...live, spec: { schedule: "0 0 1 1 *" } }));
    }),
  ),
  aClaim.map(({ name, namespace }) =>
    act(`delete CronJob of ${namespace}/${name}`, ({ server }) => {
      const found = server.find(cronJobResource, { name: `${name}-backup`, namespace });
      if (found && !isStrange(found)) server.remove(found);
    }),
  ),
  fc.tuple(aClaim, fc.boolean()).map(([{ namespace }, isUprooted]) =>
    act(`${isUprooted ? "uproot" : "plant"} Secret ${namespace}/${loginName}`, world => {
      const ref = { name: loginName, namespace };
      if (isUprooted) world.uproot(world.secret(ref));
      else world.plant({ apiVersion: "v1", kind: "Secret", metadata: { ...ref, labels: strange } });
    }),
  ),
  aClaim.map(ref =>
    act(`plant Database ${keyOf(ref)}`, ({ plant }) => {
      const metadata = { ...ref, labels: strange };
      plant({ apiVersion: "postgresql.cnpg.io/v1", kind: "Database", metadata });
    }),
  ),
  aClaim.map(ref =>
    act(`uproot Database ${keyOf(ref)}`, ({ server, uproot }) => {
      uproot(server.find(databaseResource, ref));
    }),
  ),
];

/** Something happens to the Cluster of a claim, if there is one. */
function toCluster(
  words: string,
  change: (world: World, found: KubeObject, ref: Ref) => void,
): fc.Arbitrary<Act> {
  return aClaim.map(ref =>
    act(`${words} ${keyOf(ref)}`, world => {
      const found = world.cluster(ref);
      if (found) change(world, found, ref);
    }),
  );
}

const operators = [
  toCluster("make the credentials of", ({ operator }, _found, ref) => {
    operator.giveCredentials(ref, "first");
  }),
  toCluster("change the password of", ({ operator }, _found, ref) => {
    operator.giveCredentials(ref, "second");
  }),
  toCluster("delete the credentials of", ({ server, secret }, _found, { name, namespace }) => {
    const credentials = secret({ name: `${name}-app`, namespace });
    if (credentials) server.remove(credentials);
  }),
  ...(["setting up", "healthy", "half lost", "failed"] as const).map(stage =>
    toCluster(`${stage}: Cluster`, ({ operator }, _found, ref) => {
      operator.reach(ref, stage);
    }),
  ),
  toCluster("delete Cluster", ({ server }, found) => {
    server.remove(found);
  }),
  toCluster("spoil Cluster", ({ server }, found) => {
    const spec = { ...(Reflect.get(found, "spec") as object), instances: 7 };
    server.edit(found, live => ({ ...live, ...{ spec } }));
  }),
];

/** Something happens to the Database of a claim, if there is one. */
function toDatabase(
  words: string,
  change: (world: World, found: KubeObject) => void,
): fc.Arbitrary<Act> {
  return aClaim.map(ref =>
    act(`${words} Database ${keyOf(ref)}`, world => {
      const found = world.server.find(databaseResource, ref);
      if (found && !isStrange(found)) change(world, found);
    }),
  );
}

const databases = [
  toDatabase("apply", ({ operator }, found) => {
    operator.apply(refOf(found));
  }),
  toDatabase("refuse an extension of", ({ operator }, found) => {
    operator.apply(refOf(found), "no such extension");
  }),
  toDatabase("delete", ({ server }, found) => {
    server.remove(found);
  }),
  toDatabase("spoil", ({ server }, found) => {
    server.edit(found, live => ({ ...live, ...{ spec: { name: "another" } } }));
  }),
];

/** A call by its number from now on, or the next one of its kind. */
const aCall = fc.oneof(
  fc.nat({ max: 12 }),
  aClaim.map(ref => `status PostgresInstance ${keyOf(ref)}`),
  fc
    .tuple(fc.constantFrom("create", "remove"), aPlace)
    .map(([verb, place]) => `${verb} Secret ${keyOf(place)}`),
);

function removeKind({ server, uproot }: World, resource: Resource): void {
  for (const found of server.all(resource)) {
    if (isStrange(found)) uproot(found);
    else server.remove(found);
  }
  server.missing.add(resource.plural);
}

const apiServer = [
  fc.constant(
    act("collect garbage", ({ server }) => {
      server.collect();
    }),
  ),
  fc.boolean().map(isThere =>
    act(`the operator's CRDs ${isThere ? "come" : "go, and all objects with them"}`, world => {
      for (const resource of [clusterResource, databaseResource, poolerResource, roleResource]) {
        if (isThere) world.server.missing.delete(resource.plural);
        else removeKind(world, resource);
      }
    }),
  ),
  fc.boolean().map(isThere =>
    act(`the Prometheus operator's CRD ${isThere ? "comes" : "goes"}`, world => {
      if (isThere) world.server.missing.delete(podMonitorResource.plural);
      else removeKind(world, podMonitorResource);
    }),
  ),
  fc.constant(
    act("namespace team-c comes", ({ server }) => {
      server.namespaces.add("team-c");
    }),
  ),
  fc.record({ at: aCall, isDone: fc.boolean() }).map(failure =>
    act(`call ${failure.at} fails${failure.isDone ? " after it is done" : ""}`, ({ kube }) => {
      kube.failAt(failure);
    }),
  ),
];

const watches = fc.oneof(
  fc.nat().map(at =>
    act(`tell of change ${at}`, ({ tell }) => {
      tell(at);
    }),
  ),
  fc.constant(
    act("tell of all", ({ tellAll }) => {
      tellAll();
    }),
  ),
);

const runs = fc.tuple(aClaim, fc.boolean()).map(([ref, isTold]) =>
  act(`run ${keyOf(ref)}${isTold ? ", told of all" : ""}`, async ({ run, tellAll }) => {
    if (isTold) tellAll();
    // A run that fails is tried again: here, by another act.
    await run(ref).catch(() => undefined);
  }),
);

/** All goes well for a while. */
async function goWell({ server, operator, tellAll, run }: World, ref: Ref): Promise<void> {
  for (let round = 0; round < 2; round++) {
    tellAll();
    await run(ref).catch(() => undefined);
    if (!server.missing.has("clusters")) operator.finish();
  }
  tellAll();
  await run(ref).catch(() => undefined);
}

const progress = aClaim.map(ref =>
  act(`all goes well for ${keyOf(ref)}`, async world => {
    await goWell(world, ref);
  }),
);

type Turn = "move" | "delete" | "leave";

function turn(world: World, ref: Ref, [what, place]: readonly [Turn, Ref | undefined]): void {
  const found = world.claim(ref);
  if (what === "move") edit(world, ref, live => asking(live, place));
  if (what === "delete" && found) world.server.remove(found);
}

const aTurn = fc.tuple(fc.constantFrom<Turn>("move", "move", "delete", "leave"), aWish);

/**
 * A claim that is well is changed, and a call of the run that follows fails; then it is changed again. The module may or may not
 * have heard of the changes by then.
 */
const trouble = fc
  .record({ ref: aClaim, first: aTurn, second: aTurn, isTold: fc.boolean(), isDone: fc.boolean() })
  .chain(fields => aCall.map(at => ({ ...fields, at })))
  .map(({ ref, first, second, isTold, ...failure }) => {
    const words = [first, second].map(([what, place]) =>
      place ? `${what} ${keyOf(place)}` : what,
    );
    const ending = `${failure.at} fails between${isTold ? "" : ", unheard"}`;
    return act(`${keyOf(ref)}: ${words.join(", then ")}; ${ending}`, async world => {
      await goWell(world, ref);
      turn(world, ref, first);
      if (isTold) world.tellAll();
      world.kube.failAt(failure);
      await world.run(ref).catch(() => undefined);
      turn(world, ref, second);
    });
  });

/** Claims, with a stranger's object in the way or not, that are changed while calls fail. */
export const troubles: fc.Arbitrary<Act[]> = fc
  .tuple(
    fc.array(creation, { minLength: 2, maxLength: 3 }),
    fc.array(fc.oneof(...strangers, ...credentials), { maxLength: 4 }),
    fc.array(trouble, { minLength: 1, maxLength: 4 }),
  )
  .map(([made, planted, changed]) => [...planted, ...made, ...changed]);

/** Anything at all. */
export const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: runs },
    { weight: 3, arbitrary: watches },
    { weight: 3, arbitrary: progress },
    { weight: 4, arbitrary: trouble },
    { weight: 5, arbitrary: fc.oneof(...users) },
    { weight: 2, arbitrary: fc.oneof(...credentials) },
    { weight: 3, arbitrary: fc.oneof(...operators) },
    { weight: 1, arbitrary: fc.oneof(...databases) },
    { weight: 2, arbitrary: fc.oneof(...strangers) },
    { weight: 2, arbitrary: fc.oneof(...apiServer) },
  ),
  { maxLength: 40, size: "max" },
);
