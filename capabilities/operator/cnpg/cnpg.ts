/** CloudNativePG as an operator: https://cloudnative-pg.io/documentation/1.30/ */
import { refOf } from "../../kubernetes/objects";
import { standingOfDatabase } from "../../claim/deletion";
import type { Operator } from "../operator";
import { cause, suspects } from "./causes";
import {
  cluster,
  clusterResource,
  databaseOf,
  endpoint,
  ownerOf,
  retaining,
  surplus,
} from "./cluster";
import { credentials } from "./credentials";
import { searches } from "./evidence";
import { databaseResource, extensions } from "./extensions";
import { facts } from "./facts";
import { health, running } from "./health";
import { monitoring, podMonitorResource } from "./monitoring";
import { obstruction } from "./obstruction";
import { pooledEndpoint, pooler, poolerResource } from "./pooler";
import { unsupported, unsupportedByClass } from "./unsupported";
import { growth, volumeSearches } from "./volumes";
import { sharedDatabases } from "./shared-databases";
import { ownOf, rolesWatched, watches } from "./watches";

/** What a claim may ask for beside its database, each with its kind. The Prometheus operator's may not be in the cluster. */
const optionals = [
  { make: extensions, resource: databaseResource },
  { make: pooler, resource: poolerResource },
  { make: monitoring, resource: podMonitorResource },
] as const;

export const cnpg: Operator = {
  title: "CloudNativePG",
  provider: "cloudnative-pg",
  facts,
  objects: {
    resource: clusterResource,
    ref: refOf,
    desired: cluster,
    retaining,
    standing: standingOfDatabase,
    ownerOf,
    databaseOf,
    optional: claim => optionals.map(({ make }) => make(claim)),
    endpoint,
    pooledEndpoint,
  },
  credentials,
  // A Cluster tells by itself.
  witnesses: () => [],
  health,
  running,
  diagnosis: { searches, suspects, cause, obstruction, surplus, volumeSearches, growth },
  watches: [...watches, ...optionals.map(({ resource }) => ownOf(resource)), rolesWatched],
  sharedDatabases,
  unsupported,
  unsupportedByClass,
};
