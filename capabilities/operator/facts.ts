/** What holds for a claim whichever operator runs its database: what any of them keeps for itself is kept from all. */
import { postgresIdentifiers } from "../claim/names";
import type { KubeObject } from "../kubernetes/objects";
import { operators } from "./operators";

const all = Object.values(operators);

/** Longer names suit none. */
export const maxNameLength = Math.max(...all.map(({ facts }) => facts.maxNameLength));

/** Databases and roles that PostgreSQL or an operator keeps for itself. */
export const reservedIdentifiers: readonly string[] = unique([
  ...postgresIdentifiers,
  ...all.flatMap(({ facts }) => facts.reservedIdentifiers),
]);

/** What operators append to a claim's name to name a Secret. */
export const operatorSecretSuffixes: readonly string[] = unique(
  all.flatMap(({ facts }) => facts.secretSuffixes),
);

/** What the names of Secrets end with that operators make for databases of whatever name. */
export const operatorSecretEndings: readonly string[] = unique(
  all.flatMap(({ facts }) => facts.secretEndings),
);

/** The operators that keep some for themselves, for messages. */
export const operatorTitles = all
  .filter(({ facts }) => facts.reservedIdentifiers.length > 0)
  .map(({ title }) => title)
  .join(" or ");

/** Names of the Secrets that an operator makes beside a claim's database. */
export function operatorSecretNames({ metadata }: KubeObject): readonly string[] {
  return operatorSecretSuffixes.map(suffix => `${metadata.name}${suffix}`);
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}
