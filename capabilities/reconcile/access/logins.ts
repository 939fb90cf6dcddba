/**
 * The logins of a claim beside its owner's. Each is to the run as a claim of its own would be: its role is the owner, the Secret with its
 * password the credentials, and the Secret that the claim names for it the connection secret.
 */
import { withDigest } from "../../claim/applied";
import { accessLevels, accessRole } from "../../claim/access";
import {
  isSameRef,
  keyOf,
  refOf,
  secretResource,
  type KubeObject,
  type Ref,
  type Secret,
} from "../../kubernetes/objects";
import { isLeftOver } from "../../kubernetes/owners";
import { isContained } from "../../kubernetes/sameness";
import { isApplied } from "../../claim/applied";
import { mirrorVerdict, needsOfMirror, stepsOfMirror } from "../aspects/connection";
import { databaseOf } from "../aspects/database";
import { needsOfOwned } from "../owned-object";
import { perRun } from "../per-run";
import { object, type Need, type Run, type Step } from "../run";
import { isPassword, standingByName } from "../shared/operator-within";
import { isHealthy, objectPart, secretPart, type Making, type Part } from "../shared/parts";
import type { Verdict } from "../status";
import { aspect, condition } from "./grants";
import { collected, type AccessPlan, type PlannedLogin } from "./plan";

/** A login as this run sees it. */
export type Login = {
  readonly planned: PlannedLogin;
  /** The Secret with its password, and its role. */
  readonly parts: readonly Part[];
  /** The run by which its connection secret is mirrored. */
  readonly within: Run;
};

export const loginsOf = perRun((run: Run): readonly Login[] => {
  const { access } = run.plan;
  const database = databaseOf(run);
  if (!access || !database) return [];
  return access.logins.map(planned => loginOf(run, access, planned, database));
});

function loginOf(
  run: Run,
  { shared, tenant }: AccessPlan,
  planned: PlannedLogin,
  database: KubeObject,
): Login {
  const { secret, role, object: roleObject } = planned;
  const since = database.metadata.creationTimestamp ?? "";
  const making: Making = { aspect, condition, shared, secret, since };
  const password = shared.passwordIn({ ...tenant, owner: role }, run.newPassword());
  return {
    planned,
    parts: [
      secretPart(making, collected(password, run.claim), run),
      objectPart(making, roleObject),
    ],
    within: runWithin(run, planned),
  };
}

/** What is known of the owner's connection secret says nothing of this one. */
function runWithin(run: Run, { role, ref, secret }: PlannedLogin): Run {
  const { operator, claim } = run.plan;
  const credentials = {
    ...operator.credentials,
    ref: () => secret,
    isProven: (found: Secret, database: KubeObject) =>
      isSameRef(refOf(found), secret)
        ? isPassword(found, run.claim, run.proofOf)
        : operator.credentials.isProven(found, database),
  };
  return {
    ...run,
    plan: {
      ...run.plan,
      claim: { ...claim, spec: { ...claim.spec, databaseOwner: role } },
      operator: { ...operator, credentials },
      ref,
    },
    brought: undefined,
    mirrored: undefined,
  };
}

export function needsOfLogin({ planned, parts, within }: Login): readonly Need[] {
  return [
    ...parts.flatMap(part => needsOfOwned(part, within)),
    ...needsOfMirror(within, planned.ref, condition),
  ];
}

/** Whether the role can be granted something. */
export function isMade({ parts }: Login, run: Run): boolean {
  return parts.every(part => isHealthy(part, run));
}

/** Whether the instance lets the role into the database: a shared one is told to after the role is there. */
export function isLetIn({ planned: { role } }: Login, run: Run): boolean {
  const { access } = run.plan;
  const host = access?.host ?? databaseOf(run);
  if (!access || !host) return false;
  return access.shared.letsIn(host, { database: access.tenant.database, role });
}

/** What is to be written for the login's connection secret. */
export function stepsOfConnection({ planned, within }: Login): readonly Step[] {
  return stepsOfMirror(within, planned.ref)
    .filter(step => step.verb === "set finalizers" || isSameRef(refOf(step.object), planned.ref))
    .map(step => ({ ...step, aspect }));
}

export function connectionVerdict({ planned, within }: Login): Verdict {
  return mirrorVerdict(within, planned.ref);
}

export function hasConnection({ planned, within }: Login): boolean {
  return within.seen.object(secretResource, planned.ref) !== undefined;
}

/** Places of a login that the claim asks for no more. A claim that was never changed has none. */
function formerPlaces({
  claim,
  plan,
}: Run): readonly { readonly role: Ref; readonly secret: Ref }[] {
  const { access } = plan;
  if (!access || claim.metadata.generation === 1) return [];
  const { shared, tenant, logins } = access;
  return accessLevels
    .filter(level => !logins.some(login => login.level === level))
    .map(level => {
      const role = accessRole(claim, level);
      return {
        role: refOf(shared.accessRole(tenant, role)),
        secret: shared.passwordSecret({ ...tenant, owner: role }),
      };
    });
}

export function needsOfFormer(run: Run): readonly Need[] {
  const { access } = run.plan;
  if (!access) return [];
  return formerPlaces(run).flatMap(({ role, secret }) => [
    object(access.shared.role, role),
    object(secretResource, secret),
  ]);
}

/** Nobody logs in by it any more: its object says so to the operator, and stays until the claim goes. Then its password is removed. */
export function stepsOfFormer(run: Run): readonly Step[] {
  const { access } = run.plan;
  if (!access) return [];
  return formerPlaces(run).flatMap(({ role, secret }) => [
    ...closingOf(run, access, role),
    ...removalOf(run, secret),
  ]);
}

function closingOf(run: Run, { shared, tenant }: AccessPlan, role: Ref): readonly Step[] {
  const found = run.seen.object(shared.role, role);
  // With an earlier claim of the name goes its database, and the role in that.
  if (!found || isLeftOver(found, run.claim)) return [];
  if (standingByName(found, run.claim) !== "ours") return [];
  const closed = collected(shared.departing(found, tenant.isDataKept), run.claim);
  const desired = withDigest(closed);
  if (isApplied(desired, found) && isContained(desired, found)) return [];
  const why = `closes ${shared.role.kind} ${keyOf(role)}: the claim does not ask for it any more`;
  return [{ aspect, verb: "apply", resource: shared.role, object: desired, found, why }];
}

function removalOf(run: Run, place: Ref): readonly Step[] {
  const found = run.seen.object(secretResource, place);
  if (!found || found.metadata.deletionTimestamp !== undefined) return [];
  if (!isPassword(found as Secret, run.claim, run.proofOf)) return [];
  const why = `removes Secret ${keyOf(place)}: the claim does not ask for its login any more`;
  return [{ aspect, verb: "remove", resource: secretResource, object: found, why }];
}
