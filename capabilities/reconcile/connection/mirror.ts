/** Makes the connection secret so: mirrors the operator's credentials to where the claim wants them, and clears up after a move. */
import { conditionIn, connectionRef, type Claim } from "../../claim/claim";
import {
  type KubeObject,
  type Ref,
  type Secret,
  keyOf,
  isSameRef,
  refOf,
  secretResource,
} from "../../kubernetes/objects";
import { isContained } from "../../kubernetes/sameness";
import { authorityOf } from "./authority";
import {
  connectionSecret,
  isOurs,
  leadsToFormerPooler,
  withProof,
  type Connection,
} from "./connection-secret";
import { followingHint, sourceMark, sourceOf, versionOf } from "./credentials";
import { type Kube, type Refusal, type Written } from "../kube";
import type { Plan } from "../plan";
import { unwritten, type Verdict } from "../status";

type WrittenSecret = Ref & { readonly uid: string };

export type MirrorOutcome = {
  readonly verdict: Verdict;
  /** The connection secret that is there and ours. */
  readonly written?: WrittenSecret | undefined;
};

/** Mirrors the credentials of `database`, which is undefined while there is none that is the claim's. */
export async function settleSecret(
  planned: Plan,
  database: KubeObject | undefined,
  kube: Kube,
): Promise<MirrorOutcome> {
  const { claim, ref } = planned;
  if (!ref) return withoutSecret(planned, kube);
  const recorded = claim.status?.connectionSecretRef;
  const credentials = await sourceOf(planned, database, kube);
  if (!database || !credentials) return { verdict: pending(planned), written: recorded };
  const authority = await authorityOf(planned, database, kube);
  const outcome = await mirror(planned, ref, { credentials, authority }, kube);
  if (!outcome.written) return { ...outcome, written: recorded };
  await removeOthers(claim, ref, kube);
  return outcome;
}

/** Removes the claim's connection secrets that are not where it wants one. */
async function removeOthers(claim: Claim, wanted: Ref | undefined, kube: Kube): Promise<void> {
  const recorded = claim.status?.connectionSecretRef;
  const isMoved = recorded && !(wanted && isSameRef(recorded, wanted));
  if (isMoved) await removeSecret(recorded, claim, kube);
  for (const stray of await strays(claim, kube, kube.marked)) {
    await removeSecret(stray, claim, kube);
  }
}

async function withoutSecret(planned: Plan, kube: Kube): Promise<MirrorOutcome> {
  const { claim, operator: backend, brought } = planned;
  await removeOthers(claim, undefined, kube);
  if (brought && "verdict" in brought) return { verdict: brought.verdict };
  if (brought)
    kube.settle(refOf(claim), [refOf(brought.secret)], `${sourceMark(claim, brought.secret)} `);
  const where = `credentials are in Secret ${keyOf(backend.credentials(claim))}`;
  return {
    verdict: { reason: "SecretNotRequested", message: where + followingHint(planned) },
  };
}

function pending({ claim, operator: backend, brought }: Plan): Verdict {
  if (brought) {
    return "verdict" in brought
      ? brought.verdict
      : { reason: "CredentialsPending", message: "waiting for the database" };
  }
  const own = keyOf(backend.credentials(claim));
  return {
    reason: "CredentialsPending",
    message: `waiting for ${backend.title} to make the credentials (Secret ${own})`,
  };
}

/** What the connection secret is made of. */
type Sources = { readonly credentials: Secret; readonly authority: Secret | undefined };

async function mirror(
  planned: Plan,
  ref: Ref,
  sources: Sources,
  kube: Kube,
): Promise<MirrorOutcome> {
  const { claim, operator: backend } = planned;
  const target = await readTarget(claim, ref, kube);
  const known = refOf(claim);
  if (target && kube.settled(known) === markOf(planned, sources, target)) {
    return settledOutcome(planned, target);
  }
  const connection = await connectionOf(planned, sources, kube);
  if (!connection) return { verdict: pending(planned) };
  const desired = withProof(
    connectionSecret(claim, ref, connection, backend.provider),
    await kube.proofOf(claim, ref),
  );
  const written = await writeTarget(planned, desired, target, kube);
  if (!written) return { verdict: notOwned(ref) };
  if ("refusal" in written) return { verdict: refusalVerdict(written.refusal, ref) };
  const read = [sources.credentials, sources.authority].flatMap(secret => secret ?? []).map(refOf);
  kube.settle(known, read, markOf(planned, sources, written.object));
  return settledOutcome(planned, written.object);
}

/** Undefined while the credentials are not complete. */
async function connectionOf(
  planned: Plan,
  { credentials, authority }: Sources,
  kube: Kube,
): Promise<Connection | undefined> {
  const { claim, chosen, operator: backend } = planned;
  const values = await valueIn(credentials, backend.credentialsOf, kube);
  return (
    values && {
      credentials: values,
      endpoint: backend.endpoint(claim, chosen),
      pooledEndpoint: backend.pooledEndpoint(claim, chosen),
      certificate: authority && (await valueIn(authority, backend.certificateOf, kube)),
      sslmode: chosen.tls?.sslmode,
    }
  );
}

