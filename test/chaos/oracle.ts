/** What must be so once all faults have ended, by the same pure functions that the module plans with. */
import { isControlledBy } from "../../capabilities/kubernetes/owners";
import type { OptionalObject, Credentials } from "../../capabilities/operator/operator";
import {
  conditionIn,
  connectionRef,
  externalCredentials,
  type Claim,
} from "../../capabilities/claim/claim";
import {
  type KubeObject,
  type Ref,
  type Secret,
  keyOf,
  isSameRef,
  refOf,
} from "../../capabilities/kubernetes/objects";
import { labels } from "../../capabilities/claim/names";
import { isAlike } from "../../capabilities/kubernetes/quantity";
import {
  connectionSecret,
  leadsToFormerPooler,
} from "../../capabilities/reconcile/connection/connection-secret";
import { isContained, isSame } from "../../capabilities/kubernetes/sameness";
import {
  judgeCredentials,
  type Brought,
} from "../../capabilities/reconcile/connection/credentials";
import { plan, withOwner, type Plan } from "../../capabilities/reconcile/plan";
import { phaseOf, type Reason } from "../../capabilities/reconcile/reasons";
import type { Violation } from "../../capabilities/claim/violation";
import type { OptionalField } from "../../capabilities/reconcile/aspects/optional-object";
import type { Snapshot, World } from "./world";

/** Everything that is not as it must be; nothing if all is well. */
export function complaints(world: World, seen: Snapshot): readonly string[] {
  return [
    ...seen.claims.flatMap(claim => claimComplaints(world, seen, claim)),
    ...seen.secrets.flatMap(secret => strayComplaints(world, seen, secret)),
    ...[...seen.clusters, ...seen.additions].flatMap(object => orphanComplaints(seen, object)),
    ...[...world.foreign.values()].flatMap(object => foreignComplaints(seen, object)),
  ];
}

function claimComplaints(world: World, seen: Snapshot, claim: Claim): readonly string[] {
  const key = keyOf(refOf(claim));
  const { uid = "", deletionTimestamp } = claim.metadata;
  if (deletionTimestamp !== undefined || world.deleted.has(uid)) return [`${key} is not gone`];
  const database = seen.clusters.find(one => isSameRef(refOf(one), refOf(claim)));
  const planned = planFor(claim, database, seen);
  if (!("database" in planned)) return [`${key} breaks rules: ${JSON.stringify(planned)}`];
  const verdicts: Expected[] = [
    { type: "DatabaseReady", verdict: clusterVerdict(planned, database) },
    { type: "ConnectionSecretReady", verdict: secretVerdict(planned, database, seen) },
    ...planned.optional.flatMap(addition => additionVerdict(planned, addition, database, seen)),
  ];
  return complaintsOf(claim, verdicts).map(problem => `${key}: ${problem}`);
}

/** The plan with what the claim brings, as the module makes it. */
function planFor(
  claim: Claim,
  database: KubeObject | undefined,
  seen: Snapshot,
): Planned | readonly Violation[] {
  const planned = plan(claim, []);
  if (!("database" in planned) || !externalCredentials(claim)) return planned;
  const { operator: backend } = planned;
  const madeFor =
    database && isControlledBy(database, claim) ? backend.objects.ownerOf(database) : undefined;
  const secret = secretAt(seen, backend.credentials.ref(claim, planned.chosen));
  const judged = judgeCredentials(planned, secret, madeFor);
  const brought = "verdict" in judged ? { ...judged, owner: madeFor } : judged;
  if (brought.owner === undefined) return { ...planned, brought };
  return { ...withOwner(planned, brought.owner), brought };
}

type Planned = Plan & { readonly brought?: Brought };

type Verdict = Reason | { readonly problem: string };

