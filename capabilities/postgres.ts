/** Every binding to Pepr. Callbacks only note what they see and which claim is concerned; the queue does the work. */
import { a, Capability, K8s, Log } from "pepr";
import { createAdmission } from "./webhook/instance";
import { createClassAdmission } from "./webhook/class";
import { createApiClient } from "./cluster/client";
import { clusterResource } from "./operator/cnpg/cluster";
import { databaseResource } from "./operator/cnpg/extensions";
import { poolerResource } from "./operator/cnpg/pooler";
import { connectionRef, type Claim } from "./claim/claim";
import {
  type KubeObject,
  type Ref,
  type Resource,
  keyOf,
  refOf,
  secretResource,
} from "./kubernetes/objects";
import { claimResource, classResource, followedLabel, operatorLabel, labels } from "./claim/names";
import {
  CnpgCluster,
  CnpgDatabase,
  CnpgPooler,
  PostgresClass,
  PostgresInstance,
  registerKinds,
} from "./pepr/kinds";
import { createClassKube } from "./cluster/class-status";
import { createKube } from "./cluster/kube";
import { createProofOf } from "./cluster/signing-key";
import { classesConcerned, concernsClaims, createClassTelling } from "./reconcile/class-status";
import { claimsOfFollowed, claimsOfLabels, claimsOfOwner } from "./work/claims-of";
import { createMemory, forgetValues } from "./work/memory";
import { withRecovery } from "./cluster/recovery";
import { createQueue, type Queue, type QueueOptions } from "./work/queue";
import { reconcile } from "./reconcile/reconcile";
import { createRefusals } from "./pepr/refusals";
import { createFingerprint } from "./cluster/fingerprint";
import { configurationName, joinEntry, type ConfigurationPlural } from "./pepr/webhook-entry";
import { acceptPath, servedCertificate } from "./pepr/webhook-server";

/** Claims that are worked on side by side: enough to keep the API server busy, few enough to leave it to others. */
const concurrency = 8;

registerKinds();

export const api = withRecovery(createApiClient(), () => {
  for (const one of [queue, classQueue]) one.retry();
});
const seal = createFingerprint();
const memory = createMemory(seal);
const kube = createKube(api, memory, { seal, proofOf: createProofOf(api) });
export const refusals = createRefusals();
const admission = createAdmission(api, kube, memory, refusals);
const classAdmission = createClassAdmission(api, kube, refusals);

const queue = queueOf("claim", concurrency, async (key, trigger) =>
  reconcile(refOfKey(key), trigger, kube, new Date()),
);
const tellClass = createClassTelling(createClassKube(api, memory), () => performance.now());
const classQueue = queueOf("class", 1, tellClass);

/** A queue whose failures are logged under what its keys are of. */
function queueOf(what: string, atOnce: number, run: QueueOptions["run"]): Queue {
  return createQueue({
    concurrency: atOnce,
    random: Math.random,
    startTimer: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return () => {
        clearTimeout(timer);
      };
    },
    run,
    onFailure: (key, fault, delay) => {
      const seconds = Math.round(delay / 1000);
      Log.warn({ [what]: key }, `${causes(fault)}; tried again in ${seconds} s`);
    },
  });
}

/** What Pepr calls a callback with: `Deleted`, or one of the phases in which the object is there. */
type Phase = string;
const deleted: Phase = "DELETED";

export const postgres = new Capability({
  name: "postgres",
  description: "PostgreSQL by claim: databases and connection Secrets for PostgresInstances",
});

const { When } = postgres;

When(PostgresInstance)
  .IsCreatedOrUpdated()
  .Mutate(admission.mutate)
  .Validate(admission.validate)
  .Watch((seen, phase: Phase) => {
    const claim = asObject(seen) as Claim;
    const before = memory.last(claimResource, refOf(claim)) as Claim | undefined;
    if (!remember(claimResource, claim, phase)) return;
    queue.add(keyOf(refOf(claim)));
    const concerned = classesConcerned(before, phase === deleted ? undefined : claim);
    for (const name of concerned) classQueue.add(name);
  });

When(CnpgCluster)
  .IsCreatedOrUpdated()
  .Watch((cluster, phase) => {
    noteOwned(clusterResource, cluster, phase, [refOf(asObject(cluster))]);
  });

// The operator's own and those that users bring: CNPG follows both by this label.
When(a.Secret)
  .IsCreatedOrUpdated()
  .WithLabel(followedLabel.name, followedLabel.value)
  .Reconcile((secret, phase) => {
    noteLabelled(secretResource, secret, phase, (seen, before) =>
      claimsOfFollowed(seen, before, () => memory.all(claimResource) as readonly Claim[]),
    );
  });

// The authorities of servers; of CNPG's own Secrets only they are of this type.
When(a.Secret)
  .IsCreatedOrUpdated()
  .WithLabel(operatorLabel.name, operatorLabel.value)
  .Reconcile((secret, phase) => {
    noteLabelled(secretResource, secret, phase, seen => claimsOfOwner(seen, clusterResource));
  });

// Pepr 1.1.4 has no word for a field selector, but hands the filters of a binding on to its client, which has.
for (const { filters } of postgres.bindings) {
  if (filters.labels[operatorLabel.name]) Object.assign(filters, { fields: { type: "Opaque" } });
}

When(a.Secret)
  .IsCreatedOrUpdated()
  .WithLabel(labels.claimUid)
  .Reconcile((secret, phase) => {
    noteLabelled(secretResource, secret, phase, claimsOfLabels);
  });

