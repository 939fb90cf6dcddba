/**
 * The credentials that are mirrored: the operator's own, or those that the claim brings. What a claim brings is the user's: it is
 * read and judged, never written. No database is made while it cannot be used: CNPG says nothing then and never gets ready.
 */
import { isReservedOwner } from "../../admission/instance/rules";
import { externalCredentials, type Claim } from "../../claim/claim";
import { specSchema } from "../../claim/claim-schema";
import { credentialsType, labels } from "../../claim/names";
import { quote, schemaFaults } from "../../claim/schema";
import {
  keyOf,
  refOf,
  secretResource,
  type KubeObject,
  type Ref,
  type Secret,
} from "../../kubernetes/objects";
import type { Standing } from "../../kubernetes/owners";
import { operatorTitles } from "../../operator/facts";
import type { Operator } from "../../operator/operator";
import type { Plan } from "../plan";
import { live, object, type Need, type Run } from "../run";
import type { Verdict } from "../status";

/** What was found of the credentials that a claim brings: the role that they are for, or why they cannot be used. */
export type Brought =
  | { readonly secret: Secret; readonly owner: string }
  | {
      readonly verdict: Verdict;
      /** The role of a database that is there all the same. */
      readonly owner: string | undefined;
    };

/** What a run knows before it knows what was brought. */
export type Judging = Pick<Run, "claim" | "plan" | "seen" | "mirrored">;

/** What has to be read to judge the credentials that the claim brings; nothing where it brings none. */
export function needsOfBrought(judging: Judging): readonly Need[] {
  const { plan, seen } = judging;
  const { objects } = plan.operator;
  const ref = externalCredentials(plan.claim);
  if (!ref) return [];
  const needs = [
    object(secretResource, ref),
    object(objects.resource, objects.ref(plan.claim, plan.chosen)),
  ];
  const known = seen.object(secretResource, ref) as Secret | undefined;
  const isEnough =
    known !== undefined &&
    isFollowed(known, plan.operator) &&
    (known.data !== undefined || judgedOwner(judging, known) !== undefined);
  // One without the label is not watched: what is known of it may be long past.
  return isEnough || !needs.every(seen.has) ? needs : [...needs, live(secretResource, ref)];
}

/** Undefined for a claim that brings none. */
export function broughtBy(judging: Judging): Brought | undefined {
  const { plan, seen } = judging;
  const { credentials } = plan.operator;
  if (!externalCredentials(plan.claim)) return undefined;
  const found = seen.object(secretResource, credentials.ref(plan.claim, plan.chosen)) as
    | Secret
    | undefined;
  const judgedFor = found && judgedOwner(judging, found);
  if (found && judgedFor !== undefined) return { secret: found, owner: judgedFor };
  const madeFor = ownerMadeFor(judging);
  const judged = judgeCredentials(plan, found, madeFor);
  return "verdict" in judged ? { ...judged, owner: madeFor } : judged;
}

/** The role that the claim's own database was made for; undefined while it has none. */
function ownerMadeFor({ claim, plan, seen }: Judging): string | undefined {
  const { objects } = plan.operator;
  const database = seen.object(objects.resource, objects.ref(plan.claim, plan.chosen));
  const isTheirs = database !== undefined && isMadeFor(objects.standing(database, claim));
  return isTheirs ? objects.ownerOf(database) : undefined;
}

function isMadeFor(standing: Standing): boolean {
  return standing === "ours" || standing === "deleting";
}

/**
 * The role that the Secret was found good for, where the claim, its database and the Secret are as they were then: the values of
 * the Secret are not needed again, and may have been forgotten. Without a database of the claim's they are: they say its role.
 */
function judgedOwner(judging: Judging, secret: Secret): string | undefined {
  const { claim, mirrored } = judging;
  const isJudged = mirrored?.claim === stateOf(claim) && mirrored.credentials === versionOf(secret);
  return isJudged ? ownerMadeFor(judging) : undefined;
}

/** This very claim, and what it asks for. */
export function stateOf({ metadata }: Claim): string {
  return `${metadata.uid ?? ""} ${metadata.generation ?? 0}`;
}

/** This very state of an object. */
export function versionOf({ metadata }: KubeObject): string {
  return `${metadata.uid ?? ""}@${metadata.resourceVersion ?? ""}`;
}

/** Whether the operator follows changes of the Secret, and the module hears of them. */
export function isFollowed({ metadata }: Secret, { credentials }: Operator): boolean {
  const { name, value } = credentials.followed;
  return metadata.labels?.[name] === value;
}

/** What is said of a claim whose credentials will not be followed; empty if they will. */
export function followingHint({ operator }: Plan, brought: Brought | undefined): string {
  if (!brought || !("secret" in brought) || isFollowed(brought.secret, operator)) return "";
  const { name, value } = operator.credentials.followed;
  return (
    `; a password changed in Secret ${keyOf(refOf(brought.secret))} will not be followed: label it ` +
    `${name}: "${value}" (an ExternalSecret does so in spec.target.template.metadata.labels)`
  );
}

