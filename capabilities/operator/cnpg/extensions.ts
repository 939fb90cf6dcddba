/**
 * The extensions of a claim: a CNPG Database of its database, which CNPG takes over as initdb has made it.
 * https://cloudnative-pg.io/documentation/1.30/declarative_database_management/
 */
import { claimLabels } from "../../claim/labels";
import { ownerReference } from "../../kubernetes/owners";
import { databaseName, databaseOwner, type Claim, type Extension } from "../../claim/claim";
import { given } from "../../kubernetes/given";
import { apiVersionOf, type KubeObject, type Resource, refOf } from "../../kubernetes/objects";
import type { OptionalObject, OptionalHealth } from "../operator";

export const databaseResource = {
  group: "postgresql.cnpg.io",
  version: "v1",
  kind: "Database",
  plural: "databases",
} as const satisfies Resource;

export type DatabaseSpec = {
  readonly cluster: { readonly name: string };
  readonly name: string;
  readonly owner: string;
  readonly databaseReclaimPolicy: "retain";
  readonly extensions: readonly {
    readonly name: string;
    readonly ensure: "present" | "absent";
    readonly version?: string;
  }[];
};

export type Database = KubeObject & { readonly spec: DatabaseSpec };

export function extensions(claim: Claim): OptionalObject {
  const isWanted = (claim.spec.extensions ?? []).length > 0;
  return {
    field: "extensions",
    resource: databaseResource,
    provider: "CloudNativePG 1.30",
    ref: refOf(claim),
    desired: isWanted ? database(claim) : undefined,
    health,
  };
}

/**
 * Whatever becomes of this object, database and extensions stay: CNPG leaves alone what is not in the list, and drops an
 * extension only where it is said to be absent, and nothing else depends on it.
 */
function database(claim: Claim): Database {
  return {
    apiVersion: apiVersionOf(databaseResource),
    kind: databaseResource.kind,
    metadata: {
      ...refOf(claim),
      labels: claimLabels(claim),
      ownerReferences: [ownerReference(claim)],
    },
    spec: {
      cluster: { name: claim.metadata.name },
      name: databaseName(claim),
      owner: databaseOwner(claim),
      databaseReclaimPolicy: "retain",
      extensions: extensionList(claim.spec.extensions ?? []),
    },
  };
}

/** As a Database has them. */
export function extensionList(asked: readonly Extension[]): DatabaseSpec["extensions"] {
  return asked.map(({ name, version, ensure = "present" }) => ({
    name,
    ensure,
    ...given({ version }),
  }));
}

/** What CNPG says of what is declared within a Cluster, a database or a role. */
export type AppliedStatus = {
  readonly applied?: boolean;
  readonly observedGeneration?: number;
  readonly message?: string;
};

type DatabaseStatus = AppliedStatus & {
  readonly extensions?: readonly {
    readonly name: string;
    readonly applied: boolean;
    readonly message?: string;
  }[];
};

function health(object: KubeObject): OptionalHealth {
  return appliedHealth(object, {
    open: "the extensions are not applied yet",
    done: "the extensions are as asked for",
  });
}

/** CNPG 1.30 counts a generation as observed only once all of it is applied, and tries again every 30 s until then. */
export function appliedHealth(
  object: KubeObject,
  words: { readonly open: string; readonly done: string },
): OptionalHealth {
  const { status = {}, metadata } = object as KubeObject & { readonly status?: DatabaseStatus };
  const { applied, observedGeneration, message = "" } = status;
  if (applied === false) {
    return { state: "failed", message: failureOf(status) || message || "no reason given" };
  }
  if (applied !== true || observedGeneration !== metadata.generation) {
    return { state: "progressing", message: message || words.open };
  }
  return { state: "healthy", message: words.done };
}

function failureOf({ extensions: all = [] }: DatabaseStatus): string {
  return all
    .filter(({ applied }) => !applied)
    .map(({ name, message = "not applied" }) => `${name}: ${message}`)
    .join("; ");
}
