/** What goes wrong with a database that is asked for by a program: one family of errors, told apart by `code`. */

export type DatabaseErrorCode =
  | "configuration"
  | "unreachable"
  | "notInstalled"
  | "forbidden"
  | "refused"
  | "notFound"
  | "failed"
  | "timeout";

/** The same in every copy of the package, whose classes differ. */
const family = Symbol.for("zero-touch-postgres/DatabaseError");

/** What the claim says of itself. */
export type ToldByClaim = {
  /** The reason of the condition that holds the claim up, as in docs/troubleshooting.md; undefined where the claim told none. */
  readonly reason?: string | undefined;
  /** What to do; undefined where the message says all. */
  readonly remedy?: string | undefined;
};

export abstract class DatabaseError extends Error {
  abstract readonly code: DatabaseErrorCode;
  readonly reason: string | undefined;
  readonly remedy: string | undefined;

  constructor(message: string, { reason, remedy, ...options }: ErrorOptions & ToldByClaim = {}) {
    super(message, options);
    this.name = new.target.name;
    this.reason = reason;
    this.remedy = remedy;
  }

  // Not a field: nobody wants to see it where an error is printed.
  get [family](): true {
    return true;
  }
}

/** The kubeconfig, or an argument of the call, is wrong: nothing was asked of a cluster. */
export class ConfigurationError extends DatabaseError {
  readonly code = "configuration";
}

/** The API server gave no answer, or one that says to come back later: the same call may succeed. */
export class UnreachableError extends DatabaseError {
  readonly code = "unreachable";
}

/** The cluster does not know PostgresInstance. */
export class NotInstalledError extends DatabaseError {
  readonly code = "notInstalled";
}

/** The account has not the right that the call needs. */
export class ForbiddenError extends DatabaseError {
  readonly code = "forbidden";
}

/** What is asked for breaks a rule. The message names each fault. */
export class RefusedError extends DatabaseError {
  readonly code = "refused";
}

/** There is no such database, or no Secret of it. */
export class NotFoundError extends DatabaseError {
  readonly code = "notFound";
}

/** The database cannot get ready before somebody acts. The claim stays, and goes on by itself then. */
export class FailedError extends DatabaseError {
  readonly code = "failed";
}

/** The database is not ready within the time that the call had. The claim stays. */
export class TimeoutError extends DatabaseError {
  readonly code = "timeout";
}

/** Whether it is one of this family, of whichever copy of the package: `instanceof` knows its own copy alone. */
export function isDatabaseError(fault: unknown): fault is DatabaseError {
  return fault instanceof Error && family in fault;
}
