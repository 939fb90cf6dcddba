/** What a stand-in wants of its databases, and the one that is no database at all. */

/** By what clients know the server, in PEM. The key is in clear: never print one. */
export type Identity = { readonly certificate: string; readonly key: string };

/** What is asked of a database. The password is in clear: never print one. */
export type Wish = {
  readonly owner: string;
  readonly database: string;
  readonly password: string;
  /** Without one the server speaks no TLS. */
  readonly identity?: Identity | undefined;
};

/** An extension of a database, to be there or not. */
export type Extension = {
  readonly name: string;
  readonly version?: string;
  readonly ensure?: "present" | "absent";
};

/** A role that logs in, or a group. The password is in clear: never print one. */
export type Role = {
  readonly name: string;
  readonly login: boolean;
  /** Undefined where it is to have none. */
  readonly password?: string | undefined;
  /** -1 is no limit. */
  readonly connectionLimit: number;
  readonly inRoles: readonly string[];
};

export type Server = {
  /** host:port; absent where nothing listens. */
  readonly address?: string;
};

/** The databases of a stand-in, each under the uid of the object that asked for it. */
export type Database = {
  /** The running server, if there is one. */
  readonly server: (uid: string) => Server | undefined;
  /** Starts the server, with its old data if it has any, and sees to role and database. */
  readonly start: (uid: string, wish: Wish) => Promise<void>;
  /** Throws unless the owner can log in. */
  readonly login: (uid: string, wish: Wish) => Promise<void>;
  /** Makes the owner's password the wished one; tells whether it was another before. */
  readonly follow: (uid: string, wish: Wish) => Promise<boolean>;
  /** Has the server, if one runs, show this of itself from now on. */
  readonly identify: (uid: string, identity: Identity) => Promise<void>;
  /** Sees to an extension of this database; gives what PostgreSQL has against it. */
  readonly extend: (
    uid: string,
    database: string,
    extension: Extension,
  ) => Promise<string | undefined>;
  /** Sees to a role; gives what PostgreSQL has against it. */
  readonly grant: (uid: string, role: Role) => Promise<string | undefined>;
  /** Sees to a database of this owner; gives what PostgreSQL has against it. */
  readonly found: (uid: string, database: string, owner: string) => Promise<string | undefined>;
  /** Drops a database or a role; gives what PostgreSQL has against it. */
  readonly drop: (
    uid: string,
    what: "DATABASE" | "ROLE",
    name: string,
  ) => Promise<string | undefined>;
  /** Has the server, if one runs, let in by these lines of pg_hba.conf alone. */
  readonly admit: (uid: string, lines: readonly string[]) => Promise<void>;
  /** Stops the server and keeps the data. */
  readonly stop: (uid: string) => Promise<void>;
  /** Stops the server and removes the data. */
  readonly remove: (uid: string) => Promise<void>;
  /** Stops and removes all. */
  readonly close: () => Promise<void>;
};

/** No servers: all are said to be up, for measuring what others do with hundreds of objects. */
export function noDatabase(): Database {
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    server: () => ({}),
    start: nothing,
    login: nothing,
    follow: () => Promise.resolve(false),
    identify: nothing,
    extend: () => Promise.resolve(undefined),
    grant: () => Promise.resolve(undefined),
    found: () => Promise.resolve(undefined),
    drop: () => Promise.resolve(undefined),
    admit: nothing,
    stop: nothing,
    remove: nothing,
    close: nothing,
  };
}
