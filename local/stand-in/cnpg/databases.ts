/**
 * Plays CNPG for Databases: makes them in the Cluster's server, or takes over what is there, and sees to their extensions. As its sources
 * have it: https://github.com/cloudnative-pg/cloudnative-pg/blob/v1.30.0/internal/management/controller/database_controller.go
 */
import type { Database, Extension } from "../database";
import type { Declared, DeclaredStatus, Part, Provided } from "./declared";

export type DatabaseObject = Declared & {
  readonly spec: {
    readonly owner: string;
    readonly databaseReclaimPolicy?: "delete" | "retain";
    readonly extensions?: readonly Extension[];
  };
  readonly status?: DatabaseStatus;
};

export type DatabaseStatus = DeclaredStatus & {
  readonly extensions?: readonly {
    readonly name: string;
    readonly applied: boolean;
    readonly message?: string;
  }[];
};

export function databasePart(
  server: Pick<Database, "extend" | "found" | "drop">,
): Part<DatabaseObject> {
  return {
    plural: "databases",
    finalizer: "cnpg.io/deleteDatabase",
    tellsOfDrop: false,
    provide: async (uid, { spec }) => {
      const { name, owner, extensions } = spec;
      const fault = await server.found(uid, name, owner);
      if (fault !== undefined) return { fault: `while creating database "${name}": ${fault}` };
      if (!extensions) return {};
      return extended(
        await Promise.all(
          extensions.map(async extension => ({
            name: extension.name,
            message: await server.extend(uid, name, extension),
          })),
        ),
      );
    },
    drop: async (uid, { spec }) =>
      spec.databaseReclaimPolicy === "delete" ? server.drop(uid, "DATABASE", spec.name) : undefined,
  };
}

function extended(
  results: readonly { readonly name: string; readonly message: string | undefined }[],
): Provided {
  const extensions = results.map(({ name, message }) => ({
    name,
    applied: message === undefined,
    ...(message === undefined ? {} : { message }),
  }));
  return extensions.every(({ applied }) => applied)
    ? { details: { extensions } }
    : { fault: "database object reconciliation failed", details: { extensions } };
}
