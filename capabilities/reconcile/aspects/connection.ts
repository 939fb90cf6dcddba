/** The connection secret: mirrors the credentials to where the claim wants them, follows them, and clears up after a move. */
import { holdingStep } from "../holding";
import { conditionIn } from "../../claim/claim";
import { keyOf, refOf, secretResource, type Ref, type Secret } from "../../kubernetes/objects";
import { isContained, isSame } from "../../kubernetes/sameness";
import { connectionSecret, leadsToFormerPooler, withProof } from "../connection/connection-secret";
import {
  authorityOf,
  followingHint,
  sourceOf,
  stateOf,
  versionOf,
} from "../connection/credentials";
import { needsOfOthers, othersOf, owns } from "../connection/ownership";
import { healthOf } from "../health";
import type { Refusal } from "../kube";
import { askedOnce, perRun } from "../per-run";
import {
  live,
  object,
  outcomeFor,
  untried,
  type Aspect,
  type Mirrored,
  type Need,
  type Run,
  type Step,
} from "../run";
import { failedVerdict, unwritten, type Verdict } from "../status";
import { databaseAspect, databaseOf } from "./database";

const condition = "ConnectionSecretReady";
const aspect = "connection";

export const connectionAspect: Aspect = askedOnce({
  name: aspect,
  condition,
  isVital: true,
  after: databaseAspect.condition,
  needs: run => (run.plan.ref ? needsOfMirror(run, run.plan.ref, condition) : needsOfOthers(run)),
  steps: run =>
    untried(run, run.plan.ref ? stepsOfMirror(run, run.plan.ref) : removalsOf(othersOf(run))),
  tell: run => ({ condition, isVital: true, verdict: verdictOf(run) }),
});

/** What the connection secret is made of; undefined while there is no proven credential. */
type Sources = { readonly credentials: Secret; readonly authority: Secret | undefined };

const sourcesOf = perRun((run: Run): Sources | undefined => {
  const database = databaseOf(run);
  const credentials = database && sourceOf(run, database);
  return credentials && { credentials, authority: authorityOf(run, database) };
});

/** What has to be read to mirror the credentials to this place, and to tell of it in this condition. */
export function needsOfMirror(run: Run, ref: Ref, condition: string): readonly Need[] {
  const target = needsOfTarget(run, ref, conditionIn(run.claim.status, condition)?.reason);
  return [...needsOfSources(run), ...target, ...needsOfOthers(run)];
}

/** Whatever the sources are; with their values where the connection secret is not known to be right. */
function needsOfSources(run: Run): readonly Need[] {
  const { claim, chosen, operator } = run.plan;
  const database = databaseOf(run);
  if (!database) return [];
  const own = operator.credentials.ref(claim, chosen);
  const authority = operator.credentials.authority(database);
  const known = [
    object(secretResource, own),
    ...(authority ? [object(secretResource, authority)] : []),
  ];
  if (!known.every(run.seen.has)) return known;
  const sources = sourcesOf(run);
  if (!sources) return isOverdue(run) ? [...known, live(secretResource, own)] : known;
  if (isMirrored(run)) return known;
  const { credentials, authority: issuer } = sources;
  const forgotten = [credentials, issuer].filter(secret => secret && !secret.data);
  return [
    ...known,
    ...forgotten.flatMap(secret => (secret ? live(secretResource, refOf(secret)) : [])),
  ];
}

/** The operator makes the credentials before the database is ready: where they are missing then, someone has taken their label off. */
function isOverdue(run: Run): boolean {
  const database = databaseOf(run);
  return !run.brought && database !== undefined && healthOf(run, database).state === "healthy";
}

/** A Secret that seems to be in the way is asked for: it is not watched, since it does not carry the module's labels. */
function needsOfTarget(run: Run, ref: Ref, saidBefore: string | undefined): readonly Need[] {
  const known = object(secretResource, ref);
  if (!run.seen.has(known)) return [known];
  const found = run.seen.object(secretResource, ref) as Secret | undefined;
  const isInDoubt = found ? !owns(run, found) : saidBefore === "NotOwned";
  const isOutdated = outcomeFor(run, secretResource, ref)?.state === "outdated";
  return isInDoubt || isOutdated ? [known, live(secretResource, ref)] : [known];
}

/** What is to be written for that. */
export function stepsOfMirror(run: Run, ref: Ref): readonly Step[] {
  // A claim that came while the webhook was away: without it a secret in another namespace could outlive its claim.
  const held = holdingStep(run, aspect, "keeps the claim until its connection secret is gone");
  if (held) return [held];
  const target = targetOf(run, ref);
  if (target && !owns(run, target)) return [];
  if (target && isMirrored(run)) return removalsOf(othersOf(run));
  const desired = desiredOf(run);
  if (!desired) return [];
  const what = `Secret ${keyOf(ref)}`;
  const resource = secretResource;
  if (!target) {
    return [{ aspect, verb: "create", resource, object: desired, why: `writes ${what}` }];
  }
  if (isRight(run, desired, target)) return removalsOf(othersOf(run));
  return [
    { aspect, verb: "apply", resource, object: desired, found: target, why: `puts ${what} right` },
  ];
}

