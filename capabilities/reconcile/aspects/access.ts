/** Logins beside the owner's: each with a role, a password and a connection secret of its own, and rights that the owner grants. */
import { quote } from "../../claim/schema";
import { given } from "../../kubernetes/given";
import {
  aspect,
  condition,
  isGranted,
  needsOfGrants,
  openGrants,
  stepsOfGrants,
} from "../access/grants";
import {
  connectionVerdict,
  hasConnection,
  isLetIn,
  isMade,
  loginsOf,
  needsOfFormer,
  needsOfLogin,
  stepsOfConnection,
  stepsOfFormer,
} from "../access/logins";
import { healthOf } from "../health";
import { once, poll, soonMs, type Again } from "../pace";
import { askedOnce } from "../per-run";
import { untried, type Aspect, type Run, type Step } from "../run";
import { nudgeAfterMs, openVerdict, stepsOfParts } from "../shared/parts";
import { failedVerdict, holds, openMs, type Verdict } from "../status";
import { databaseAspect, databaseOf } from "./database";

export const accessAspect: Aspect = askedOnce({
  name: aspect,
  condition,
  isVital: false,
  after: databaseAspect.condition,
  needs: run => [
    ...loginsOf(run).flatMap(needsOfLogin),
    ...needsOfGrants(run),
    ...needsOfFormer(run),
  ],
  steps: run => untried(run, stepsOf(run)),
  tell: run => {
    const verdict = verdictOf(run);
    if (!verdict) return undefined;
    return { condition, isVital: false, verdict, ...given({ again: againOf(run) }) };
  },
});

/** An instance that lets a role in tells only its own claim of it. */
function againOf(run: Run): Again | undefined {
  const parts = loginsOf(run).flatMap(login => login.parts);
  const ms = nudgeAfterMs(parts, run);
  if (ms !== undefined) return once(ms);
  return isGranted(run) && shutVerdict(run)
    ? poll(openMs(run.claim, condition, run.now), soonMs)
    : undefined;
}

/** A login that can do nothing yet is handed to nobody; one that was handed out is kept right. */
function stepsOf(run: Run): readonly Step[] {
  const logins = loginsOf(run);
  const former = stepsOfFormer(run);
  if (logins.length === 0 || takenVerdict(run)) return former;
  const kept = logins.filter(
    login => hasConnection(login) || (isGranted(run) && isLetIn(login, run)),
  );
  const making = isHealthy(run) ? stepsOfMaking(run) : [];
  return [...former, ...making, ...kept.flatMap(stepsOfConnection)];
}

function stepsOfMaking(run: Run): readonly Step[] {
  const logins = loginsOf(run);
  const steps = logins.flatMap(({ parts }) => stepsOfParts(parts, run));
  return steps.length === 0 && logins.every(login => isMade(login, run))
    ? stepsOfGrants(run)
    : steps;
}

/** In a database that sleeps or changes nothing is made. */
function isHealthy(run: Run): boolean {
  const database = databaseOf(run);
  return database !== undefined && healthOf(run, database).state === "healthy";
}

/** Undefined where there is nothing to tell of. */
function verdictOf(run: Run): Verdict | undefined {
  const failed = run.done.find(({ step, state }) => step.aspect === aspect && state === "failed");
  if (failed?.state === "failed") return failedVerdict(failed.fault);
  if (stepsOfFormer(run).length > 0) {
    return {
      reason: "AccessPending",
      message: "a login that is not asked for any more is being closed",
    };
  }
  const { logins = [] } = run.plan.access ?? {};
  return logins.length === 0 ? undefined : loginsVerdict(run);
}

function loginsVerdict(run: Run): Verdict {
  const logins = loginsOf(run);
  if (logins.length === 0) return { reason: "AccessPending", message: "waiting for the database" };
  const open =
    takenVerdict(run) ??
    openVerdict(
      logins.flatMap(({ parts }) => parts),
      run,
    ) ??
    openGrants(run) ??
    shutVerdict(run) ??
    logins.map(connectionVerdict).find(verdict => !holds(verdict));
  if (open) return open;
  const words = logins.map(({ planned: { role, ref } }) => `role ${role} in Secret ${ref.name}`);
  return { reason: "AccessGranted", message: `${words.join(", ")} can be used` };
}

function shutVerdict(run: Run): Verdict | undefined {
  const login = loginsOf(run).find(one => !isLetIn(one, run));
  if (!login) return undefined;
  const message = `waiting for the instance to let role ${login.planned.role} in`;
  return { reason: "AccessPending", message };
}

/** Credentials that the claim brings may be for a role of this very name, which no rule can know. */
function takenVerdict({ plan: { claim, access } }: Run): Verdict | undefined {
  const taken = access?.logins.find(({ role }) => role === claim.spec.databaseOwner);
  if (!taken) return undefined;
  const message = `role ${quote(taken.role)} is the database's owner: make a claim with another spec.databaseName`;
  return { reason: "AccessFailed", message };
}
