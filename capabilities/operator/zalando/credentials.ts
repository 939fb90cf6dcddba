/** The Secrets that Zalando's operator makes for roles, and what speaks for them. */
import type { KubeObject, Secret } from "../../kubernetes/objects";
import { isControlledBy } from "../../kubernetes/owners";
import { loginIn } from "../login";
import type { CredentialSecrets } from "../operator";
import { clusterLabel, operatorLabel, postgresqlResource, secretRef } from "./names";

/** API servers whose clocks differ by so much are still believed, in milliseconds. */
const clockSkewMs = 5000;

/**
 * Whether the Secret is the one that the operator uses for this database. The operator gives all that it makes the owner references of
 * its object, which is owned by the claim, and with `enable_owner_references` one to the object itself (seen with 2.0.1: its
 * `ownerReferences` in pkg/cluster/k8sres.go). Where someone has taken those off, the name decides, which the module looks for: the
 * operator itself takes whatever Secret has that name. What is asked for besides keeps out what an earlier database of the name has
 * left, which may be there for minutes (recordings, 05-delete): labels, the type, and an age that is not above the database's.
 */
function isProven(secret: Secret, database: KubeObject): boolean {
  if (isControlledBy(secret, database)) return true;
  const { metadata, type = "Opaque" } = secret;
  const { name, creationTimestamp, ownerReferences: inherited = [] } = database.metadata;
  const owners = metadata.ownerReferences ?? [];
  return (
    owners.every(({ uid }) => inherited.some(owner => owner.uid === uid)) &&
    type === "Opaque" &&
    metadata.labels?.[operatorLabel.name] === operatorLabel.value &&
    metadata.labels[clusterLabel] === name &&
    timeOf(metadata.creationTimestamp) >= timeOf(creationTimestamp) - clockSkewMs
  );
}

/** NaN for what is no time, which is neither before nor after any other. */
function timeOf(text: string | undefined): number {
  return Date.parse(text ?? "");
}

/** By its labels: they are enough to refuse a Secret as one that a user has brought. */
function madeFor({ metadata }: Secret): string | undefined {
  const owner = metadata.ownerReferences?.find(({ kind }) => kind === postgresqlResource.kind);
  if (owner) return owner.name;
  const { [operatorLabel.name]: application, [clusterLabel]: cluster } = metadata.labels ?? {};
  return application === operatorLabel.value ? cluster : undefined;
}

export const credentials: CredentialSecrets = {
  ref: secretRef,
  of: loginIn,
  isProven,
  madeFor,
  followed: operatorLabel,
  // The server's certificate is self-signed, and its authority is nowhere (recordings, 02-create).
  authority: () => undefined,
  certificateOf: () => undefined,
};
