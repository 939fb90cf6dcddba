/**
 * What the author of a claim must be allowed to do by hand, so that the module, which may write Secrets everywhere, does not
 * do it for someone who may not.
 */
import { connectionRef, connectionRefs, type Claim } from "../claim/claim";
import type { KubeObject, Ref } from "../claim/kubernetes";
import { annotations, claimKey, isSameRef } from "../claim/names";
import { quote } from "../claim/schema";
import type { Violation } from "../claim/violation";

/** A right to a Secret. */
export type Access = { readonly verb: "create" | "update" | "get"; readonly secret: Ref };

/** Namespaces of claims, with commas between, or this for all. */
const everyNamespace = "*";

/**
 * The rights that are needed for where the claim wants its connection secret, if that is another namespace and new: to create
 * and update the Secret there; and to read the credentials where they are, if they exist already and would leave for there.
 */
export function accessNeeded(
  claim: Claim,
  before: Claim | undefined,
  credentials: Ref,
): readonly Access[] {
  const secret = connectionRef(claim);
  const old = before && connectionRef(before);
  if (!secret || secret.namespace === claim.metadata.namespace) return [];
  if (old && isSameRef(secret, old)) return [];
  const writing: readonly Access[] = [
    { verb: "create", secret },
    { verb: "update", secret },
  ];
  return before ? [...writing, { verb: "get", secret: credentials }] : writing;
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
export function accessViolation(claim: Claim, { verb, secret }: Access, user: string): Violation {
  const field = connectionRefs(claim)[0]?.field ?? "writeConnectionSecretToRef";
  const target = connectionRef(claim)?.namespace ?? "";
  const from = claim.metadata.namespace ?? "";
  const remedy =
    verb === "get"
      ? `they would leave namespace ${from} for ${target}; someone who may read them there can make this change`
      : `let the owner of namespace ${target} grant it, or annotate the namespace with ${annotations.acceptConnectionsFrom}: ${quote(from)}`;
  return {
    field,
    problem: `needs the right to ${verb} Secret ${claimKey(secret)}, which ${quote(user)} does not have: ${remedy}`,
  };
}
