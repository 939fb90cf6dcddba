/** The claim that tables start from: good as it is, so that what is changed is what is judged. */
import type { Claim, ClaimSpec } from "../capabilities/claim/claim";
import { deepFreeze } from "./arbitrary/frozen";

export const goodClaim = deepFreeze({
  apiVersion: "database.bizmatters.io/v1alpha1",
  kind: "PostgresInstance",
  metadata: { name: "orders-db", namespace: "team-a", uid: "claim-uid", generation: 1 },
  spec: { size: "small", version: "16", storageGB: 20, className: "built-in" },
  writeConnectionSecretToRef: { name: "orders-postgres", namespace: "team-a" },
} as const satisfies Claim);

/** The good claim with other fields under spec; undefined takes a field out. */
export function withSpec(changes: {
  readonly [K in keyof ClaimSpec]?: ClaimSpec[K] | undefined;
}): Claim {
  return deepFreeze({ ...goodClaim, spec: without({ ...goodClaim.spec, ...changes }) } as Claim);
}

/** The good claim with other fields beside spec; undefined takes a field out. */
export function withFields(changes: { readonly [K in keyof Claim]?: Claim[K] | undefined }): Claim {
  return deepFreeze(without({ ...goodClaim, ...changes }) as Claim);
}

export function named(name: string): Claim {
  return withFields({ metadata: { ...goodClaim.metadata, name } });
}

function without(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
