/** The operator's object for the database: made and kept as planned, judged, and where it does not come up, diagnosed and unblocked. */
import { keyOf, refOf, type KubeObject } from "../../kubernetes/objects";
import type { Standing } from "../../kubernetes/owners";
import type { Health, Operator } from "../../operator/operator";
import { isToOutlive } from "../../claim/deletion";
import { needsOfAdmitted } from "../access/admitted";
import { needsOfBrought } from "../connection/credentials";
import { differenceVerdict, keptVerdict } from "../adoption";
import { causeOf, diagnosedAgain, needsOfDiagnosis } from "../diagnosis";
import { healthOf, needsOfHealth } from "../health";
import { holdingStep } from "../holding";
import type { Refusal } from "../kube";
import { leftoverVerdict, needsOfLeftovers } from "../leftovers";
import { hearingMs, once, poll, soonMs, type Again } from "../pace";
import { isAskedAnew, needsOfOwned, ownedObject, stepsOfOwned, type Wanted } from "../owned-object";
import { askedOnce, perRun } from "../per-run";
import { outcomeFor, untried, type Aspect, type Run, type Step } from "../run";
import { openMs, failedVerdict, saidBefore, unwritten, type Verdict } from "../status";
import { isEarly, unblockedAgainMs, unblockedBy, unblockingSteps } from "../unblocking";

const aspect = "database";
const condition = "DatabaseReady";

export const databaseAspect: Aspect = askedOnce({
  name: aspect,
  condition,
  isVital: true,
  needs: run => [
    ...needsOfBrought(run),
    ...needsOfAdmitted(run.plan),
    ...needsOfOwned(wantedOf(run), run),
    ...needsOfLeftovers(run),
    ...needsOfHealth(run, databaseOf(run)),
    // What is to be written comes first: it may be what holds the database up.
    ...(isWritten(run) ? needsOfDiagnosis(run, databaseOf(run), verdictBeforeDiagnosis) : []),
  ],
  steps: stepsOf,
  tell: run => {
    const verdict = verdictOf(run);
    const again = againOf(run, verdict);
    return { condition, isVital: true, verdict, ...(again === undefined ? {} : { again }) };
  },
});

/** The operator's object, if it is the claim's and stays. */
export const databaseOf = perRun((run: Run): KubeObject | undefined =>
  ownedObject(wantedOf(run), run),
);

const ownedSteps = perRun((run: Run) => stepsOfOwned(wantedOf(run), run));

function wantedOf({ plan: { operator, database } }: Run): Wanted {
  const { resource, standing, retaining } = operator.objects;
  return { aspect, condition, resource, desired: database, standing, retaining };
}

/** Whether the object is as planned, or cannot be made so. */
export function isWritten(run: Run): boolean {
  if (run.brought && "verdict" in run.brought) return true;
  return untried(run, ownedSteps(run)).length === 0;
}

/** While the credentials that the claim brings cannot be used, nothing is made, and what is there stays as it is. */
function stepsOf(run: Run): readonly Step[] {
  if (run.brought && "verdict" in run.brought) return [];
  if (unblockedBy(run) || leftoverVerdict(run) || differenceVerdict(run)) return [];
  const held =
    isToOutlive(run.plan.claim, run.plan.chosen) &&
    holdingStep(run, aspect, "keeps the claim until its database is let go of");
  if (held) return untried(run, [held]);
  const due = untried(run, ownedSteps(run));
  if (due.length > 0) return due;
  return untried(run, unblockingSteps(run, databaseOf(run), verdictBeforeDiagnosis));
}

function verdictOf(run: Run): Verdict {
  const unblocked = unblockedBy(run);
  if (unblocked) return unblocked;
  const verdict = verdictBeforeDiagnosis(run);
  const database = databaseOf(run);
  return (database && causeOf(run, database, verdict)) ?? verdict;
}