/** A Secret that seems to be in the way is asked for: it is not watched, since it does not carry our labels, or was gone unnoticed. */
async function readTarget(claim: Claim, ref: Ref, kube: Kube): Promise<Secret | undefined> {
  const known = (await kube.read(secretResource, ref)) as Secret | undefined;
  const before = conditionIn(claim.status, "ConnectionSecretReady");
  const isInDoubt = known ? !(await owns(claim, known, kube)) : before?.reason === "NotOwned";
  return isInDoubt ? ((await kube.readLive(secretResource, ref)) as Secret | undefined) : known;
}

/** The state of things for which the connection secret was last found right, so that it need not be compared again. */
function markOf(
  { claim, operator: backend, chosen }: Plan,
  { credentials, authority }: Sources,
  to: KubeObject,
): string {
  return [
    sourceMark(claim, credentials),
    authority ? versionOf(authority) : "",
    backend.endpoint(claim, chosen),
    chosen.tls?.sslmode ?? "",
    versionOf(to),
  ].join(" ");
}

/** What is in a Secret; asked for where its values were forgotten. */
async function valueIn<T>(
  secret: Secret,
  take: (secret: Secret) => T | undefined,
  kube: Kube,
): Promise<T | undefined> {
  const remembered = take(secret);
  if (remembered !== undefined) return remembered;
  const live = (await kube.readLive(secretResource, refOf(secret))) as Secret | undefined;
  return live && live.metadata.uid === secret.metadata.uid ? take(live) : undefined;
}

/** Undefined if a Secret is in the way that is not ours. */
async function writeTarget(
  planned: Plan,
  desired: Secret,
  target: Secret | undefined,
  kube: Kube,
): Promise<Written | undefined> {
  if (target) {
    if (!(await owns(planned.claim, target, kube))) return undefined;
    const isMirrored = isContained(kube.seal(desired), kube.seal(target));
    return isMirrored && !leadsToFormerPooler(desired, target)
      ? { object: target }
      : kube.apply(secretResource, desired, target);
  }
  const written = await kube.create(secretResource, desired);
  if (!("refusal" in written && written.refusal.code === 409)) return written;
  // Someone made one that we have not been told of, ours of an earlier run among them.
  const found = (await kube.readLive(secretResource, refOf(desired))) as Secret | undefined;
  if (!found) throw new Error(`Secret ${keyOf(refOf(desired))} both exists and does not`);
  return writeTarget(planned, desired, found, kube);
}

function settledOutcome(planned: Plan, target: KubeObject): MirrorOutcome {
  const ref = refOf(target);
  const where = `credentials are in Secret ${keyOf(ref)}`;
  return {
    verdict: { reason: "SecretWritten", message: where + followingHint(planned) },
    written: { ...ref, uid: target.metadata.uid ?? "" },
  };
}

function notOwned(ref: Ref): Verdict {
  return {
    reason: "NotOwned",
    message: `Secret ${keyOf(ref)} exists and is not this claim's, so it was left as it is: remove it, or ask for another name`,
  };
}

function refusalVerdict(refusal: Refusal, ref: Ref): Verdict {
  const { code, kind, causes } = refusal;
  if (code === 404 && kind === "namespaces") {
    return {
      reason: "NamespaceNotFound",
      message: `namespace ${ref.namespace} for the connection secret is not there: create it, or ask for another; the claim goes on by itself`,
    };
  }
  if (causes.includes("NamespaceTerminating")) {
    return {
      reason: "NamespaceNotFound",
      message: `namespace ${ref.namespace} for the connection secret is being deleted: ask for another, or create it anew`,
    };
  }
  return unwritten(`Secret ${keyOf(ref)}`, refusal);
}

/**
 * Where there are secrets of the claim that it does not want there and its status does not know of: the claim was changed, or
 * the module died, before that was said. A claim that was never changed has none.
 */
export async function strays(
  claim: Claim,
  kube: Kube,
  marked: Kube["marked"],
): Promise<readonly Ref[]> {
  if (claim.metadata.generation === 1) return [];
  const wanted = connectionRef(claim);
  const places: Ref[] = [];
  for (const secret of await marked(claim)) {
    if (await owns(claim, secret, kube)) places.push(refOf(secret));
  }
  return places.filter(place => !wanted || !isSameRef(place, wanted));
}

/** Removes a connection secret of the claim wherever it is. True once it is gone; a Secret that is not ours counts as gone. */
export async function removeSecret(ref: Ref, claim: Claim, kube: Kube): Promise<boolean> {
  const found = (await kube.readLive(secretResource, ref)) as Secret | undefined;
  if (!found || !(await owns(claim, found, kube))) return true;
  return kube.remove(secretResource, found);
}

async function owns(claim: Claim, secret: Secret, kube: Kube): Promise<boolean> {
  return isOurs(secret, claim, await kube.proofOf(claim, refOf(secret)));
}
