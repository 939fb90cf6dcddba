/** What the webhook answers to a claim for a database in a shared instance, and the reconcile finds again. */
import { databaseName, databaseOwner, isOwnerBrought, type Claim } from "../../claim/claim";
import { accessLogins, neededNames } from "../../claim/access";
import type { Class } from "../../claim/class";
import { instanceRef, ownDatabase, ownRole, type DatabaseClaim } from "../../claim/database";
import { dns1035, identifierOf, maxLabelLength } from "../../claim/names";
import { quote } from "../../claim/schema";
import type { Violation } from "../../claim/violation";
import { given } from "../../kubernetes/given";
import { keyOf } from "../../kubernetes/objects";
import { operatorTitles } from "../../operator/facts";
import { accessRules } from "../access-rules";
import { dataGoesWarning } from "../deletion";
import { connectionRules } from "../connection-rules";
import { extensionViolations } from "../extension-rules";
import { backupRules } from "../instance/backup-rules";
import { isReservedOwner } from "../instance/rules";

/** The instance that the claim names, and its class; undefined where they are not there. */
export type Surrounding = {
  readonly instance: Claim | undefined;
  readonly chosen: Class | undefined;
};

export type Judgement = {
  readonly violations: readonly Violation[];
  /** What it brings about, where that is not harmless. */
  readonly warnings: readonly string[];
};

type Judged = Surrounding & { readonly claim: DatabaseClaim };
type Rule = (judged: Judged) => readonly Violation[];

const rules: readonly Rule[] = [
  nameIsLegal,
  namesAreFree,
  namesAreNotTheInstances,
  connectionLimitIsOffered,
  backupsAreOffered,
  ({ claim, chosen }) => extensionViolations({ extensions: claim.spec.extensions ?? [], chosen }),
  ...connectionRules,
  ...accessRules,
];

/** Judges a new claim, or the change from `before`. */
export function judgeDatabase(
  claim: DatabaseClaim,
  before: DatabaseClaim | undefined,
  surrounding: Surrounding,
): Judgement {
  const judged = { claim, ...surrounding };
  return {
    violations: [
      ...rules.flatMap(rule => rule(judged)),
      ...(before ? changeViolations(claim, before) : []),
    ],
    warnings: warningsOf(claim, before),
  };
}

function nameIsLegal({ claim }: Judged): readonly Violation[] {
  const { name } = claim.metadata;
  // With generateName there is none yet when it is first judged.
  if (name === "" || (name.length <= maxLabelLength && new RegExp(dns1035).test(name))) return [];
  return [
    {
      field: "metadata.name",
      problem: `${quote(name)} must have at most ${maxLabelLength} characters, begin with a letter, end with a letter or digit, and have only lower-case letters, digits and "-" between`,
    },
  ];
}

/** Both names become roles: that of the database is the group by which PostgreSQL tells who may connect to it. */
function namesAreFree({ claim }: Judged): readonly Violation[] {
  return neededNames(claim)
    .filter(isReservedOwner)
    .map(name => ({
      field: fieldOf(claim, name),
      problem: `makes ${quote(name)}, which PostgreSQL or ${operatorTitles} keeps for itself: set spec.databaseName and spec.owner to other names`,
    }));
}

function fieldOf(claim: DatabaseClaim, name: string): string {
  const { metadata, spec } = claim;
  const login = accessLogins(claim).find(({ role }) => role === name);
  if (login) return `spec.access.${login.level}`;
  if (spec.databaseName === name) return "spec.databaseName";
  if (spec.owner === name) return "spec.owner";
  return identifierOf(metadata.name) === name ? "metadata.name" : "spec";
}

/** The operator would take over the instance's own database or role (recordings, 34). */
function namesAreNotTheInstances({ claim, instance }: Judged): readonly Violation[] {
  if (!instance) return [];
  const owner = isOwnerBrought(instance) ? [] : [databaseOwner(instance)];
  const own: readonly string[] = [databaseName(instance), ...owner];
  return neededNames(claim)
    .filter(name => own.includes(name))
    .map(name => ({
      field: fieldOf(claim, name),
      problem: `makes ${quote(name)}, the own database or owner of PostgresInstance ${keyOf(instanceRef(claim))}: set spec.databaseName and spec.owner to other names`,
    }));
}

function connectionLimitIsOffered({ claim, chosen }: Judged): readonly Violation[] {
  const { connectionLimit } = claim.spec;
  if (!chosen || connectionLimit === undefined) return [];
  const { connectionLimit: most } = chosen.shared;
  if (connectionLimit <= most) return [];
  return [
    {
      field: "spec.connectionLimit",
      problem: `is ${connectionLimit}, but class ${chosen.name} of the instance allows ${most} at most`,
    },
  ];
}

/** By the rules of an instance's claim: its class decides. */
function backupsAreOffered({ claim, chosen }: Judged): readonly Violation[] {
  const { backup, restore } = claim.spec;
  const asked: Claim = { ...claim, spec: given({ backup, restore }) };
  return backupRules.flatMap(rule => rule({ claim: asked, chosen }));
}

/** What is there cannot be moved or renamed; a claim has no other. */
function changeViolations(claim: DatabaseClaim, before: DatabaseClaim): readonly Violation[] {
  const fixed = [
    { field: "spec.instanceRef", now: keyOf(instanceRef(claim)), was: keyOf(instanceRef(before)) },
    { field: "spec.databaseName", now: ownDatabase(claim), was: ownDatabase(before) },
    { field: "spec.owner", now: ownRole(claim), was: ownRole(before) },
  ];
  return fixed
    .filter(({ now, was }) => now !== was)
    .map(({ field, now, was }) => ({
      field,
      problem: `was ${quote(was)} and cannot become ${quote(now)}: it is immutable; make a new claim and move the data`,
    }));
}

function warningsOf(claim: DatabaseClaim, before: DatabaseClaim | undefined): readonly string[] {
  const isNews = before?.spec.deletionPolicy !== claim.spec.deletionPolicy;
  if (claim.spec.deletionPolicy !== "Delete" || !before || !isNews) return [];
  return [dataGoesWarning];
}
