/** The examples are good as they stand; what is shown as refused is refused. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { judge } from "../capabilities/admission/instance/judgement";
import { judgeClass } from "../capabilities/admission/class/judgement";
import { judgeDatabase } from "../capabilities/admission/database/judgement";
import { builtInClass, type PostgresClass } from "../capabilities/claim/class";
import { instanceRef, isSharedWith } from "../capabilities/claim/database";
import { parseClaim, parseDatabaseClaim } from "../capabilities/claim/parse";
import { isSameRef, refOf } from "../capabilities/kubernetes/objects";
import { isRecord } from "../capabilities/claim/schema";

const folder = join(__dirname, "..", "examples");

type Example = { readonly file: string; readonly object: Readonly<Record<string, unknown>> };

const examples: readonly Example[] = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter(file => file.endsWith(".yaml"))
  .sort()
  .flatMap(file =>
    parseAllDocuments(readFileSync(join(folder, file), "utf8")).map(document => {
      const object: unknown = document.toJS();
      if (!isRecord(object)) throw new Error(`${file} has a document that is no object`);
      return { file, object };
    }),
  );

function ofKind(kind: string): readonly (readonly [file: string, object: Example["object"]])[] {
  return examples
    .filter(({ object }) => object.kind === kind)
    .map(({ file, object }) => [file, object]);
}

const classes = ofKind("PostgresClass").map(([, found]) => found as unknown as PostgresClass);

test.each(ofKind("PostgresClass"))(
  "%s is taken, and nothing is to be warned of",
  (_file, found) => {
    expect(judgeClass(found, null, classes, [])).toEqual({ violations: [], warnings: [] });
  },
);

test.each(ofKind("PostgresInstance"))("%s is what it says", (file, claim) => {
  const { violations } = judge(claim, null, classes, []);
  expect(violations.length > 0).toBe(file === "refused.yaml");
});

test.each(ofKind("PostgresDatabase"))("%s goes with its instance", (_file, found) => {
  const { claim, faults } = parseDatabaseClaim(found);
  const instance = ofKind("PostgresInstance")
    .map(([, one]) => parseClaim(one).claim)
    .find(one => isSameRef(refOf(one), instanceRef(claim)));
  const { violations } = judgeDatabase(claim, undefined, { instance, chosen: builtInClass });
  expect([...faults, ...violations]).toEqual([]);
  expect(instance && isSharedWith(instance, claim.metadata.namespace ?? "", {})).toBe(true);
});

test("classes and claims are among them", () => {
  expect(classes.map(({ metadata }) => metadata.name)).toEqual([
    "database-team",
    "home-cluster",
    "replicated",
    "zero-touch",
  ]);
  expect(ofKind("PostgresInstance").length).toBeGreaterThan(3);
});
