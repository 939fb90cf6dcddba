/**
 * The credentials that are mirrored: the operator's own, or those that the claim brings. What a claim brings is the user's: it is
 * read and judged, never written, and no database is made while it cannot be used, since CNPG says nothing then and never gets
 * ready.
 */
import { isControlledBy } from "../../kubernetes/owners";
import { isReservedOwner } from "../../admission/instance/rules";
import type { Operator } from "../../operator/operator";
import { externalCredentials, type Claim } from "../../claim/claim";
import { specSchema } from "../../claim/claim-schema";
import {
  apiVersionOf,
  type KubeObject,
  type Secret,
  keyOf,
  refOf,
  secretResource,
} from "../../kubernetes/objects";
import { credentialsType, followedLabel, labels } from "../../claim/names";
import { quote, schemaFaults } from "../../claim/schema";
import { type Kube } from "../kube";
import type { Plan } from "../plan";
import type { Verdict } from "../status";

/** What was found of the credentials that a claim brings: the role that they are for, or why they cannot be used. */
export type Brought =
  | { readonly secret: Secret; readonly owner: string }
  | {
      readonly verdict: Verdict;
      /** The role of a database that is there all the same. */
      readonly owner: string | undefined;
    };

/** Undefined for a claim that brings none. */
export async function broughtBy(planned: Plan, kube: Kube): Promise<Brought | undefined> {
  const { claim, operator: backend } = planned;
  if (!externalCredentials(claim)) return undefined;
  const database = await kube.read(backend.resource, backend.database(claim));
  const isTheirs = database !== undefined && isControlledBy(database, claim);
  const madeFor = isTheirs ? backend.ownerOf(database) : undefined;
  const known = (await kube.read(secretResource, backend.credentials(claim))) as Secret | undefined;
  if (known && madeFor !== undefined && isSettled(planned, known, kube)) {
    return { secret: known, owner: madeFor };
  }
  const judged = judgeCredentials(claim, backend, await current(planned, known, kube), madeFor);
  return "verdict" in judged ? { ...judged, owner: madeFor } : judged;
}

/** The Secret with its values. One without the label is not watched: what is remembered of it may be long past. */
async function current(
  { claim, operator: backend }: Plan,
  known: Secret | undefined,
  kube: Kube,
): Promise<Secret | undefined> {
  if (known?.data && isFollowed(known)) return known;
  return (await kube.readLive(secretResource, backend.credentials(claim))) as Secret | undefined;
}

/** Its values were forgotten after they were found good for this claim as it is. */
function isSettled({ claim }: Plan, secret: Secret, kube: Kube): boolean {
  return (
    isFollowed(secret) &&
    !secret.data &&
    kube.settled(refOf(claim))?.startsWith(`${sourceMark(claim, secret)} `) === true
  );
}

/** The state of claim and credentials, as the beginning of the mark by which a settled claim is known again. */
export function sourceMark({ metadata }: Claim, from: KubeObject): string {
  return [metadata.uid, metadata.generation, versionOf(from)].join(" ");
}

/** This very state of an object. */
export function versionOf({ metadata }: KubeObject): string {
  return `${metadata.uid ?? ""}@${metadata.resourceVersion ?? ""}`;
}

/** Whether CNPG follows changes of the Secret, and we hear of them. */
export function isFollowed({ metadata }: Secret): boolean {
  return metadata.labels?.[followedLabel.name] === followedLabel.value;
}

/** What is said of a claim whose credentials will not be followed; empty if they will. */
export function followingHint({ brought }: Plan): string {
  if (!brought || !("secret" in brought) || isFollowed(brought.secret)) return "";
  return (
    `; a password changed in Secret ${keyOf(refOf(brought.secret))} will not be followed: label it ` +
    `${followedLabel.name}: "${followedLabel.value}" (an ExternalSecret does so in spec.target.template.metadata.labels)`
  );
}

type Judged = { readonly secret: Secret; readonly owner: string } | { readonly verdict: Verdict };

/**
 * Judges the Secret that the claim names. `madeFor` is the role that the database has already. Of its values none is told: who
 * may read the claim may not be allowed to read the Secret.
 */
export function judgeCredentials(
  claim: Claim,
  backend: Operator,
  secret: Secret | undefined,
  madeFor: string | undefined,
): Judged {
  const what = `Secret ${keyOf(backend.credentials(claim))} (spec.credentialsSecretName)`;
  if (!secret) {
    return {
      verdict: {
        reason: "CredentialsNotFound",
        message: `waiting for ${what}: create it, or see what keeps its ExternalSecret from doing so; the claim goes on by itself once it is there`,
      },
    };
  }
  const fault = faultOf(secret, backend);
  if (fault !== undefined) {
    return { verdict: { reason: "CredentialsInvalid", message: `${what} ${fault}` } };
  }
  return judgeOwner(claim, secret, madeFor, what);
}

function faultOf(secret: Secret, backend: Operator): string | undefined {
  const { type = "Opaque", data = {}, metadata } = secret;
  const { kind } = backend.resource;
  const owner = metadata.ownerReferences?.find(
    reference => reference.kind === kind && reference.apiVersion === apiVersionOf(backend.resource),
  );
  if (owner) {
    return `is made by ${backend.title} for ${kind} ${owner.name}: name one of your own`;
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
    ? "PostgreSQL or CloudNativePG keeps for itself: use another"
    : undefined;
}

/**
 * The Secret to mirror; undefined while there is none that can be trusted. Anyone may make a Secret of the operator's name and
 * labels: only the uid of `database` proves that its operator made it. One that is brought is named by the claim.
 */
export async function sourceOf(
  { claim, operator: backend, brought }: Plan,
  database: KubeObject | undefined,
  kube: Kube,
): Promise<Secret | undefined> {
  if (!database) return undefined;
  if (brought) return "secret" in brought ? brought.secret : undefined;
  const found = (await kube.read(secretResource, backend.credentials(claim))) as Secret | undefined;
  return found && isControlledBy(found, database) ? found : undefined;
}
