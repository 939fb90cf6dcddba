/**
 * What the author of a claim must be allowed to do by hand, so that the module, which may write Secrets everywhere, does not
 * do it for someone who may not.
 */
import {
  connectionField,
  connectionRef,
  externalCredentials,
  isInstanceClaim,
  type AnyClaim,
} from "../claim/claim";
import { type KubeObject, type Ref, keyOf, isSameRef } from "../kubernetes/objects";
import { annotations } from "../claim/names";
import { quote } from "../claim/schema";
import type { Violation } from "../claim/violation";

/** A right to a Secret. */
export type Access = { readonly verb: "create" | "update" | "get"; readonly secret: Ref };

/** Namespaces of claims, with commas between, or this for all. */
const everyNamespace = "*";

/**
 * The rights that are needed: to create and update the connection secret, where that is wanted in another namespace and was not
 * before; and to read the credentials that would be handed on: those that the claim names anew, and, where the connection secret is
 * moved, those that are there already, perhaps of a database full of data. Else they could be steered to where someone may read
 * them who may not read them now.
 */
export function accessNeeded(
  claim: AnyClaim,
  before: AnyClaim | undefined,
  credentials: Ref,
): readonly Access[] {
  const secret = connectionRef(claim);
  const old = before && connectionRef(before);
  const isMoved = secret !== undefined && !(old && isSameRef(secret, old));
  const isElsewhere = secret?.namespace !== claim.metadata.namespace;
  const isHandedOn = (isMoved && before !== undefined) || namesNewly(claim, before);
  return [
    ...(isMoved && isElsewhere
      ? (["create", "update"] as const).map(verb => ({ verb, secret }))
      : []),
    ...(isHandedOn ? [{ verb: "get" as const, secret: credentials }] : []),
  ];
}

function namesNewly(claim: AnyClaim, before: AnyClaim | undefined): boolean {
  const [now, then] = [claim, before].map(given);
  return now !== undefined && !(then && isSameRef(now, then));
}

/** What the user brings; only an instance can have that. */
function given(claim: AnyClaim | undefined): Ref | undefined {
  return claim && isInstanceClaim(claim) ? externalCredentials(claim) : undefined;
}

/**
 * Whether the target namespace takes connection secrets of claims in `from`: its owner says so by annotation. (A label's value
 * can hold neither commas nor an asterisk.)
 */
export function isAccepted(target: KubeObject | undefined, from: string): boolean {
  const value = target?.metadata.annotations?.[annotations.acceptConnectionsFrom] ?? "";
  const accepted = value.split(",").map(name => name.trim());
  return from !== "" && [from, everyNamespace].some(name => accepted.includes(name));
}

/** The refusal of a right that the author does not have. */
export function accessViolation(
  claim: AnyClaim,
  { verb, secret }: Access,
  user: string,
): Violation {
  const isExternal = verb === "get" && given(claim) !== undefined;
  const field = isExternal ? "spec.credentialsSecretName" : connectionField(claim);
  const remedy = verb === "get" ? readingRemedy(claim) : writingRemedy(claim);
  return {
    field,
    problem: `needs the right to ${verb} Secret ${keyOf(secret)}, which ${quote(user)} does not have: ${remedy}`,
  };
}

function readingRemedy(claim: AnyClaim): string {
  if (given(claim)) {
    return "the claim hands on what is in it; someone who may read it can ask for that";
  }
  const { namespace = "", name = "" } = connectionRef(claim) ?? {};
  return `they would go to Secret ${keyOf({ namespace, name })}; someone who may read them where they are can make this change`;
}

function writingRemedy(claim: AnyClaim): string {
  const from = claim.metadata.namespace ?? "";
  return `let the owner of namespace ${connectionRef(claim)?.namespace ?? ""} grant it, or annotate the namespace with ${annotations.acceptConnectionsFrom}: ${quote(from)}`;
}
