/** Logins beside the owner's, and every Secret that a claim has written. */
import type { accessSchema } from "./access-schema";
import { connectionRef, connectionRefs, type AnyClaim } from "./claim";
import { databaseAndOwner, type DatabaseClaim } from "./database";
import type { Ref } from "../kubernetes/objects";

export type AccessLevel = keyof (typeof accessSchema)["properties"];

/** The role of each level is the database's name with this behind it: nobody may choose whose name it takes. */
const suffixes: Readonly<Record<AccessLevel, string>> = {
  readOnly: "_readonly",
  readWrite: "_readwrite",
};

export const accessLevels = Object.keys(suffixes) as readonly AccessLevel[];

/** The longest name of a database whose roles of access PostgreSQL takes whole. */
export const maxSuffixLength = Math.max(...Object.values(suffixes).map(({ length }) => length));

/** A login that a claim asks for. */
export type AccessLogin = {
  readonly level: AccessLevel;
  readonly role: string;
  /** The field that names its Secret, for messages. */
  readonly field: string;
  readonly ref: Ref;
};

export function accessRole(claim: AnyClaim, level: AccessLevel): string {
  return `${databaseAndOwner(claim).database}${suffixes[level]}`;
}

/** The logins that the claim asks for. */
export function accessLogins(claim: AnyClaim): readonly AccessLogin[] {
  const { namespace = "" } = claim.metadata;
  return accessLevels.flatMap(level => {
    const name = claim.spec.access?.[level]?.secretRef.name;
    if (name === undefined) return [];
    const field = `spec.access.${level}.secretRef.name`;
    return [{ level, role: accessRole(claim, level), field, ref: { name, namespace } }];
  });
}

/** The roles and databases that the claim needs under its names alone: for one in two, both. */
export function neededNames(claim: DatabaseClaim): readonly string[] {
  const { database, owner } = databaseAndOwner(claim);
  return [...new Set([database, owner, ...accessLogins(claim).map(({ role }) => role)])];
}

/** Every place in which the claim names a Secret that the module is to write. */
export function writtenRefs(claim: AnyClaim): readonly { field: string; ref: Ref }[] {
  return [...connectionRefs(claim), ...accessLogins(claim)];
}

/** The Secrets that the module writes for the claim. */
export function writtenSecrets(claim: AnyClaim): readonly Ref[] {
  const own = connectionRef(claim);
  return [...(own ? [own] : []), ...accessLogins(claim).map(({ ref }) => ref)];
}
