/**
 * Databases of claims of their own in one Cluster: for each a Secret with a password, a DatabaseRole that logs in with it, and a
 * Database that the role owns. https://cloudnative-pg.io/documentation/1.30/declarative_role_management/
 *
 * All lie beside the Cluster and are named for it and the role or database in PostgreSQL: of two claims that want the same name the API
 * server lets one have it, wherever the claims are.
 */
import { claimLabels, nameLabels } from "../../claim/labels";
import { annotations, credentialsType, labels, nameableIdentifier } from "../../claim/names";
import { given } from "../../kubernetes/given";
import {
  apiVersionOf,
  secretResource,
  type KubeObject,
  type Ref,
  type Resource,
  type Secret,
} from "../../kubernetes/objects";
import type { Admitted, OptionalHealth, SharedDatabases, Tenant } from "../operator";
import type { ClusterSpec } from "./cluster";
import { followedLabel } from "./credentials";
import { letsIn } from "./pg-hba";
import { appliedHealth, databaseResource, extensionList, type AppliedStatus } from "./extensions";

export const roleResource = {
  group: "postgresql.cnpg.io",
  version: "v1",
  kind: "DatabaseRole",
  plural: "databaseroles",
} as const satisfies Resource;

type ReclaimPolicy = "retain" | "delete";

export type RoleSpec = {
  readonly cluster: { readonly name: string };
  readonly name: string;
  readonly login: boolean;
  readonly passwordSecret?: { readonly name: string };
  readonly connectionLimit?: number;
  readonly inRoles?: readonly string[];
  readonly databaseRoleReclaimPolicy: ReclaimPolicy;
};

type TenantDatabaseSpec = {
  readonly cluster: { readonly name: string };
  readonly name: string;
  readonly owner: string;
  readonly databaseReclaimPolicy: ReclaimPolicy;
};

/** A Cluster's name has no dot, and a role's no dash: the two are always told apart. */
function nameFor({ instance }: Pick<Tenant, "instance">, name: string): Ref {
  return { name: `${instance.name}.${name.replaceAll("_", "-")}`, namespace: instance.namespace };
}

function passwordSecret(tenant: Pick<Tenant, "instance" | "owner">): Ref {
  return nameFor(tenant, tenant.owner);
}

/** Without the mark by which connection secrets are found: this one is not the claim's to hand out. */
function secretLabels(claim: KubeObject): Readonly<Record<string, string>> {
  return { ...nameLabels(claim), [followedLabel.name]: followedLabel.value };
}

/** CNPG takes the password from here: https://cloudnative-pg.io/documentation/1.30/declarative_role_management/#password-management */
function passwordIn(tenant: Tenant, password: string): Secret {
  const encode = (text: string): string => Buffer.from(text, "utf8").toString("base64");
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { ...passwordSecret(tenant), labels: secretLabels(tenant.claim) },
    type: credentialsType,
    data: { username: encode(tenant.owner), password: encode(password) },
  };
}

/**
 * The login, and before it, where the database bears another name, a role of that name which it is a member of: by that PostgreSQL
 * tells who may connect to the database (`pg-hba.ts`).
 */
function roles(tenant: Tenant): readonly KubeObject[] {
  const { database, owner, connectionLimit } = tenant;
  const login = role(tenant, owner, {
    login: true,
    passwordSecret: { name: passwordSecret(tenant).name },
    connectionLimit,
    ...(database === owner ? {} : { inRoles: [database] }),
  });
  return database === owner ? [login] : [role(tenant, database, { login: false }), login];
}

function role(
  tenant: Tenant,
  name: string,
  asked: Pick<RoleSpec, "login" | "passwordSecret" | "connectionLimit" | "inRoles">,
): KubeObject {
  const spec: RoleSpec = {
    cluster: { name: tenant.instance.name },
    name,
    ...asked,
    databaseRoleReclaimPolicy: policyOf(tenant),
  };
  return {
    apiVersion: apiVersionOf(roleResource),
    kind: roleResource.kind,
    metadata: { ...nameFor(tenant, name), labels: claimLabels(tenant.claim) },
    ...{ spec },
  };
}

/** A member of nothing: it has what is granted to it in the database, and the instance lets it into that one (`pg-hba.ts`). */
function accessRole(tenant: Tenant, name: string): KubeObject {
  const { connectionLimit, instanceUid, database: accessTo } = tenant;
  const passwordSecretName = passwordSecret({ ...tenant, owner: name }).name;
  const made = role(tenant, name, {
    login: true,
    passwordSecret: { name: passwordSecretName },
    connectionLimit,
  });
  const { metadata } = made;
  return {
    ...made,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [labels.accessIn]: instanceUid },
      annotations: { [annotations.accessTo]: accessTo },
    },
  };
}

