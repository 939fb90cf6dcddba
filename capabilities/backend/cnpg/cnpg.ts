/** CloudNativePG as a backend: https://cloudnative-pg.io/documentation/1.30/ */
import type { Claim } from "../../claim/claim";
import type { Class } from "../../claim/class";
import type { Ref, Secret } from "../../claim/kubernetes";
import { refOf } from "../../claim/names";
import type { Backend, Credentials } from "../backend";
import { cause, suspects } from "./causes";
import { cluster, clusterResource, retaining } from "./cluster";
import { searches } from "./evidence";
import { extensions } from "./extensions";
import { health, running } from "./health";
import { obstruction } from "./obstruction";

/** https://cloudnative-pg.io/documentation/1.30/applications/#secrets: the Secret of the application's user. */
function credentials(claim: Claim): Ref {
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
  desired: cluster,
  retaining,
  additions: claim => [extensions(claim)],
  health,
  running,
  inquiry: { searches, suspects, cause, obstruction },
  credentialsOf,
  endpoint,
};
