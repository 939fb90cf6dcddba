/**
 * Plays CNPG for DatabaseRoles: makes them in the Cluster's server, with the password of the Secret that they name, and follows that
 * where it is labelled. Recordings 30 to 38.
 */
import type { Secret } from "../../../capabilities/kubernetes/objects";
import type { Api } from "../api";
import type { Database } from "../database";
import { collectionOf } from "../paths";
import type { Declared, Part } from "./declared";

export type RoleObject = Declared & {
  readonly spec: {
    readonly login?: boolean;
    readonly passwordSecret?: { readonly name: string };
    readonly connectionLimit?: number;
    readonly inRoles?: readonly string[];
    readonly databaseRoleReclaimPolicy?: "delete" | "retain";
  };
};

type Password = { readonly password?: string; readonly fault?: string };

/** In ms: how long CNPG takes to give itself the right to read a Secret that a DatabaseRole names. */
const rightDelay = 300;

export function rolePart(server: Pick<Database, "grant" | "drop">, api: Api): Part<RoleObject> {
  /** When a Secret was first asked for, by uid of the Cluster and name. */
  const asked = new Map<string, number>();

  /** CNPG tries too early, and then not for 30 s unless the object changes (seen on the real one, 1 December 2026). */
  function mayRead(uid: string, name: string): boolean {
    const key = `${uid} ${name}`;
    const since = asked.get(key) ?? Date.now();
    asked.set(key, since);
    return Date.now() - since >= rightDelay;
  }

  return {
    plural: "databaseroles",
    finalizer: "cnpg.io/deleteRole",
    tellsOfDrop: true,
    provide: async (uid, found) => {
      const { name, login = false, connectionLimit = -1, inRoles = [] } = found.spec;
      const secret = found.spec.passwordSecret?.name;
      if (secret !== undefined && !mayRead(uid, secret)) return { fault: forbidden(found, secret) };
      const { password, fault } = await passwordOf(found, api);
      if (fault !== undefined) return { fault };
      return {
        fault: await server.grant(uid, { name, login, password, connectionLimit, inRoles }),
      };
    },
    drop: async (uid, { spec }) => {
      if (spec.databaseRoleReclaimPolicy !== "delete") return undefined;
      const fault = await server.drop(uid, "ROLE", spec.name);
      return fault && `while deleting role ${spec.name} with role reconciler: ${fault}`;
    },
  };
}

function forbidden({ metadata, spec }: RoleObject, secret: string): string {
  const { namespace = "" } = metadata;
  return `secrets "${secret}" is forbidden: User "system:serviceaccount:${namespace}:${spec.cluster.name}" cannot get resource "secrets" in API group "" in the namespace "${namespace}"`;
}

async function passwordOf({ metadata, spec }: RoleObject, api: Api): Promise<Password> {
  const name = spec.passwordSecret?.name;
  if (name === undefined) return {};
  const { namespace = "" } = metadata;
  const type = { apiVersion: "v1", kind: "Secret", metadata: { name, namespace } };
  const found: Secret | undefined = await api.read(`${collectionOf(type)}/${name}`);
  if (!found) return { fault: `secrets "${name}" not found` };
  const [username, password] = ["username", "password"].map(key =>
    Buffer.from(found.data?.[key] ?? "", "base64").toString("utf8"),
  );
  if (username !== spec.name) {
    return {
      fault: `while getting the role password: the username in secret "${name}" does not match role "${spec.name}"`,
    };
  }
  return password === undefined ? {} : { password };
}
