/** The kinds that Pepr watches and admits: class names are Pepr's keys, so each is unique. */
import { a, RegisterKind } from "pepr";
import { claimResource, classResource } from "../claim/names";

export class PostgresInstance extends a.GenericKind {}
export class PostgresClass extends a.GenericKind {}

/** Tells Pepr which group, version and plural each class stands for. */
export function registerKinds(): void {
  RegisterKind(PostgresInstance, { ...claimResource });
  RegisterKind(PostgresClass, { ...classResource });
}
