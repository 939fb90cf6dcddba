/** Databases in Pulumi programs. */
export { Application, type ApplicationArgs } from "./application";
export { classFromConfig, PostgresClass, type PostgresClassArgs } from "./class";
export {
  createDatabase,
  PostgresDatabase,
  PostgresInstance,
  type DatabaseResult,
  type PostgresDatabaseArgs,
  type PostgresInstanceArgs,
} from "./database";
export type { EnvVar } from "./environment";
export type { DatabaseConfig } from "../sdk/config";
