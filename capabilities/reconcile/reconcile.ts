/** Reads what is there, makes it what the claim asks for, and tells the claim. Running it twice writes nothing the second time. */
import type { Running } from "../operator/operator";
import { conditionIn, type Claim, type ClaimStatus } from "../claim/claim";
import { given } from "../kubernetes/given";
import { classOf, type PostgresClass } from "../claim/class";
import { type Ref, refOf } from "../kubernetes/objects";
import { claimResource, finalizer } from "../claim/names";
import { parseClaim } from "../claim/parse";
import { quote } from "../claim/schema";
import { describe, type Violation } from "../claim/violation";
import { additionsBefore, settleAdditions } from "./additions";
import { broughtBy } from "./connection/credentials";
import { settleDatabase, type DatabaseOutcome } from "./database";
import { growthBefore, inquireGrowth, lookAtGrowthAfter } from "./growth";
import { inquire, lookAfter } from "./diagnosis";
import type { Kube } from "./kube";
import { settleSecret, type MirrorOutcome } from "./connection/mirror";
import { plan, type Plan } from "./plan";
import { release } from "./release";
import { report } from "./report";
import {
  holds,
  isReason,
  reasons,
  vital,
  type Aspect,
  type Facts,
  type Reason,
  type Verdict,
} from "./status";

/** An event says that something has changed; a look is taken without one, since events may be lost. */
export type Trigger = "event" | "look";

const second = 1000;
/** A settled claim in ms: only for what the watches might have missed. */
const settledAgain = 600 * second;
/** A claim that waits for something which is watched for as well, in ms. */
const waitingAgain = 30 * second;
/** A claim that waits for someone else's Secret, which is not watched, to come, to go or to be mended, in ms. */
const blockedAgain = 5 * second;
/** Progress of a database younger than this many ms is not written: it would be out of date before anyone had read it. */
const firstNews = 2 * second;

/**
 * Everything that one run does for the claim of this name. Gives the milliseconds after which to look again, or undefined when
 * the claim is gone for good. Throws what only trying again can mend, after telling the claim.
 */
export async function reconcile(
  ref: Ref,
  trigger: Trigger,
  kube: Kube,
  now: Date,
): Promise<number | undefined> {
  const known = (await kube.read(claimResource, ref)) as Claim | undefined;
  // What has long not come may have come unnoticed: then nothing that is remembered is trusted.
  const isOverdue = trigger === "look" && isTold(known) && known?.status?.phase !== "Ready";
  return isOverdue
    ? reconcileClaim(
        (await kube.readLive(claimResource, ref)) as Claim | undefined,
        live(kube),
        now,
      )
    : reconcileClaim(known, kube, now);
}

/** Whether the module has said anything of the claim: the API server gives a new one a status too. */
function isTold(claim: Claim | undefined): boolean {
  return claim?.status?.phase !== undefined;
}

function live(kube: Kube): Kube {
  return { ...kube, read: kube.readLive, marked: kube.markedLive };
}

async function reconcileClaim(
  claim: Claim | undefined,
  kube: Kube,
  now: Date,
): Promise<number | undefined> {
  if (!claim) return undefined;
  if (claim.metadata.deletionTimestamp !== undefined) return release(claim, kube, now);
  const told = telling(claim, kube, now);
  const classes = await kube.classes().catch(told);
  const planned = await planFor(claim, classes, kube).catch(told);
  if ("database" in planned) {
    const isHeld = await hold(planned, claim, kube).catch(told);
    return isHeld ? carryOut(planned, claim, kube, now) : undefined;
  }
  await report(claim, heldFacts(claim, verdictOf(claim, classes, planned)), kube, now);
  return waitingAgain;
}

/** Tells a claim why its run ended before anything of it was looked at, and throws that. One that is Ready stays so. */
function telling(claim: Claim, kube: Kube, now: Date): (fault: unknown) => Promise<never> {
  return async cause => {
    const verdict = faultVerdict(errorOf(cause));
    if (claim.status?.phase !== "Ready") await report(claim, heldFacts(claim, verdict), kube, now);
    throw cause;
  };
}

/** The plan, with what the claim brings: where it leaves the owner open, that is the one for whom the credentials are. */
async function planFor(
  claim: Claim,
  classes: readonly PostgresClass[],
  kube: Kube,
): Promise<Plan | readonly Violation[]> {
  const planned = plan(claim, classes);
  if (!("database" in planned)) return planned;
  const brought = await broughtBy(planned, kube);
  if (brought?.owner === undefined) return { ...planned, brought };
  const owned = plan({ ...claim, spec: { ...claim.spec, databaseOwner: brought.owner } }, classes);
  return "database" in owned ? { ...owned, brought } : owned;
}

/** Why nothing can be made of a claim. A class may come back; what breaks a rule has to be changed. */
function verdictOf(
  claim: Claim,
  classes: readonly PostgresClass[],
  broken: readonly Violation[],
): Verdict {
  const { className } = parseClaim(claim).claim.spec;
  if (className === undefined || classOf(claim, classes)) {
    return { reason: "Invalid", message: describe(broken) };
  }
  return {
    reason: "ClassNotFound",
    message: `PostgresClass ${quote(className)} is not there: create it, and the claim goes on by itself; what exists is left as it is`,
  };
}

/** A claim of which nothing can be made changes nothing but its status: what is there already stays. */
function heldFacts(claim: Claim, verdict: Verdict): Facts {
  const { status } = claim;
  return {
    cluster: verdict,
    secret: verdict,
    running: runningOf(status),
    additions: additionsBefore(claim),
    growth: growthBefore(claim),
    endpoint: status?.endpoint,
    bindingName: status?.binding?.name,
    written: status?.connectionSecretRef,
  };
}

