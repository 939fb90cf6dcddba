/** A legal claim name near to the one that was refused, so that a refusal helps. */
import { maxNameLength, reservedIdentifiers } from "../../operator/facts";
import {
  dns1035,
  identifierOf,
  maxIdentifierLength,
  reservedPrefix,
  reservedRoles,
} from "../../claim/names";

const prefix = "db-";
const suffix = "-db";

/** Always legal, whatever `name` is: a DNS-1035 label within the length, whose database and owner are not reserved. */
export function suggestedName(name: string): string {
  const letters = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  const started = /^[a-z]/.test(letters) && !isReservedPrefix(letters) ? letters : prefix + letters;
  const cut = started.slice(0, maxNameLength - suffix.length).replace(/-+$/, "");
  const free = isReserved(identifierOf(cut)) ? cut + suffix : cut;
  return new RegExp(dns1035).test(free) ? free : "my-db";
}

/** Legal and not reserved, for an identifier that is legal but reserved. */
export function suggestedIdentifier(identifier: string): string {
  const free = identifier.startsWith(reservedPrefix) ? `db_${identifier}` : `${identifier}_db`;
  return free.slice(0, maxIdentifierLength);
}

function isReservedPrefix(name: string): boolean {
  return identifierOf(name).startsWith(reservedPrefix);
}

function isReserved(identifier: string): boolean {
  return [...reservedIdentifiers, ...reservedRoles].some(reserved => reserved === identifier);
}
