/** CloudNativePG as an operator: https://cloudnative-pg.io/documentation/1.30/ */
import { refOf } from "../../kubernetes/objects";
import { standingOf } from "../../kubernetes/owners";
import type { Operator } from "../operator";
import { cause, suspects } from "./causes";
import { cluster, clusterResource, endpoint, ownerOf, retaining, surplus } from "./cluster";
import { credentials } from "./credentials";
import { searches } from "./evidence";
import { extensions } from "./extensions";
import { facts } from "./facts";
import { health, running } from "./health";
import { monitoring } from "./monitoring";
import { obstruction } from "./obstruction";
import { pooledEndpoint, pooler } from "./pooler";
import { growth, volumeSearches } from "./volumes";
import { watches } from "./watches";

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