/** Names of another form are none of the module's, and could say something else in the file that they are written to. */
const admittable = new RegExp(nameableIdentifier);

function admitted({ kind, metadata, ...rest }: KubeObject): Admitted | undefined {
  const { spec } = rest as { readonly spec?: Partial<RoleSpec> };
  const { name: role = "", login } = spec ?? {};
  const { [annotations.accessTo]: database = "" } = metadata.annotations ?? {};
  const isOne = kind === roleResource.kind && login === true;
  return isOne && [role, database].every(name => admittable.test(name))
    ? { database, role }
    : undefined;
}

function database(tenant: Tenant): KubeObject {
  const spec = {
    cluster: { name: tenant.instance.name },
    name: tenant.database,
    owner: tenant.owner,
    databaseReclaimPolicy: policyOf(tenant),
    ...(tenant.extensions.length > 0 && {
      extensions: extensionList(tenant.extensions),
    }),
  };
  return {
    apiVersion: apiVersionOf(databaseResource),
    kind: databaseResource.kind,
    metadata: { ...nameFor(tenant, tenant.database), labels: claimLabels(tenant.claim) },
    ...{ spec },
  };
}

function policyOf({ isDataKept }: Pick<Tenant, "isDataKept">): ReclaimPolicy {
  return isDataKept ? "retain" : "delete";
}

function health(object: KubeObject): OptionalHealth {
  const { kind, metadata } = object;
  if (kind === secretResource.kind) return { state: "healthy", message: "the password is made" };
  const what = kind === roleResource.kind ? `role ${metadata.name}` : "the database";
  const done = kind === roleResource.kind ? "applied" : "as asked for";
  return appliedHealth(object, { open: `${what} is not applied yet`, done: `${what} is ${done}` });
}

/**
 * CNPG 1.30.0 reads the password before it has given itself the right to, and tries again after 30 s; any change of the DatabaseRole has
 * it try at once (seen on the real one, 1 December 2026).
 */
function isEarly(object: KubeObject): boolean {
  const { status = {} } = object as KubeObject & { readonly status?: AppliedStatus };
  const isForbidden = /^secrets ".*" is forbidden: User "system:serviceaccount:/;
  return (
    object.kind === roleResource.kind &&
    status.applied === false &&
    isForbidden.test(status.message ?? "")
  );
}

/** The claim goes: nobody logs in any more, so that a database which is to be dropped is not kept by new sessions. */
function departing(found: KubeObject, isDataKept: boolean): KubeObject {
  const { apiVersion, kind, metadata } = found;
  const { name, namespace } = metadata;
  const marks = Object.entries(metadata.labels ?? {}).filter(
    ([label]) => Object.values<string>(labels).includes(label) || label.endsWith("managed-by"),
  );
  const same = {
    apiVersion,
    kind,
    metadata: { name, ...given({ namespace }), labels: Object.fromEntries(marks) },
  };
  if (kind === roleResource.kind) {
    const { spec } = found as KubeObject & { readonly spec: RoleSpec };
    const { cluster, inRoles } = spec;
    const kept = { cluster, name: spec.name, login: false, ...given({ inRoles }) };
    return {
      ...same,
      ...{ spec: { ...kept, databaseRoleReclaimPolicy: policyOf({ isDataKept }) } },
    };
  }
  const { spec } = found as KubeObject & { readonly spec: TenantDatabaseSpec };
  const { cluster, owner } = spec;
  const kept = { cluster, name: spec.name, owner, databaseReclaimPolicy: policyOf({ isDataKept }) };
  return { ...same, ...{ spec: kept } };
}

/** The instance that an object of a tenant is in. */
function instanceOf(object: KubeObject): Ref {
  const { spec } = object as KubeObject & { readonly spec?: Partial<TenantDatabaseSpec> };
  return { name: spec?.cluster?.name ?? "", namespace: object.metadata.namespace ?? "" };
}

export const sharedDatabases: SharedDatabases = {
  resources: [databaseResource, secretResource, roleResource],
  database: databaseResource,
  passwordSecret,
  passwordIn,
  objects: tenant => [...roles(tenant), database(tenant)],
  accessRole,
  role: roleResource,
  admitted,
  letsIn: (instance, admitted) => {
    const { spec } = instance as KubeObject & { readonly spec?: Partial<ClusterSpec> };
    return letsIn(spec?.postgresql?.pg_hba, admitted);
  },
  health,
  isEarly,
  departing,
  instanceOf,
};