function targetOf({ seen }: Run, ref: Ref): Secret | undefined {
  return seen.object(secretResource, ref) as Secret | undefined;
}

function isRight({ fingerprinted }: Run, desired: Secret, target: Secret): boolean {
  return (
    isContained(fingerprinted(desired), fingerprinted(target)) &&
    !leadsToFormerPooler(desired, target)
  );
}

/** The connection secret as it has to be; undefined while the credentials are not complete. */
const desiredOf = perRun((run: Run): Secret | undefined => {
  const { claim, chosen, operator, ref } = run.plan;
  if (!ref) return undefined;
  const sources = sourcesOf(run);
  const credentials = sources && operator.credentials.of(sources.credentials);
  if (!credentials) return undefined;
  const { authority } = sources;
  const connection = {
    credentials,
    endpoint: operator.objects.endpoint(claim, chosen),
    pooledEndpoint: operator.objects.pooledEndpoint(claim, chosen),
    certificate: authority && operator.credentials.certificateOf(authority),
    sslmode: chosen.tls?.sslmode,
  };
  return withProof(connectionSecret(claim, ref, connection, operator.provider), run.proofOf(ref));
});

/** Whether the connection secret is there and right. */
export const isKept = perRun((run: Run): boolean => {
  const { ref } = run.plan;
  const target = ref && targetOf(run, ref);
  if (!target) return ref === undefined;
  if (isMirrored(run)) return true;
  const desired = desiredOf(run);
  return desired !== undefined && isRight(run, desired, target);
});

/** Whether the connection secret was found right for exactly this state of things. */
const isMirrored = perRun(
  (run: Run): boolean => run.mirrored !== undefined && isSame(run.mirrored, mirroredBy(run)),
);

/**
 * The state of things for which the connection secret is right, so that it need not be compared again and its values can be
 * forgotten; undefined while it is not.
 */
export function mirroredBy(run: Run): Mirrored | undefined {
  const { claim, plan, brought } = run;
  const state = { claim: stateOf(claim) };
  if (!plan.ref) {
    return brought && "secret" in brought
      ? { ...state, credentials: versionOf(brought.secret) }
      : undefined;
  }
  const sources = sourcesOf(run);
  const target = targetOf(run, plan.ref);
  if (!sources || !target) return undefined;
  return {
    ...state,
    credentials: versionOf(sources.credentials),
    authority: sources.authority ? versionOf(sources.authority) : "",
    endpoint: plan.operator.objects.endpoint(plan.claim, plan.chosen),
    pooledEndpoint: plan.operator.objects.pooledEndpoint(plan.claim, plan.chosen) ?? "",
    sslmode: plan.chosen.tls?.sslmode ?? "",
    target: versionOf(target),
  };
}

function removalsOf(secrets: readonly Secret[]): readonly Step[] {
  return secrets.map(secret => ({
    aspect,
    verb: "remove",
    resource: secretResource,
    object: secret,
    why: `removes Secret ${keyOf(refOf(secret))}: the claim wants no connection secret there any more`,
  }));
}

function verdictOf(run: Run): Verdict {
  const { ref, operator, claim, chosen } = run.plan;
  const failed = run.done.find(({ step, state }) => step.aspect === aspect && state === "failed");
  if (failed?.state === "failed") return failedVerdict(failed.fault);
  const { brought } = run;
  if (brought && "verdict" in brought) return brought.verdict;
  if (!ref) {
    const where = `credentials are in Secret ${keyOf(operator.credentials.ref(claim, chosen))}`;
    return { reason: "SecretNotRequested", message: where + followingHint(run.plan, brought) };
  }
  return mirrorVerdict(run, ref);
}

/** How the connection secret at this place is. */
export function mirrorVerdict(run: Run, ref: Ref): Verdict {
  const outcome = outcomeFor(run, secretResource, ref);
  if (outcome?.state === "refused") return refusalVerdict(outcome.refusal, ref);
  const target = targetOf(run, ref);
  if (!sourcesOf(run)) return pendingVerdict(run);
  if (target && !owns(run, target)) return foreignVerdict(ref);
  if (!isKept(run)) return pendingVerdict(run);
  const where = `credentials are in Secret ${keyOf(ref)}`;
  return { reason: "SecretWritten", message: where + followingHint(run.plan, run.brought) };
}

function pendingVerdict({ plan: { operator, claim, chosen }, brought }: Run): Verdict {
  if (brought) return { reason: "CredentialsPending", message: "waiting for the database" };
  const own = keyOf(operator.credentials.ref(claim, chosen));
  return {
    reason: "CredentialsPending",
    message: `waiting for ${operator.title} to make the credentials (Secret ${own})`,
  };
}

function foreignVerdict(ref: Ref): Verdict {
  return {
    reason: "NotOwned",
    message: `Secret ${keyOf(ref)} exists and does not belong to this claim, so it was left as it is: remove it, or ask for another name`,
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