/** What can be said without looking around the database. */
function verdictBeforeDiagnosis(run: Run): Verdict {
  const { plan, seen, brought, claim } = run;
  const { objects } = plan.operator;
  const ref = refOf(plan.database);
  const outcome = outcomeFor(run, objects.resource, ref);
  if (outcome?.state === "failed") return failedVerdict(outcome.fault);
  if (outcome?.state === "refused") return refusalVerdict(outcome.refusal, plan.operator, ref);
  const found = seen.object(objects.resource, ref);
  const leftover = leftoverVerdict(run);
  if (leftover) return leftover;
  if (!found) {
    return brought && "verdict" in brought ? brought.verdict : missingVerdict(run);
  }
  const standing = objects.standing(found, claim);
  return standing === "ours" ? healthVerdict(run, found) : obstacleVerdict(standing, found, run);
}

function healthVerdict(run: Run, found: KubeObject): Verdict {
  const difference = differenceVerdict(run);
  if (difference) return difference;
  const { operator } = run.plan;
  const verdict = verdictOfHealth(healthOf(run, found), operator);
  return verdict.reason === "DatabaseHealthy" && unheardMs(run) > 0
    ? { reason: "DatabaseUpdating", message: `${operator.title} was told of the change` }
    : verdict;
}

/** For how many ms from now on the health may still be that of the definition before; the claim's own status remembers it. */
function unheardMs(run: Run): number {
  if (isAskedAnew(wantedOf(run), run)) return hearingMs;
  if (saidBefore(run.claim, condition)?.reason !== "DatabaseUpdating") return 0;
  const age = openMs(run.claim, condition, run.now);
  // A time to come is of a clock that was set back since.
  return age < 0 ? 0 : Math.max(0, hearingMs - age);
}

function againOf(run: Run, verdict: Verdict): Again | undefined {
  if (verdict.reason === "Unblocked") return once(unblockedAgainMs(run));
  if (verdict.reason === "DatabaseUpdating") return once(unheardMs(run));
  // No volume is watched.
  if (leftoverVerdict(run)) return poll(openMs(run.claim, condition, run.now), soonMs);
  if (isEarly(run, databaseOf(run), verdictBeforeDiagnosis)) return once(hearingMs);
  return diagnosedAgain(run, databaseOf(run), verdict);
}

/** It has just gone: the next run makes it. */
function missingVerdict({ plan: { operator, database } }: Run): Verdict {
  const what = `${operator.objects.resource.kind} ${keyOf(refOf(database))}`;
  return { reason: "Provisioning", message: `${what} is being made` };
}

function obstacleVerdict(
  standing: Exclude<Standing, "ours">,
  found: KubeObject,
  { plan: { operator } }: Run,
): Verdict {
  const what = `${operator.objects.resource.kind} ${keyOf(refOf(found))}`;
  switch (standing) {
    case "kept":
      return keptVerdict(found);
    case "leftOver":
      return {
        reason: "DatabaseDeleting",
        message: `${what} belonged to an earlier claim of this name; it is being deleted and will be made again`,
      };
    case "foreign":
      return {
        reason: "NotOwned",
        message: `${what} exists and does not belong to this claim, so it was left as it is: remove it, or make a claim of another name`,
      };
    case "deleting":
      return {
        reason: "DatabaseDeleting",
        message: `${what} is being deleted and will be made again`,
      };
  }
}

function refusalVerdict(
  refusal: Refusal,
  { objects: { resource }, title }: Operator,
  ref: { readonly name: string; readonly namespace: string },
): Verdict {
  const what = `${resource.kind} ${keyOf(ref)}`;
  if (refusal.code === 404) {
    return {
      reason: "OperatorNotInstalled",
      message: `${title} is not installed (no ${resource.plural}.${resource.group} in this cluster): ask the platform team; the claim goes on by itself once it is there`,
    };
  }
  if (refusal.code === 422) {
    return { reason: "DatabaseInvalid", message: `${title} refuses ${what}: ${refusal.message}` };
  }
  return unwritten(what, refusal);
}

function verdictOfHealth(health: Health, { title }: Operator): Verdict {
  const said = `${title}: ${health.message}`;
  switch (health.state) {
    case "healthy":
      return { reason: "DatabaseHealthy", message: said };
    case "progressing":
      return { reason: "Provisioning", message: said };
    case "hibernated":
      return { reason: "Hibernated", message: `the database is ${health.message}` };
    case "invalid":
      return { reason: "DatabaseInvalid", message: said };
    case "failed":
      return { reason: "DatabaseFailed", message: said };
  }
}
