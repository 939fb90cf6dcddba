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
 * The rights that are needed for where the claim wants its connection secret, if that is new: to create and update the Secret, if
 * it is in another namespace; and to read the credentials where they are, if the claim, and so perhaps a database full of data,
 * was there before: else they could be steered to where someone may read them who may not read them now.
 */
export function accessNeeded(
  claim: Claim,
  before: Claim | undefined,
  credentials: Ref,
): readonly Access[] {
  const secret = connectionRef(claim);
  const old = before && connectionRef(before);
  if (!secret || (old && isSameRef(secret, old))) return [];
  const writing: readonly Access[] = [
    { verb: "create", secret },
    { verb: "update", secret },
  ];
  return [
    ...(secret.namespace === claim.metadata.namespace ? [] : writing),
    ...(before ? [{ verb: "get", secret: credentials } as const] : []),
  ];
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
  const { namespace: target = "", name = "" } = connectionRef(claim) ?? {};
  const to = `Secret ${claimKey({ namespace: target, name })}`;
  const from = claim.metadata.namespace ?? "";
  const remedy =
    verb === "get"
      ? `they would go to ${to}; someone who may read them where they are can make this change`
      : `let the owner of namespace ${target} grant it, or annotate the namespace with ${annotations.acceptConnectionsFrom}: ${quote(from)}`;
  return {
    field,
    problem: `needs the right to ${verb} Secret ${claimKey(secret)}, which ${quote(user)} does not have: ${remedy}`,
  };
}
