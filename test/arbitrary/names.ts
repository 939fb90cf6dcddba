/** Names as Kubernetes and PostgreSQL take them, and strings as nobody should. */
import { reservedIdentifiers } from "../../capabilities/operator/facts";
import * as fc from "fast-check";
import { reservedPrefix, reservedRoles } from "../../capabilities/claim/names";

const letters = "abcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";

function chars(alphabet: string): fc.Arbitrary<string> {
  return fc.constantFrom(...alphabet.split(""));
}

function word(first: string, rest: string, most: number): fc.Arbitrary<string> {
  return fc
    .tuple(chars(first), fc.string({ unit: chars(rest), maxLength: most - 1 }))
    .map(([head, tail]) => head + tail);
}

/** Words with hyphens between: starts with a letter, and does not end with a hyphen. */
function label(most: number): fc.Arbitrary<string> {
  const part = fc.string({ unit: chars(`${letters}${digits}`), minLength: 1, maxLength: 12 });
  const more = fc.array(fc.tuple(fc.constantFrom("-", "--"), part), { maxLength: 4 });
  return fc
    .tuple(word(letters, `${letters}${digits}`, most), more)
    .map(([head, rest]) => head + rest.flat().join(""))
    .map(name => name.slice(0, most).replace(/-+$/, ""));
}

const reserved: readonly string[] = [...reservedIdentifiers, ...reservedRoles];

function isFree(identifier: string): boolean {
  return !reserved.includes(identifier) && !identifier.startsWith(reservedPrefix);
}

/** Names that a claim may have. */
export const claimName = label(50).filter(name => isFree(name.replaceAll("-", "_")));

export const namespaceName = label(63);

/** Names that a Secret or a class may have. */
export const subdomain = fc
  .array(label(20), { minLength: 1, maxLength: 3 })
  .map(parts => parts.join("."));

/** Names that a database or a role may have. */
export const identifier = word(`${letters}_`, `${letters}${digits}_`, 63).filter(isFree);

/** Anything that someone may write where a name is asked for: from nothing to 300 characters, of any script. */
export const anyName = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ unit: chars(`${letters}ABC${digits}-_. `), minLength: 3, maxLength: 300 }),
  fc.constantFrom(
    ...reserved.flatMap(name => [name, name.replaceAll("_", "-"), name.toUpperCase()]),
    ...["pg_", "pg-", "PG-x", "pg--pg-x", "-pg-x", "9", "-", "İ", "ß", "a".repeat(300)],
    `${"a".repeat(46)}-${"b".repeat(10)}`,
  ),
);
