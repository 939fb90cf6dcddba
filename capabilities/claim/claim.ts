/** What a claim asks for and is told: its types, and the reading of its fields. */
import type {
  conditionSchema,
  connectionRefSchema,
  extensionSchema,
  specSchema,
  statusSchema,
} from "./claim-schema";
import type { DatabaseClaim } from "./database";
import { keyOf, type KubeObject, type Ref } from "../kubernetes/objects";
import {
  annotations,
  claimKind,
  connectionSecretName,
  databaseClaimKind,
  identifierOf,
} from "./names";
import type { FromSchema } from "./schema";

export type Size = (typeof specSchema.properties.size.enum)[number];
export type ClaimSpec = FromSchema<typeof specSchema>;
export type ClaimStatus = FromSchema<typeof statusSchema>;
export type ClaimCondition = FromSchema<typeof conditionSchema>;
export type ConnectionRef = FromSchema<typeof connectionRefSchema>;
export type Extension = FromSchema<typeof extensionSchema>;
export type Phase = NonNullable<ClaimStatus["phase"]>;

/** What claims of all kinds have beside their spec. */
export type Claimed = KubeObject & {
  readonly status?: ClaimStatus;
  readonly writeConnectionSecretToRef?: ConnectionRef;
};

/** A claim for an instance of its own. */
export type Claim = Claimed & { readonly spec: ClaimSpec };

/** A claim of any kind: all are told and connected alike. */
export type AnyClaim = Claim | DatabaseClaim;

export function isInstanceClaim(claim: AnyClaim): claim is Claim {
  return claim.kind === claimKind;
}

/**
 * All the places in which a claim may name its connection secret, in the order in which they are read. One for a database in a shared
 * instance always has one: no operator makes a Secret in its namespace.
 */
export function connectionRefs(claim: AnyClaim): readonly { field: string; ref: Ref }[] {
  const named = namedConnectionRefs(claim);
  if (named.length > 0 || claim.kind !== databaseClaimKind) return named;
  const { name, namespace = "" } = claim.metadata;
  const field = "writeConnectionSecretToRef";
  return [{ field, ref: { name: connectionSecretName(name), namespace } }];
}

function namedConnectionRefs(claim: AnyClaim): readonly { field: string; ref: Ref }[] {
  const own = claim.metadata.namespace ?? "";
  const { connectionSecretName: name, writeConnectionSecretToRef: inSpec } = claim.spec;
  const { writeConnectionSecretToRef: topLevel } = claim;
  const full = (ref: ConnectionRef): Ref => ({ name: ref.name, namespace: ref.namespace ?? own });
  return [
    ...(topLevel ? [{ field: "writeConnectionSecretToRef", ref: full(topLevel) }] : []),
    ...(inSpec ? [{ field: "spec.writeConnectionSecretToRef", ref: full(inSpec) }] : []),
    ...(name ? [{ field: "spec.connectionSecretName", ref: { name, namespace: own } }] : []),
  ];
}

/** Where the claim wants its connection secret; undefined when it wants none. */
export function connectionRef(claim: AnyClaim): Ref | undefined {
  return connectionRefs(claim)[0]?.ref;
}

/** The field in which the claim names its connection secret, for messages. */
export function connectionField(claim: AnyClaim): string {
  return connectionRefs(claim)[0]?.field ?? "writeConnectionSecretToRef";
}

/** The Secret with the credentials that the user brings; undefined where the operator makes them. */
export function externalCredentials({ metadata, spec }: Claim): Ref | undefined {
  const { credentialsSecretName: name } = spec;
  return name === undefined ? undefined : { name, namespace: metadata.namespace ?? "" };
}

/** The word of a Secret in an index of claims. */
export function secretWord(ref: Ref): string {
  return `Secret ${keyOf(ref)}`;
}

/** The request that made the claim; undefined where none did. */
export function requestOf({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.[annotations.kratixRequest];
}

export function databaseName(claim: Claim): string {
  return claim.spec.databaseName ?? identifierOf(claim.metadata.name);
}

/** Whether the owner is the username in the Secret that the claim brings: `databaseOwner` is then a guess. */
export function isOwnerBrought({ spec }: Claim): boolean {
  return spec.credentialsSecretName !== undefined && spec.databaseOwner === undefined;
}

/** With external credentials the Secret decides where the claim does not: `credentials.ts` fills it in. */
export function databaseOwner(claim: Claim): string {
  return claim.spec.databaseOwner ?? identifierOf(claim.metadata.name);
}

/** What the status says of one aspect; undefined where it says nothing of it. */
export function conditionIn(
  status: ClaimStatus | undefined,
  type: string,
): ClaimCondition | undefined {
  return status?.conditions?.find(condition => condition.type === type);
}
