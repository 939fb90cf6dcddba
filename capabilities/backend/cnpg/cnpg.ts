/** CloudNativePG as a backend: https://cloudnative-pg.io/documentation/1.30/ */
import { externalCredentials, type Claim } from "../../claim/claim";
import type { Class } from "../../claim/class";
import type { Ref, Secret } from "../../claim/kubernetes";
import { refOf } from "../../claim/names";
import type { Backend, Credentials } from "../backend";
import { cause, suspects } from "./causes";
import { cluster, clusterResource, ownerOf, retaining } from "./cluster";
import { searches } from "./evidence";
import { extensions } from "./extensions";
import { health, running } from "./health";
import { obstruction } from "./obstruction";

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

function endpoint(claim: Claim, { clusterDomain }: Class): string {
  const { name, namespace } = refOf(claim);
  return `${name}-rw.${namespace}.svc.${clusterDomain}`;
}

export const cnpg: Backend = {
  operator: "CloudNativePG",
  provider: "cloudnative-pg",
  resource: clusterResource,
  database: refOf,
  credentials,
  ownerOf,
  desired: cluster,
  retaining,
  additions: claim => [extensions(claim)],
  health,
  running,
  inquiry: { searches, suspects, cause, obstruction },
  credentialsOf,
  endpoint,
};
