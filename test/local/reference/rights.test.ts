/** The module's rights as package.json and SECURITY.md have them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rights, ruleOf } from "../../../capabilities/rights";
import { command } from "../../../local/reference/document";
import { rightsTable, withRights } from "../../../local/reference/rights";

const text = readFileSync(join(__dirname, "../../../package.json"), "utf8");

test("package.json has the rights as they are now", () => {
  const isInStep = withRights(text) === text;
  expect(isInStep ? "in step" : `package.json is out of step: run "${command}"`).toBe("in step");
  const { pepr } = JSON.parse(text) as { pepr: { rbac: unknown } };
  expect(pepr.rbac).toEqual(rights.map(ruleOf));
});

test("each rule is in one line, however npm has laid the file out", () => {
  const byNpm = `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
  const written = withRights(byNpm);
  expect(JSON.parse(written)).toEqual(JSON.parse(text));
  const rules = written.split("\n").filter(line => line.includes('"apiGroups"'));
  expect(rules).toHaveLength(rights.length);
  expect(rules.every(line => / \},?$/.test(line))).toBe(true);
});

test("all but the rights stays as it was", () => {
  const before = '{\n  "a": [1],\n  "rbac": [],\n  "b": { "rbac": 1 }\n}\n';
  const rest = (packageJson: string): string =>
    packageJson.replace(/"rbac": \[[\s\S]*\n {2}\]/, '"rbac": []');
  expect(rest(withRights(before))).toBe(before);
  expect(() => withRights("{}")).toThrow("package.json has no pepr.rbac");
});

test("the table says what each right is for, and which of them Pepr takes for itself", () => {
  const rows = rightsTable().split("\n");
  expect(rows).toContain(
    "| core | `namespaces` | get, list, watch | Reads whose connections a namespace accepts. |",
  );
  expect(rows).toContain(
    "| pepr.dev | `peprstores` | create, get, patch, watch | Pepr for itself. Keeps its store. |",
  );
  expect(rows).toContainEqual(expect.stringContaining("only `pepr-zero-touch-postgres` |"));
});
