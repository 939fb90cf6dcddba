/** CloudNativePG as an operator: https://cloudnative-pg.io/documentation/1.30/ */
import { refOf } from "../../kubernetes/objects";
import { standingOf } from "../../kubernetes/owners";
import type { Facts, Operator } from "../operator";
import { cause, suspects } from "./causes";
import { cluster, clusterResource, endpoint, ownerOf, retaining, surplus } from "./cluster";
import { credentials } from "./credentials";
import { searches } from "./evidence";
import { extensions } from "./extensions";
import { health, running } from "./health";
import { monitoring } from "./monitoring";
import { obstruction } from "./obstruction";
import { pooledEndpoint, pooler } from "./pooler";
import { growth, volumeSearches } from "./volumes";
import { watches } from "./watches";

export const facts: Facts = {
  /** CNPG 1.30 accepts no longer cluster name (recordings, refusals.txt). */
  maxNameLength: 50,
  /** CNPG 1.30 accepts these, and then nobody can log in, or does so with the rights of replication (recordings, accepted names). */
  reservedIdentifiers: ["streaming_replica", "cnpg_pooler_pgbouncer", "cnpg_metrics_exporter"],
  // With a pooler, which may come later, there is one more: `-pooler`.
  secretSuffixes: ["-app", "-ca", "-pooler", "-server", "-replication", "-superuser"],
  /** https://cloudnative-pg.io/documentation/1.30/supported_releases/ */
  versions: ["14", "15", "16", "17", "18"],
};

export const cnpg: Operator = {
  title: "CloudNativePG",
  provider: "cloudnative-pg",
  facts,
  objects: {
    resource: clusterResource,
    ref: refOf,
    desired: cluster,
    retaining,
    standing: standingOf,
    ownerOf,
    optional: claim => [extensions(claim), pooler(claim), monitoring(claim)],
    endpoint,
    pooledEndpoint,
  },
  credentials,
  health,
  running,
  diagnosis: { searches, suspects, cause, obstruction, surplus, volumeSearches, growth },
  watches,
  unsupported: () => [],
};
