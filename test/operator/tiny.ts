/**
 * A tiny operator that differs in everything that the first could have made the module assume: its object has another name than the
 * claim, belongs to it by an annotation, and its Secret has other keys, another name and another proof. It is for tests alone: no
 * cluster has it.
 */
import { claimKind } from "../../capabilities/claim/names";
import {
  refOf,
  secretResource,
  type KubeObject,
  type Ref,
  type Resource,
} from "../../capabilities/kubernetes/objects";
import type { Operator } from "../../capabilities/operator/operator";

export const tinyResource: Resource = {
  group: "tiny.example.com",
  version: "v1",
  kind: "TinyDatabase",
  plural: "tinydatabases",
};

export type TinyDatabase = KubeObject & {
  readonly spec: { readonly size: string };
  readonly status?: { readonly isUp?: boolean };
};

const ownerMark = "tiny.example.com/claim";

export function refTo(claim: KubeObject): Ref {
  const { name, namespace } = refOf(claim);
  return { name: `tiny-${name}`, namespace };
}

function claimOf({
  metadata,
}: KubeObject): readonly { kind: string; name: string; namespace: string }[] {
  const { name, namespace = "" } = metadata;
  return [{ kind: claimKind, name: name.replace(/^tiny-|\.login$/g, ""), namespace }];
}

export const tiny: Operator = {
  title: "Tiny",
  provider: "tiny",
  facts: {
    maxNameLength: 30,
    reservedIdentifiers: ["tiny"],
    secretSuffixes: [".login"],
    secretEndings: [],
    versions: ["16"],
    fixedSettings: /^tiny\./,
    upgradesMajors: false,
  },
  objects: {
    resource: tinyResource,
    ref: refTo,
    desired: claim => ({
      apiVersion: "tiny.example.com/v1",
      kind: tinyResource.kind,
      metadata: { ...refTo(claim), annotations: { [ownerMark]: claim.metadata.uid ?? "" } },
      ...{ spec: { size: claim.spec.size ?? "small" } },
    }),
    retaining: desired => desired,
    standing: ({ metadata }, claim) => {
      if (metadata.annotations?.[ownerMark] !== claim.metadata.uid) return "foreign";
      return metadata.deletionTimestamp === undefined ? "ours" : "deleting";
    },
    ownerOf: () => "tiny_owner",
    databaseOf: () => "tiny",
    optional: () => [],
    endpoint: claim => `${refTo(claim).name}.example.com`,
    pooledEndpoint: () => undefined,
  },
  credentials: {
    ref: claim => ({ name: `${claim.metadata.name}.login`, namespace: refOf(claim).namespace }),
    of: ({ data = {} }) =>
      data["user"] && data["pass"] ? { username: data["user"], password: data["pass"] } : undefined,
    isProven: (secret, database) =>
      secret.metadata.annotations?.["tiny.example.com/of"] === database.metadata.uid,
    madeFor: ({ metadata }) => metadata.annotations?.["tiny.example.com/of"],
    followed: { name: "tiny.example.com/login", value: "yes" },
    authority: () => undefined,
    certificateOf: () => undefined,
  },
  witnesses: () => [],
  health: database =>
    (database as TinyDatabase).status?.isUp === true
      ? { state: "healthy", message: "up" }
      : { state: "progressing", message: "coming up" },
  running: database => ({
    instances: 1,
    readyInstances: (database as TinyDatabase).status?.isUp === true ? 1 : 0,
  }),
  diagnosis: {
    searches: () => [],
    suspects: () => [],
    cause: () => undefined,
    obstruction: () => undefined,
    surplus: () => undefined,
    volumeSearches: () => [],
    growth: () => undefined,
  },
  watches: [
    { resource: tinyResource, keep: object => object, claimsOf: claimOf },
    {
      resource: secretResource,
      labelSelector: "tiny.example.com/login=yes",
      keep: secret => secret,
      claimsOf: claimOf,
    },
  ],
  sharedDatabases: undefined,
  unsupported: claim =>
    claim.spec.pooler ? [{ field: "spec.pooler", problem: "is not to be had with Tiny" }] : [],
  unsupportedByClass: () => [],
};
