/** The Secrets that CNPG makes beside a Cluster: https://cloudnative-pg.io/documentation/1.30/applications/#secrets */
import { externalCredentials, type Claim } from "../../claim/claim";
import {
  apiVersionOf,
  refOf,
  type KubeObject,
  type Ref,
  type Secret,
} from "../../kubernetes/objects";
import { isControlledBy } from "../../kubernetes/owners";
import { loginIn } from "../login";
import type { CredentialSecrets } from "../operator";
import { clusterResource } from "./cluster";

/** Secrets with a label of this name and value are followed by CNPG: the password of the role becomes theirs. */
export const followedLabel = { name: "cnpg.io/reload", value: "true" } as const;

/** Given a Secret in `initdb.secret`, CNPG makes none of its own. */
function ref(claim: Claim): Ref {
  const external = externalCredentials(claim);
  if (external) return external;
  const { name, namespace } = refOf(claim);
  return { name: `${name}-app`, namespace };
}

function madeFor({ metadata }: Secret): string | undefined {
  return metadata.ownerReferences?.find(
    ({ kind, apiVersion }) =>
      kind === clusterResource.kind && apiVersion === apiVersionOf(clusterResource),
  )?.name;
}

/**
 * https://cloudnative-pg.io/documentation/1.30/certificates/: unless someone has given the Cluster a certificate of theirs, CNPG's own
 * authority signs the server's. It is renewed before its end, every 83 days or so, with the same key.
 */
function authority(database: KubeObject): Ref | undefined {
  const { name, namespace } = refOf(database);
  const own = `${name}-ca`;
  const { spec, status } = database as KubeObject & {
    readonly spec?: { readonly certificates?: { readonly serverCASecret?: string } };
    readonly status?: { readonly certificates?: { readonly serverCASecret?: string } };
  };
  const named = spec?.certificates?.serverCASecret ?? status?.certificates?.serverCASecret ?? own;
  return named === own ? { name: own, namespace } : undefined;
}

export const credentials: CredentialSecrets = {
  ref,
  // CNPG 1.30 leaves `uri`, `jdbc-uri` and `pgpass` as they were when the password is changed (recordings, 02-password).
  of: loginIn,
  // Only the uid proves it.
  isProven: isControlledBy,
  madeFor,
  followed: followedLabel,
  authority,
  certificateOf: ({ data = {} }) => data["ca.crt"],
};
