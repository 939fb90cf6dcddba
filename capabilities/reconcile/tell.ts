/** What a claim is told after a run. */
import { isInstanceClaim, type AnyClaim, type ClaimStatus } from "../claim/claim";
import { given } from "../kubernetes/given";
import {
  isSameRef,
  secretResource,
  type KubeObject,
  type Ref,
  type Secret,
} from "../kubernetes/objects";
import type { Running } from "../operator/operator";
import { accessStatusOf } from "./access/grants";
import { databaseAspect, databaseOf } from "./aspects/database";
import { backupsAfterRestore, restoreStatusOf } from "./aspects/restore";
import { backupStatusOf } from "./backup/status";
import { owns } from "./connection/ownership";
import { runningOf } from "./health";
import { firstNewsMs } from "./pace";
import { phaseOf } from "./reasons";
import type { Aspect, Run, Situation, Told } from "./run";
import { failedVerdict, holds, saidBefore, vital, type Facts, type Verdict } from "./status";

/** What the aspects say. One of which something could not be read says what it said before. */
export function toldBy<S extends Situation>(
  run: S,
  aspects: readonly Aspect<S>[],
): readonly Told[] {
  return aspects
    .map(aspect => {
      const fault = doubtOf(run, aspect, aspects);
      return fault ? doubtful(run, aspect, fault) : aspect.tell(run);
    })
    .filter(told => told !== undefined);
}

/** Why the aspect cannot be judged; undefined where it can. */
export function doubtOf<S extends Situation>(
  run: S,
  aspect: Aspect<S>,
  aspects: readonly Aspect<S>[],
): Error | undefined {
  const before = aspects.find(({ condition }) => condition === aspect.after);
  const needs = [...aspect.needs(run), ...(before?.needs(run) ?? [])];
  const vitalNeeds = needs.filter(({ isExtra = false }) => !isExtra);
  return vitalNeeds.map(run.seen.fault).find(fault => fault !== undefined);
}

function doubtful<S extends Situation>(
  run: S,
  { condition, isVital, doubt, tell }: Aspect<S>,
  fault: Error,
): Told | undefined {
  if (doubt) return { condition, isVital, verdict: doubt(fault) };
  const before = saidBefore(run.claim, condition);
  if (before) return { condition, isVital, verdict: before };
  // What the claim does not ask for is nothing to be told of.
  return tell(run) && { condition, isVital, verdict: failedVerdict(fault) };
}

/** The status of a claim that stays, of what its aspects say and what was seen. */
export function factsOf(run: Run, told: readonly Told[]): Facts {
  const { claim, operator, chosen } = run.plan;
  const database = databaseOf(run);
  const isUnread = doubtOf(run, databaseAspect, []) !== undefined;
  const written = writtenBy(run);
  return {
    told,
    running: isUnread ? saidRunning(run.claim.status) : database && runningOf(run, database),
    endpoint: operator.objects.endpoint(claim, chosen),
    bindingName: bindingName(run, written),
    written,
    backup: backupFacts(run),
    restore: restoreStatusOf(run),
    access: accessStatusOf(run),
  };
}

function backupFacts(run: Run): Facts["backup"] {
  const backup = backupStatusOf(run);
  const available = backupsAfterRestore(run);
  return backup && available ? { ...backup, available } : backup;
}

/** The connection secret that is there. The record of an old one goes when that has gone, not before: nobody would find it again. */
function writtenBy(run: Run): Facts["written"] {
  const { ref } = run.plan;
  const recorded = run.claim.status?.connectionSecretRef;
  if (recorded && !(ref && isSameRef(recorded, ref))) {
    const old = run.seen.object(secretResource, recorded);
    if (old && owns(run, old)) return recorded;
  }
  if (!ref) return undefined;
  const target = run.seen.object(secretResource, ref) as Secret | undefined;
  return target && owns(run, target) ? { ...ref, uid: uidOf(target) } : stillOf(recorded, ref);
}

/** The record of a place, while nothing better is known of it. */
function stillOf(recorded: Facts["written"], ref: Ref): Facts["written"] {
  return recorded && isSameRef(recorded, ref) ? recorded : undefined;
}

function uidOf({ metadata }: KubeObject): string {
  return metadata.uid ?? "";
}

/**
 * A workload can only bind to a Secret in its own namespace (https://servicebinding.io/spec/core/1.1.0/#provisioned-service):
 * the connection secret if it is there, else the operator's own. Credentials that are brought say not where the database is.
 */
function bindingName({ plan, brought }: Run, written: Facts["written"]): string | undefined {
  const { claim, chosen, operator, ref } = plan;
  if (ref?.namespace === claim.metadata.namespace) return written?.name;
  // A password beside someone else's instance is not the claim's to bind to.
  if (!isInstanceClaim(claim)) return undefined;
  return brought ? undefined : operator.credentials.ref(claim, chosen).name;
}

/** A claim of which nothing can be made changes nothing but its status: what is there already stays. */
export function heldFacts(claim: AnyClaim, verdict: Verdict, others: readonly Aspect[]): Facts {
  const { status } = claim;
  return {
    told: [
      { condition: "DatabaseReady", isVital: true, verdict },
      { condition: "ConnectionSecretReady", isVital: true, verdict },
      ...others.flatMap(({ condition, isVital }) => {
        const before = saidBefore(claim, condition);
        return before ? [{ condition, isVital, verdict: before }] : [];
      }),
    ],
    running: saidRunning(status),
    endpoint: status?.endpoint,
    bindingName: status?.binding?.name,
    written: status?.connectionSecretRef,
    backup: status?.backup,
    restore: status?.restore,
    access: status?.access,
  };
}

/** What was last said of what runs. */
function saidRunning(status: ClaimStatus = {}): Partial<Running> {
  const { instances, readyInstances, primary, version } = status;
  return given({ instances, readyInstances, primary, version });
}

/** How many ms the status is held back while the database is young and nothing but progress is to be told. */
export function patienceMs(run: Run, told: readonly Told[]): number {
  const made = Date.parse(databaseOf(run)?.metadata.creationTimestamp ?? "");
  // What is to be looked at again at a time of its own has to be told: by that it is known then.
  const isOwnTime = told.some(({ verdict }) =>
    ["DatabaseUpdating", "Unblocked"].includes(verdict.reason),
  );
  const open = told.filter(({ verdict }) => !holds(verdict)).map(({ verdict }) => verdict);
  const isProgress = open.every(({ reason }) => phaseOf(reason) === "Provisioning");
  const isDone = vital(told).every(holds);
  if (Number.isNaN(made) || !isProgress || isDone || isOwnTime) return 0;
  return Math.max(0, made + firstNewsMs - run.now.getTime());
}
