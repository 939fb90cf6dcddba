import * as fc from "fast-check";
import { violations } from "../../../capabilities/admission/instance/rules";
import { suggestedName } from "../../../capabilities/admission/instance/suggestion";
import { builtInClass } from "../../../capabilities/claim/class";
import { anyName, claimName } from "../../arbitrary/names";
import { named } from "../../good-claim";

test.each([
  ["Orders DB", "orders-db"],
  ["orders_db", "orders-db"],
  ["a.b", "a-b"],
  ["--a--", "a"],
  ["1abc", "db-1abc"],
  ["postgres", "postgres-db"],
  ["none", "none-db"],
  ["pg-x", "db-pg-x"],
  ["PG_X", "db-pg-x"],
  ["pg", "pg"],
  ["Größe", "gr-e"],
  ["数据库", "db"],
  ["", "db"],
  ["a".repeat(300), "a".repeat(47)],
  [`${"a".repeat(46)}-b`, "a".repeat(46)],
])("near to %j is %j", (name, suggested) => {
  expect(suggestedName(name)).toBe(suggested);
});

test("what is suggested breaks no rule, whatever was written", () => {
  fc.assert(
    fc.property(anyName, name => {
      const claim = named(suggestedName(name));
      expect(violations({ claim, chosen: builtInClass, classNames: [] })).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test("a suggestion that is written is not bettered", () => {
  fc.assert(
    fc.property(fc.oneof(anyName, claimName), name => {
      const once = suggestedName(name);
      expect(suggestedName(once)).toBe(once);
    }),
    { numRuns: 500 },
  );
});
