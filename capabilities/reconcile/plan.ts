/** What is to be made of a claim, from the claim and the classes alone: rendering is this with nothing observed. */
import { withDefaults } from "../admission/instance/defaults";
import { violations } from "../admission/instance/rules";
import { backupCronJob, type Work } from "../backup/jobs";
import { withDigest } from "../claim/applied";
import { backupsOf } from "../claim/backup";
import {
  conditionIn,
  connectionRef,
  databaseName,
  databaseOwner,
  type Claim,
} from "../claim/claim";
import { classOf, type Class, type PostgresClass } from "../claim/class";
import { parseClaim } from "../claim/parse";
import type { Violation } from "../claim/violation";
import type { KubeObject, Ref } from "../kubernetes/objects";
import type { Admitted, Operator, OptionalObject } from "../operator/operator";
import { operators } from "../operator/operators";
import { accessPlan, type AccessPlan } from "./access/plan";
import type { SharedPlan } from "./shared/plan";

export type Plan = {
  /** The claim with its defaults. */
  readonly claim: Claim;
  readonly chosen: Class;
  readonly operator: Operator;
  readonly database: KubeObject;
  /** All optional objects: those to be made, and those that must not be there. */
  readonly optional: readonly OptionalObject[];
  /** Undefined where the class offers none. */
  readonly backup: BackupPlan | undefined;
  /** Logins beside the owner's; undefined where the operator has none. */
  readonly access: AccessPlan | undefined;
  /** Undefined where the claim has an instance of its own. */
  readonly shared?: SharedPlan;
  /** Where the connection secret goes, if one is wanted. */
  readonly ref: Ref | undefined;
};

export type BackupPlan = {
  readonly work: Work;
  /** Undefined where the claim has turned backups off. */
  readonly cronJob: KubeObject | undefined;
};

/** The plan of a claim, or everything that is wrong with it: the webhook may have been away when the claim was made. */
export function plan(claim: Claim, classes: readonly PostgresClass[]): Plan | readonly Violation[] {
  const { claim: parsed, faults } = parseClaim(claim);
  if (faults.length > 0) return faults;
  // In a file `spec:` may be empty, which is null.
  const asked = { ...claim, spec: parsed.spec };
  const chosen = classOf(asked, classes);
  const complete = withDefaults(asked, undefined, chosen);
  const classNames = classes.map(({ metadata }) => metadata.name);
  const standing = standingVersions(asked);
  const broken = violations({ claim: complete, chosen, classNames, standing });
  if (!chosen || broken.length > 0) return broken;
  const operator = operators[chosen.backend];
  const refused = operator.unsupported(complete, chosen);
  return refused.length > 0 ? refused : madeOf(complete, chosen, operator);
}

/**
 * What is taken out of a class stays where it runs, and where it was being set up: the version of the data, and the one that the claim
 * asked for when it was last found to break no rule.
 */
function standingVersions({ metadata, spec, status }: Claim): readonly (string | undefined)[] {
  const told = Array.isArray(status?.conditions) ? conditionIn(status, "Ready") : undefined;
  const isOfNow = told !== undefined && status?.observedGeneration === metadata.generation;
  return isOfNow && told.reason !== "Invalid" ? [status?.version, spec.version] : [status?.version];
}

/** The plan for the owner whom the credentials that the claim brings are for. */
export function withOwner(planned: Plan, owner: string): Plan {
  const { claim, chosen, operator } = planned;
  const owned = { ...claim, spec: { ...claim.spec, databaseOwner: owner } };
  return claim.spec.databaseOwner === owner ? planned : madeOf(owned, chosen, operator);
}

/** The plan of an instance that lets these roles into databases beside their owners. */
export function withAdmitted(planned: Plan, admitted: readonly Admitted[]): Plan {
  const { claim, chosen, operator } = planned;
  return admitted.length === 0 ? planned : madeOf(claim, chosen, operator, admitted);
}

function madeOf(
  claim: Claim,
  chosen: Class,
  operator: Operator,
  admitted: readonly Admitted[] = [],
): Plan {
  const { objects } = operator;
  return {
    claim,
    chosen,
    operator,
    database: withDigest(objects.desired(claim, chosen, admitted)),
    optional: objects.optional(claim, chosen).map(digested),
    backup: backupPlan(claim, chosen, operator),
    access: accessOfInstance(claim, chosen, operator),
    ref: connectionRef(claim),
  };
}

function accessOfInstance(
  claim: Claim,
  chosen: Class,
  { objects, credentials, sharedDatabases: shared }: Operator,
): AccessPlan | undefined {
  if (!shared) return undefined;
  const tenant = {
    claim,
    instance: objects.ref(claim, chosen),
    instanceUid: claim.metadata.uid ?? "",
    ...{ database: databaseName(claim), owner: databaseOwner(claim) },
    connectionLimit: chosen.shared.connectionLimit,
    extensions: [],
    isDataKept: true,
  };
  const source = {
    endpoint: objects.endpoint(claim, chosen),
    credentials: credentials.ref(claim, chosen),
  };
  return accessPlan(claim, { tenant, shared, source, host: undefined });
}

/** The backups of a claim whose class makes some, with these credentials, which lie in the claim's namespace. */
export function backupPlan(
  claim: Claim,
  chosen: Class,
  operator: Operator,
  credentials = operator.credentials.ref(claim, chosen),
): BackupPlan | undefined {
  const backups = backupsOf(claim, chosen);
  if (!backups) return undefined;
  const source = { endpoint: operator.objects.endpoint(claim, chosen), credentials };
  const work = { claim, chosen, backups, source };
  return { work, cronJob: backups.isEnabled ? withDigest(backupCronJob(work)) : undefined };
}

function digested(optional: OptionalObject): OptionalObject {
  const { desired } = optional;
  return desired ? { ...optional, desired: withDigest(desired) } : optional;
}