function clusterVerdict(
  { claim, database, operator: backend, brought }: Planned,
  found: KubeObject | undefined,
): Verdict {
  const isUnusable = brought !== undefined && "verdict" in brought;
  if (!found) return isUnusable ? brought.verdict.reason : { problem: "has no Cluster" };
  if (!isControlledBy(found, claim)) return "NotOwned";
  if (found.metadata.deletionTimestamp !== undefined) return { problem: "its Cluster is going" };
  // Without credentials that can be used it stays as it is; and so does a volume that someone has enlarged by hand.
  const desired = isUnusable ? found : backend.objects.retaining(database, found);
  if (!isContained(desired, found, isAlike)) return { problem: "its Cluster is not as planned" };
  const { state, message } = backend.health(found, desired, []);
  if (state === "hibernated") return "Hibernated";
  return state === "healthy" ? "DatabaseHealthy" : { problem: `its Cluster: ${message}` };
}

/** The conditions of optional objects: when there, and while the database is not. */
const optional: Readonly<
  Record<OptionalField, { type: string; applied: Reason; pending: Reason }>
> = {
  extensions: {
    type: "ExtensionsReady",
    applied: "ExtensionsApplied",
    pending: "ExtensionsPending",
  },
  pooler: { type: "PoolerReady", applied: "PoolerActive", pending: "PoolerPending" },
  monitoring: {
    type: "MonitoringReady",
    applied: "MonitoringActive",
    pending: "MonitoringPending",
  },
};

function additionVerdict(
  { claim }: Plan,
  { field, ref, resource, desired, health }: OptionalObject,
  database: KubeObject | undefined,
  seen: Snapshot,
): readonly Expected[] {
  const { type, applied, pending } = optional[field as OptionalField];
  const found = seen.additions.find(
    one => one.kind === resource.kind && isSameRef(refOf(one), ref),
  );
  const isOurs = found && isControlledBy(found, claim);
  if (!desired) {
    return isOurs ? [{ type, verdict: { problem: `${resource.kind} is still there` } }] : [];
  }
  if (!database || !isControlledBy(database, claim)) return [{ type, verdict: pending }];
  if (!isOurs || !isContained(desired, found, isAlike)) {
    return [{ type, verdict: { problem: `${resource.kind} is not as planned` } }];
  }
  const { state, message } = health(found);
  return [
    { type, verdict: state === "healthy" ? applied : { problem: `${resource.kind}: ${message}` } },
  ];
}

function secretVerdict(
  planned: Planned,
  database: KubeObject | undefined,
  seen: Snapshot,
): Verdict {
  const { claim, operator: backend, ref, brought } = planned;
  if (brought && "verdict" in brought) return brought.verdict.reason;
  if (!ref) return "SecretNotRequested";
  const credentials = secretAt(seen, backend.credentials.ref(claim, planned.chosen));
  const isOurs = database && isControlledBy(database, claim);
  if (!isOurs || !credentials || !(brought || isControlledBy(credentials, database))) {
    return "CredentialsPending";
  }
  const values = backend.credentials.of(credentials);
  return values ? mirrorVerdict(planned, ref, values, seen) : "CredentialsPending";
}

function mirrorVerdict(
  { claim, operator: backend, chosen }: Plan,
  ref: Ref,
  credentials: Credentials,
  seen: Snapshot,
): Verdict {
  const namespace = seen.namespaces.find(({ metadata }) => metadata.name === ref.namespace);
  if (!namespace) return "NamespaceNotFound";
  if (namespace.metadata.deletionTimestamp) return { problem: "the target namespace is going" };
  const found = secretAt(seen, ref);
  if (!found) return { problem: `has no connection secret ${keyOf(ref)}` };
  if (found.metadata.labels?.[labels.claimUid] !== claim.metadata.uid) return "NotOwned";
  const connection = {
    credentials,
    endpoint: backend.objects.endpoint(claim, chosen),
    pooledEndpoint: backend.objects.pooledEndpoint(claim, chosen),
  };
  const wanted = connectionSecret(claim, ref, connection, backend.provider);
  // What others have put beside our keys is theirs.
  return isContained(wanted, found) && !leadsToFormerPooler(wanted, found)
    ? "SecretWritten"
    : { problem: `connection secret ${keyOf(ref)} has other content` };
}

/** What is true of one aspect, or the fault that it has. */
type Expected = { readonly type: string; readonly verdict: Verdict };

