/**
 * The kinds that Pepr watches and admits. Pepr 1.1.4: the name of a class is its key for a kind, so each is unique. Goes when a binding
 * can name a kind by group, version and plural.
 */
import { a, RegisterKind } from "pepr";
import { claimResource, classResource, databaseClaimResource } from "../claim/names";

export class PostgresInstance extends a.GenericKind {}
export class PostgresDatabase extends a.GenericKind {}
export class PostgresClass extends a.GenericKind {}

/** Tells Pepr which group, version and plural each class stands for. */
export function registerKinds(): void {
  RegisterKind(PostgresInstance, { ...claimResource });
  RegisterKind(PostgresDatabase, { ...databaseClaimResource });
  RegisterKind(PostgresClass, { ...classResource });
}