type Judged = { readonly secret: Secret; readonly owner: string } | { readonly verdict: Verdict };

/**
 * Judges the Secret that the claim names. `madeFor` is the role that the database has already. Of its values none is told: who
 * may read the claim may not be allowed to read the Secret.
 */
export function judgeCredentials(
  { claim, chosen, operator }: Pick<Plan, "claim" | "chosen" | "operator">,
  secret: Secret | undefined,
  madeFor: string | undefined,
): Judged {
  const what = `Secret ${keyOf(operator.credentials.ref(claim, chosen))} (spec.credentialsSecretName)`;
  if (!secret) {
    return {
      verdict: {
        reason: "CredentialsNotFound",
        message: `waiting for ${what}: create it, or see what keeps its ExternalSecret from doing so; the claim goes on by itself once it is there`,
      },
    };
  }
  const fault = faultOf(secret, operator);
  if (fault !== undefined) {
    return { verdict: { reason: "CredentialsInvalid", message: `${what} ${fault}` } };
  }
  return judgeOwner(claim, secret, madeFor, what);
}

function faultOf(secret: Secret, { title, credentials, objects }: Operator): string | undefined {
  const { type = "Opaque", data = {}, metadata } = secret;
  const madeFor = credentials.madeFor(secret);
  if (madeFor !== undefined) {
    return `is made by ${title} for ${objects.resource.kind} ${madeFor}: name one of your own`;
  }
  if (metadata.labels?.[labels.claimUid] !== undefined) {
    return "is the connection secret of a claim: name one of your own";
  }
  if (type !== credentialsType) {
    return `is of type ${quote(type)}, but must be of type ${credentialsType}: a Secret cannot change its type, so remove it and make it anew (an ExternalSecret sets spec.target.template.type)`;
  }
  const missing = ["username", "password"].filter(key => !data[key]);
  if (missing.length === 0) return undefined;
  return `has no value in ${missing.join(" and ")}: fill in username and password`;
}

function judgeOwner(
  { spec }: Claim,
  secret: Secret,
  madeFor: string | undefined,
  what: string,
): Judged {
  const { databaseOwner: asked } = spec;
  const username = Buffer.from(secret.data?.["username"] ?? "", "base64").toString("utf8");
  const owner = madeFor ?? asked ?? username;
  const mismatch = (message: string): Judged => ({
    verdict: { reason: "OwnerMismatch", message },
  });
  if (asked !== undefined && asked !== owner) {
    return mismatch(
      `spec.databaseOwner is ${quote(asked)}, but the database was made for ${quote(owner)}, which cannot change: write ${quote(owner)}`,
    );
  }
  if (username !== owner) {
    const why =
      madeFor === undefined ? "the owner that the claim asks for" : "the role of the database";
    return mismatch(
      `username in ${what} is not ${quote(owner)}, ${why}: it must be exactly that, without a line break at its end`,
    );
  }
  const fault = usernameFault(username);
  if (fault === undefined) return { secret, owner };
  return {
    verdict: { reason: "CredentialsInvalid", message: `${what} has a username that ${fault}` },
  };
}

/** A username that becomes the owner must be what `spec.databaseOwner` may be. */
function usernameFault(username: string): string | undefined {
  const { databaseOwner } = specSchema.properties;
  if (schemaFaults(databaseOwner, username, "").length > 0) {
    return `is no name for a role: at most ${databaseOwner.maxLength} characters, which match ${databaseOwner.pattern}`;
  }
  return isReservedOwner(username)
    ? `PostgreSQL or ${operatorTitles} keeps for itself: use another`
    : undefined;
}

/**
 * The Secret to mirror; undefined while there is none that can be trusted. Anyone may make a Secret of the operator's name and
 * labels, so the operator's own has to be proven. One that is brought is named by the claim.
 */
export function sourceOf({ plan, seen, brought }: Run, database: KubeObject): Secret | undefined {
  if (brought) return "secret" in brought ? brought.secret : undefined;
  const { credentials } = plan.operator;
  const found = seen.object(secretResource, credentials.ref(plan.claim, plan.chosen)) as
    | Secret
    | undefined;
  return found && credentials.isProven(found, database) ? found : undefined;
}

/** The Secret of the authority by which clients know the server, if it is proven to be the operator's own for this database. */
export function authorityOf({ plan, seen }: Run, database: KubeObject): Secret | undefined {
  const { credentials } = plan.operator;
  const ref = credentials.authority(database);
  const found = ref && (seen.object(secretResource, ref) as Secret | undefined);
  return found && credentials.isProven(found, database) ? found : undefined;
}

/** The Secrets whose values are not needed any more once the connection secret is right. */
export function sourceRefsOf(run: Run, database: KubeObject | undefined): readonly Ref[] {
  if (!database) return [];
  const sources = [sourceOf(run, database), authorityOf(run, database)];
  return sources.flatMap(secret => (secret ? refOf(secret) : []));
}
