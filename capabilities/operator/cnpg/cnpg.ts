/** CloudNativePG as an operator: https://cloudnative-pg.io/documentation/1.30/ */
import { externalCredentials, type Claim } from "../../claim/claim";
import { type KubeObject, type Ref, type Secret, refOf } from "../../kubernetes/objects";
import type { Operator, Credentials } from "../operator";
import { cause, suspects } from "./causes";
import { cluster, clusterResource, endpoint, ownerOf, retaining } from "./cluster";
import { searches } from "../diagnosis/evidence";
import { extensions } from "./extensions";
import { health, running } from "./health";
import { obstruction } from "./obstruction";
import { monitoring } from "./monitoring";
import { pooledEndpoint, pooler } from "./pooler";
import { growth, volumeSearches } from "./volumes";

/**
 * The Secret of the application's user, https://cloudnative-pg.io/documentation/1.30/applications/#secrets. Given one in
 * `initdb.secret`, CNPG makes none of its own.
 */
function credentials(claim: Claim): Ref {
  const external = externalCredentials(claim);
  if (external) return external;
  const { name, namespace } = refOf(claim);
  return { name: `${name}-app`, namespace };
}

/**
 * Only username and password are taken: CNPG 1.30 leaves `uri`, `jdbc-uri` and `pgpass` as they were when the password is
 * changed (recordings, 02-password).
 */
function credentialsOf({ data = {} }: Secret): Credentials | undefined {
  const { username, password } = data;
  return username && password ? { username, password } : undefined;
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

function certificateOf({ data = {} }: Secret): string | undefined {
  return data["ca.crt"];
}

export const cnpg: Operator = {
  title: "CloudNativePG",
  provider: "cloudnative-pg",
  resource: clusterResource,
  database: refOf,
  credentials,
  authority,
  certificateOf,
  ownerOf,
  desired: cluster,
  retaining,
  additions: claim => [extensions(claim), pooler(claim), monitoring(claim)],
  health,
  running,
  diagnosis: { searches, suspects, cause, obstruction, volumeSearches, growth },
  credentialsOf,
  endpoint,
  pooledEndpoint,
};
