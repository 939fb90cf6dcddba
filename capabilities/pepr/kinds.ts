/** The kinds that Pepr watches and admits: class names are Pepr's keys, so each is unique. */
import { a, RegisterKind } from "pepr";
import { clusterResource } from "../operator/cnpg/cluster";
import { databaseResource } from "../operator/cnpg/extensions";
import { poolerResource } from "../operator/cnpg/pooler";
import type { Resource } from "../kubernetes/objects";
import { claimResource, classResource } from "../claim/names";

export class PostgresInstance extends a.GenericKind {}
export class PostgresClass extends a.GenericKind {}
export class CnpgCluster extends a.GenericKind {}
export class CnpgDatabase extends a.GenericKind {}
export class CnpgPooler extends a.GenericKind {}

/** Tells Pepr which group, version and plural each class stands for. */
export function registerKinds(): void {
  const kinds: readonly (readonly [typeof a.GenericKind, Resource])[] = [
    [PostgresInstance, claimResource],
    [PostgresClass, classResource],
    [CnpgCluster, clusterResource],
    [CnpgDatabase, databaseResource],
    [CnpgPooler, poolerResource],
  ];
  for (const [kindClass, resource] of kinds) RegisterKind(kindClass, { ...resource });
}
