/** What a claim asks for and is told: its types, and the reading of its fields. */
import type {
  conditionSchema,
  connectionRefSchema,
  extensionSchema,
  specSchema,
  statusSchema,
} from "./claim-schema";
import { keyOf, type KubeObject, type Ref } from "../kubernetes/objects";
import { annotations, identifierOf } from "./names";
import type { FromSchema } from "./schema";

export type Size = (typeof specSchema.properties.size.enum)[number];
export type ClaimSpec = FromSchema<typeof specSchema>;
export type ClaimStatus = FromSchema<typeof statusSchema>;
export type ClaimCondition = FromSchema<typeof conditionSchema>;
export type ConnectionRef = FromSchema<typeof connectionRefSchema>;
export type Extension = FromSchema<typeof extensionSchema>;
export type Phase = NonNullable<ClaimStatus["phase"]>;

export type Claim = KubeObject & {
  readonly spec: ClaimSpec;
  readonly status?: ClaimStatus;
  readonly writeConnectionSecretToRef?: ConnectionRef;
};

/** All the places in which a claim may name its connection secret, in the order in which they are read. */
export function connectionRefs(claim: Claim): readonly { field: string; ref: Ref }[] {
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
export function connectionRef(claim: Claim): Ref | undefined {
  return connectionRefs(claim)[0]?.ref;
}

/** The Secret with the credentials that the user brings; undefined where the operator makes them. */
export function externalCredentials({ metadata, spec }: Claim): Ref | undefined {
  const { credentialsSecretName: name } = spec;
  return name === undefined ? undefined : { name, namespace: metadata.namespace ?? "" };
}

/** Every Secret that the claim names, in the words by which a claim is found from a Secret. */
export function namedSecrets(claim: Claim): readonly string[] {
  const named = [connectionRef(claim), externalCredentials(claim)];
  return [...new Set(named.flatMap(ref => (ref ? secretWord(ref) : [])))];
}

/** The word of a Secret in an index of claims. */
export function secretWord(ref: Ref): string {
  return `Secret ${keyOf(ref)}`;
}

/** The request that made the claim; undefined where none did. */
export function requestOf({ metadata }: Claim): string | undefined {
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