/** What is wrong with the objects; if nothing is, what the status says of them that is not true. */
function complaintsOf(claim: Claim, expected: readonly Expected[]): readonly string[] {
  const problems = expected.flatMap(({ verdict }) =>
    typeof verdict === "object" ? [verdict.problem] : [],
  );
  if (problems.length > 0) return problems;
  const said = expected.map(({ type, verdict }) => {
    const reason = verdict as Reason;
    return { type, reason, holds: phaseOf(reason) === "Ready" };
  });
  const isReady = said.every(({ holds }) => holds);
  const { phase = "none" } = claim.status ?? {};
  const isPhase = (phase === "Ready") === isReady;
  return [
    ...conditionComplaints(claim, { type: "Ready", holds: isReady }),
    ...said.flatMap(one => conditionComplaints(claim, one)),
    ...(isPhase ? [] : [`is in phase ${phase}`]),
  ];
}

type Said = { readonly type: string; readonly reason?: Reason; readonly holds: boolean };

function conditionComplaints({ status, metadata }: Claim, expected: Said): readonly string[] {
  const { type, reason, holds } = expected;
  const found = conditionIn(status, type);
  if (!found) return [`has no condition ${type}`];
  const { status: is, reason: why, observedGeneration: of = 0 } = found;
  const wanted = { is: holds ? "True" : "False", why: reason ?? why, of: metadata.generation };
  return isSame({ is, why, of }, wanted)
    ? []
    : [`says ${type}=${is} ${why} of ${of}, expected ${Object.values(wanted).join(" ")}`];
}

/** A Secret that says it is a claim's must be where a living claim wants it, or where it was before it can be moved. */
function strayComplaints(world: World, seen: Snapshot, secret: Secret): readonly string[] {
  const { uid = "" } = secret.metadata;
  const owner = secret.metadata.labels?.[labels.claimUid];
  if (owner === undefined || world.foreign.has(uid)) return [];
  const claim = seen.claims.find(({ metadata }) => metadata.uid === owner);
  const where = keyOf(refOf(secret));
  if (!claim) return [`Secret ${where} is of claim ${owner}, which is gone`];
  const ref = connectionRef(claim);
  const isWanted = ref !== undefined && isSameRef(ref, refOf(secret));
  return isWanted || waitsAt(claim, uid)
    ? []
    : [`Secret ${where} is left where ${keyOf(refOf(claim))} does not want it`];
}

/** Whether the claim still has this Secret because it cannot have the one that it wants. */
function waitsAt({ status }: Claim, uid: string): boolean {
  const condition = conditionIn(status, "ConnectionSecretReady");
  return condition?.status !== "True" && status?.connectionSecretRef?.uid === uid;
}

function orphanComplaints(seen: Snapshot, object: KubeObject): readonly string[] {
  const owners = object.metadata.ownerReferences ?? [];
  const isStray = owners.some(
    ({ uid }) => !seen.claims.some(({ metadata }) => metadata.uid === uid),
  );
  return isStray ? [`${object.kind} ${keyOf(refOf(object))} has outlived its claim`] : [];
}

/** Byte for byte, version included; but of a Cluster the stand-in writes the status. */
function foreignComplaints(seen: Snapshot, object: KubeObject): readonly string[] {
  const { uid } = object.metadata;
  const found = [...seen.clusters, ...seen.secrets].find(({ metadata }) => metadata.uid === uid);
  const what = `foreign ${object.kind} ${keyOf(refOf(object))}`;
  if (!found) return [`${what} is gone`];
  const isSecret = object.kind === "Secret";
  const [before, after] = [object, found].map(one => (isSecret ? one : withoutStatus(one)));
  return isSame(before, after) ? [] : [`${what} was touched`];
}

function withoutStatus(object: KubeObject): object {
  const { status, metadata, ...rest } = object as KubeObject & { readonly status?: unknown };
  void status;
  const { managedFields, resourceVersion, ...others } = metadata as typeof metadata & {
    readonly managedFields?: unknown;
  };
  void [managedFields, resourceVersion];
  return { ...rest, metadata: others };
}

function secretAt({ secrets }: Snapshot, ref: Ref): Secret | undefined {
  return secrets.find(secret => isSameRef(refOf(secret), ref));
}
