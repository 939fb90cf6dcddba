/** The database of a claim in a shared instance. */
import { holdingStep } from "../holding";
import { keyOf } from "../../kubernetes/objects";
import { once } from "../pace";
import { needsOfOwned, ownedObject } from "../owned-object";
import { askedOnce, perRun } from "../per-run";
import { untried, type Aspect, type Run, type Step } from "../run";
import {
  nudgeAfterMs,
  objectPart,
  openVerdict,
  secretPart,
  stepsOfParts,
  type Part,
} from "../shared/parts";
import type { SharedPlan } from "../shared/plan";
import { failedVerdict, type Verdict } from "../status";

const condition = "DatabaseReady";
const aspect = "shared database";

export const sharedDatabaseAspect: Aspect = askedOnce({
  name: aspect,
  condition,
  isVital: true,
  needs: run => partsOf(run).flatMap(part => needsOfOwned(part, run)),
  steps: run => untried(run, stepsOf(run)),
  tell: run => {
    const verdict = verdictOf(run);
    const ms = nudgeAfterMs(partsOf(run), run);
    return { condition, isVital: true, verdict, ...(ms === undefined ? {} : { again: once(ms) }) };
  },
});

/** Told where the instance's owner has changed their mind: what is there stays. */
export const instanceSharedAspect: Aspect = askedOnce({
  name: "sharing",
  condition: "InstanceShared",
  isVital: false,
  needs: () => [],
  steps: () => [],
  tell: run => {
    const { refused } = sharedOf(run);
    if (!refused || !isMade(run)) return undefined;
    const message = `${refused.message}; the database that is there stays as it is`;
    return { condition: "InstanceShared", isVital: false, verdict: { ...refused, message } };
  },
});

function sharedOf({ plan }: Run): SharedPlan {
  if (!plan.shared) throw new Error("the claim is not for a database in a shared instance");
  return plan.shared;
}

const partsOf = perRun((run: Run): readonly Part[] => {
  const { shared, tenant, secret, since, objects } = sharedOf(run);
  const making = { aspect, condition, shared, secret, since };
  const made = shared.passwordIn(tenant, run.newPassword());
  return [secretPart(making, made, run), ...objects.map(desired => objectPart(making, desired))];
});

/** Whether the claim has its database already. */
const isMade = perRun((run: Run): boolean => {
  const database = partsOf(run).at(-1);
  return database !== undefined && ownedObject(database, run) !== undefined;
});

function stepsOf(run: Run): readonly Step[] {
  const why = "keeps the claim until nothing of it is left in the instance";
  const held = holdingStep(run, aspect, why);
  if (held) return [held];
  return hindranceOf(run) ? [] : stepsOfParts(partsOf(run), run);
}

/** Why nothing is made or changed. */
function hindranceOf(run: Run): Verdict | undefined {
  const { refused, unready } = sharedOf(run);
  return (isMade(run) ? undefined : refused) ?? unready;
}

function verdictOf(run: Run): Verdict {
  const failed = run.done.find(({ step, state }) => step.aspect === aspect && state === "failed");
  if (failed?.state === "failed") return failedVerdict(failed.fault);
  const open = hindranceOf(run) ?? openVerdict(partsOf(run), run);
  if (open) return open;
  const { tenant, instance } = sharedOf(run);
  const message = `database ${tenant.database} in PostgresInstance ${keyOf(instance)} is as asked for`;
  return { reason: "DatabaseHealthy", message };
}
