/** Zalando's postgres-operator as an operator, as 2.0.1 was seen to behave: https://postgres-operator.readthedocs.io/ */
import { standingOfDatabase } from "../../claim/deletion";
import type { Operator } from "../operator";
import { cause, suspects } from "./causes";
import { credentials } from "./credentials";
import { growth, searches, volumeSearches } from "./evidence";
import { facts } from "./facts";
import { health, running, witnesses } from "./health";
import { clusterRef, postgresqlResource } from "./names";
import { databaseOf, endpoint, ownerOf, postgresql, retaining, surplus } from "./postgresql";
import { unsupported, unsupportedByClass } from "./unsupported";
import { watches } from "./watches";

export const zalando: Operator = {
  title: "Zalando's operator",
  provider: "zalando",
  facts,
  objects: {
    resource: postgresqlResource,
    ref: clusterRef,
    desired: postgresql,
    retaining,
    standing: standingOfDatabase,
    ownerOf,
    databaseOf,
    // None is offered: see `unsupported.ts`.
    optional: () => [],
    endpoint,
    pooledEndpoint: () => undefined,
  },
  credentials,
  witnesses,
  health,
  running,
  diagnosis: {
    searches,
    suspects,
    cause,
    // A changed definition reaches the StatefulSet, and with it pods that hang: nothing is in the way of it.
    obstruction: () => undefined,
    surplus,
    volumeSearches,
    growth,
  },
  watches,
  // Its `users` and `databases` share one object with the instance, and its pg_hba is a list of Patroni's as a whole.
  sharedDatabases: undefined,
  unsupported,
  unsupportedByClass,
};
