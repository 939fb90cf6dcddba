/** The Secrets that Zalando's operator makes for roles, and what speaks for them: without owner references there is no proof by uid. */
import type { KubeObject, Secret } from "../../kubernetes/objects";
import { isControlledBy } from "../../kubernetes/owners";
import type { Credentials, CredentialSecrets } from "../operator";
import { clusterLabel, operatorLabel, postgresqlResource, secretRef } from "./names";

/** API servers whose clocks differ by so much are still believed, in milliseconds. */
const clockSkewMs = 5000;

function credentialsIn({ data = {} }: Secret): Credentials | undefined {
  const { username, password } = data;
  return username && password ? { username, password } : undefined;
}

/**
 * Whether the Secret is the one that the operator uses for this database. With `enable_owner_references` its uid proves that. Without
 * them the name decides, which the module looks for: the operator itself takes whatever Secret has that name for the role's. What is
 * asked for besides keeps out what an earlier database of the name has left, which may be there for minutes (recordings, 05-delete):
 * labels of this database, the type, and an age that is not above the database's.
 */
function isProven(secret: Secret, database: KubeObject): boolean {
  const { metadata, type = "Opaque" } = secret;
  const owners = metadata.ownerReferences ?? [];
  if (owners.length > 0) return isControlledBy(secret, database);
  const { name, creationTimestamp } = database.metadata;
  return (
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
  of: credentialsIn,
  isProven,
  madeFor,
  followed: operatorLabel,
  // The server's certificate is self-signed, and its authority is nowhere (recordings, 02-create).
  authority: () => undefined,
  certificateOf: () => undefined,
};
