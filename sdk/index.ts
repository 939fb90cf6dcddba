/** `zero-touch-postgres/sdk`: databases by function call. docs/typescript.md shows how. */
export {
  backupDatabase,
  createDatabase,
  deleteDatabase,
  getDatabase,
  restoreDatabase,
  waitForDatabase,
  type DatabaseOptions,
} from "./database";
export type { Database } from "./connection";
export type { DatabaseConfig, DatabaseName } from "./config";
export {
  ConfigurationError,
  DatabaseError,
  FailedError,
  ForbiddenError,
  isDatabaseError,
  NotFoundError,
  NotInstalledError,
  RefusedError,
  TimeoutError,
  UnreachableError,
  type DatabaseErrorCode,
} from "./errors";