/** What was last said of what runs. */
function runningOf(status: ClaimStatus = {}): Partial<Running> {
  const { instances, readyInstances, primary, version } = status;
  return given({ instances, readyInstances, primary, version });
}

/**
 * Puts the finalizer on a claim that came while the webhook was away: without it a secret in another namespace could outlive
 * its claim. False if the claim has gone unnoticed: then nothing may be made for it.
 */
async function hold({ ref }: Plan, claim: Claim, kube: Kube): Promise<boolean> {
  const { finalizers = [] } = claim.metadata;
  if (!ref || finalizers.includes(finalizer)) return true;
  await kube.setFinalizers(claim, [...finalizers, finalizer]);
  return (await kube.read(claimResource, refOf(claim))) !== undefined;
}

async function carryOut(planned: Plan, claim: Claim, kube: Kube, now: Date): Promise<number> {
  const faults: Error[] = [];
  const noted = failure(faults);
  const settled: DatabaseOutcome = await settleDatabase(planned, kube, now).catch(noted);
  const isInDoubt = faults.length > 0;
  const secret: MirrorOutcome = isInDoubt
    ? unjudged(claim)
    : await settleSecret(planned, settled.database, kube).catch(noted);
  const additions = isInDoubt
    ? additionsBefore(claim)
    : await settleAdditions(planned, settled.database, kube, noted);
  // What cannot be found out is tried again, and the claim is told what the operator says.
  const database = await inquire(planned, settled, kube, now).catch(keep(faults, settled));
  const growth = await inquireGrowth(planned, database, kube, now).catch(
    keep(faults, growthBefore(claim)),
  );
  const facts = { ...factsOf(planned, database, secret, additions), growth };
  const patience = patienceFor(facts, database, now);
  if (patience > 0) return patience;
  await report(claim, facts, kube, now);
  if (faults[0]) throw faults[0];
  const look = lookAfter(claim, database, now) ?? lookAtGrowthAfter(claim, growth, now);
  return againAfter(facts, look);
}

/** Keeps the fault for the queue, and what is known besides. */
function keep<T>(faults: Error[], known: T): (cause: unknown) => T {
  return cause => {
    faults.push(errorOf(cause));
    return known;
  };
}

/** Turns a fault into what the claim is told of it, and keeps the fault itself for the queue. */
function failure(faults: Error[]): (cause: unknown) => { readonly verdict: Verdict } {
  return cause => {
    const fault = errorOf(cause);
    faults.push(fault);
    return { verdict: faultVerdict(fault) };
  };
}

function errorOf(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}

function faultVerdict({ message }: Error): Verdict {
  return { reason: "WriteFailed", message: `${message}; it is tried again` };
}

/** What was last said of the connection secret, where this run could not find out. */
function unjudged({ status }: Claim): MirrorOutcome {
  const before = conditionIn(status, "ConnectionSecretReady");
  return {
    verdict:
      before && isReason(before.reason)
        ? { reason: before.reason, message: before.message }
        : { reason: "CredentialsPending", message: "waiting for the database" },
    written: status?.connectionSecretRef,
  };
}

function factsOf(
  planned: Plan,
  database: DatabaseOutcome,
  secret: MirrorOutcome,
  additions: readonly Aspect[],
): Facts {
  const { claim, operator: backend, chosen } = planned;
  const { written = claim.status?.connectionSecretRef } = secret;
  return {
    cluster: database.verdict,
    secret: secret.verdict,
    running: database.database && backend.running(database.database, planned.database),
    additions,
    endpoint: backend.endpoint(claim, chosen),
    bindingName: bindingName(planned, written),
    // Without a ref the record goes when the secret has gone, not before: nobody would find it again.
    written: secret.verdict.reason === "SecretNotRequested" ? undefined : written,
  };
}

/**
 * A workload can only bind to a Secret in its own namespace (https://servicebinding.io/spec/core/1.1.0/#provisioned-service):
 * the connection secret if it is there, else the operator's own. Credentials that are brought say not where the database is.
 */
function bindingName(planned: Plan, written: Ref | undefined): string | undefined {
  const { claim, operator: backend, ref, brought } = planned;
  if (ref?.namespace === claim.metadata.namespace) return written?.name;
  return brought ? undefined : backend.credentials(claim).name;
}

/** How many ms the status is held back while the database is young and nothing but progress is to be told. */
function patienceFor(facts: Facts, { database, again }: DatabaseOutcome, now: Date): number {
  const made = Date.parse(database?.metadata.creationTimestamp ?? "");
  const isProgress = vital(facts).every(({ reason }) =>
    ["Ready", "Provisioning"].includes(reasons[reason]),
  );
  const isDone = vital(facts).every(holds);
  // What is to be looked at again at a time of its own has to be told: by that it is known then.
  if (Number.isNaN(made) || !isProgress || isDone || again !== undefined) return 0;
  return Math.max(0, made + firstNews - now.getTime());
}

const othersObject: readonly Reason[] = [
  "NotOwned",
  "CredentialsNotFound",
  "CredentialsInvalid",
  "OwnerMismatch",
];

/** `look` is when to look at a database that is not ready. */
function againAfter(facts: Facts, look: number | undefined): number {
  const { secret, additions = [] } = facts;
  const unwatched = [secret, ...additions.map(({ verdict }) => verdict)];
  if (unwatched.some(({ reason }) => othersObject.includes(reason))) return blockedAgain;
  if (look !== undefined) return look;
  const isSettled = [...vital(facts), ...unwatched].every(holds);
  return isSettled ? settledAgain : waitingAgain;
}