When(CnpgDatabase)
  .IsCreatedOrUpdated()
  .WithLabel(labels.claimUid)
  .Watch((database, phase) => {
    noteLabelled(databaseResource, database, phase, claimsOfLabels);
  });

When(CnpgPooler)
  .IsCreatedOrUpdated()
  .WithLabel(labels.claimUid)
  .Watch((pooler, phase) => {
    noteLabelled(poolerResource, pooler, phase, claimsOfLabels);
  });

When(PostgresClass)
  .IsCreatedOrUpdated()
  .Mutate(classAdmission.mutate)
  .Validate(classAdmission.validate)
  .Watch((seen, phase: Phase) => {
    const found = asObject(seen);
    const before = memory.last(classResource, refOf(found));
    if (!remember(classResource, found, phase)) return;
    if (!concernsClaims(before, phase === deleted ? undefined : found)) return;
    const { name } = found.metadata;
    addClaims(({ spec }) => (spec.className ?? name) === name);
    classQueue.add(name);
  });

When(PostgresClass).IsDeleted().Validate(classAdmission.validateDeletion);

When(a.Namespace)
  .IsCreatedOrUpdated()
  .Watch(({ metadata }) => {
    addClaims(claim => waits(claim) && connectionRef(claim)?.namespace === metadata?.name);
  });

When(a.CustomResourceDefinition)
  .IsCreatedOrUpdated()
  .WithName(`${clusterResource.plural}.${clusterResource.group}`)
  .Watch(() => {
    addClaims(waits);
  });

// Pepr 1.1.4 has no word for a watch of all events; deletions would need a second watch, with a second copy of every object.
for (const binding of postgres.bindings.filter(({ isWatch }) => isWatch)) {
  Object.assign(binding, { event: "*" });
}

/** Has the API server call this pod. Where it may not say so, Pepr's own way of being called stays. */
export async function joinWebhooks(): Promise<void> {
  await joinWebhook("mutatingwebhookconfigurations");
  await joinWebhook("validatingwebhookconfigurations");
}

async function joinWebhook(plural: ConfigurationPlural): Promise<void> {
  const path = await joinEntry(api, plural, servedCertificate()).catch((fault: unknown) => {
    Log.warn(`${causes(fault)}; a redeployment will have a gap`);
    return undefined;
  });
  if (path !== undefined) acceptPath(path);
}

/** Admission processes have no watches of Pepr's: what they judge by, they watch for themselves. */
export async function watchForAdmission(): Promise<void> {
  const note =
    (resource: Resource) =>
    (object: a.GenericKind, phase: Phase): void => {
      if (phase === deleted) forget(resource, asObject(object));
      else memory.note(resource, asObject(object));
    };
  await Promise.all([
    K8s(PostgresInstance).Watch(note(claimResource)).start(),
    K8s(PostgresClass).Watch(note(classResource)).start(),
    // Someone may have replaced them as a whole.
    K8s(a.MutatingWebhookConfiguration, { name: configurationName })
      .Watch(() => joinWebhook("mutatingwebhookconfigurations"))
      .start(),
    K8s(a.ValidatingWebhookConfiguration, { name: configurationName })
      .Watch(() => joinWebhook("validatingwebhookconfigurations"))
      .start(),
  ]);
}

function noteLabelled(
  resource: Resource,
  seen: object,
  phase: Phase,
  claimsOf: typeof claimsOfLabels,
): void {
  const object = asObject(seen);
  const before = memory.last(resource, refOf(object));
  noteOwned(resource, object, phase, claimsOf(object, before));
}

/** Notes an object that concerns these claims, and those of them that are known if this is news. */
function noteOwned(resource: Resource, seen: object, phase: Phase, refs: readonly Ref[]): void {
  const object = asObject(seen);
  const known = refs.filter(ref => memory.recall(claimResource, ref).state !== "unknown");
  // Credentials of a database that is not ours are none of our business. What we wrote may come before its claim, and is sealed.
  const isOurs = object.metadata.labels?.[labels.claimUid] !== undefined;
  if (known.length === 0 && resource === secretResource && !isOurs) forgetValues(object);
  const isForgotten = phase === deleted && !known.some(isAlive);
  const isNews = isForgotten ? forget(resource, object) : remember(resource, object, phase);
  if (isNews) for (const ref of known) queue.add(keyOf(ref));
}

function isAlive(ref: Ref): boolean {
  const claim = memory.recall(claimResource, ref);
  return claim.state === "known" && claim.object.metadata.deletionTimestamp === undefined;
}

/** True if this is news. */
function remember(resource: Resource, seen: object, phase: Phase): boolean {
  const object = asObject(seen);
  if (phase !== deleted) return memory.note(resource, object);
  return resource === classResource ? forget(resource, object) : memory.doubtful(resource, object);
}

/** An object that nobody would ask for again is not kept in doubt. Always news. */
function forget(resource: Resource, object: KubeObject): true {
  memory.gone(resource, refOf(object), object.metadata.uid);
  return true;
}

function addClaims(isConcerned: (claim: Claim) => boolean): void {
  const claims = memory.all(claimResource) as readonly Claim[];
  for (const claim of claims.filter(isConcerned)) queue.add(keyOf(refOf(claim)));
}

function waits({ status }: Claim): boolean {
  return status?.phase !== "Ready";
}

/** What a watch brings has the shape that the API server gives every object. */
function asObject(seen: object): KubeObject {
  return seen as KubeObject;
}

function refOfKey(key: string): Ref {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name };
}

/** The messages of a fault and all that caused it, and nothing else of them. */
function causes(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  const { message, cause } = fault;
  return cause === undefined ? message : `${message}: ${causes(cause)}`;
}
