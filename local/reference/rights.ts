/** The module's rights where they are written down: `pepr.rbac` of package.json, and a table for people. */
import { rights, rightsOfPepr, ruleOf, type Right } from "../../capabilities/rights";
import { table } from "./markdown";

/** However npm or a person has laid it out. */
const written = /^( *)"rbac": \[(?:\]|[\s\S]*?\n\1\])/m;

/** The text of package.json with the rights as they are now, one rule a line, and all else as it was. */
export function withRights(packageJson: string): string {
  if (!written.test(packageJson)) throw new Error("package.json has no pepr.rbac");
  return packageJson.replace(written, (_found, indent: string) => {
    const rules = rights.map(right => `${indent}  ${inOneLine(ruleOf(right))}`);
    return `${indent}"rbac": [\n${rules.join(",\n")}\n${indent}]`;
  });
}

/** JSON as Prettier has it. */
function inOneLine(value: object): string {
  const fields = Object.entries(value).map(
    ([name, words]) => `"${name}": [${(words as string[]).map(word => `"${word}"`).join(", ")}]`,
  );
  return `{ ${fields.join(", ")} }`;
}

export function rightsTable(): string {
  const ours = rights.map(right => row(right));
  const rows = [...ours, ...rightsOfPepr.map(right => row(right, "Pepr for itself. "))];
  return table(["group", "resources", "verbs", "why"], rows);
}

function row(right: Right, whose = ""): readonly string[] {
  const { apiGroups, resources, resourceNames = [], verbs, why } = right;
  const groups = apiGroups.map(group => (group === "" ? "core" : group)).join(", ");
  const named = resourceNames.length === 0 ? "" : `, only ${code(resourceNames)}`;
  return [groups, `${code(resources)}${named}`, verbs.join(", "), `${whose}${why}`];
}

function code(words: readonly string[]): string {
  return words.map(word => `\`${word}\``).join(", ");
}
