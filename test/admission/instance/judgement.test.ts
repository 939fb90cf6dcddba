import * as fc from "fast-check";
import { isExempt, judge } from "../../../capabilities/admission/instance/judgement";
import type { PostgresClass } from "../../../capabilities/claim/class";
import { annotations } from "../../../capabilities/claim/names";
import { anyClaim, anyJson, claimAndClass } from "../../arbitrary/claim";
import { postgresClass } from "../../arbitrary/class";
import { deepFreeze } from "../../arbitrary/frozen";
import { goodClaim, withSpec } from "../../good-claim";

function aClass(name: string, allowed: readonly string[], isDefault = false): PostgresClass {
  return deepFreeze({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name, annotations: { [annotations.isDefaultClass]: String(isDefault) } },
    spec: { versions: { default: allowed[0] ?? "16", allowed } },
  });
}

const gold = aClass("gold", ["18", "17"]);
const usual = aClass("usual", ["16"], true);

function request(spec: object): unknown {
  return { ...goodClaim, spec };
}

test("a new claim gets the defaults of the default class", () => {
  const { claim, violations } = judge(request({}), null, [gold, usual], []);
  expect(violations).toEqual([]);
  expect(claim.spec).toEqual({ size: "small", className: "usual", version: "16", storageGB: 20 });
});

test("a creation is no change, whether it comes with null or with nothing", () => {
  for (const old of [null, undefined]) {
    expect(judge(request({ databaseName: "shop" }), old, [], []).violations).toEqual([]);
  }
});

test("schema, rules, change and conflicts are all told of, in this order", () => {
  const old = withSpec({ className: "gold", version: "18" });
  const other = { ...goodClaim, metadata: { ...goodClaim.metadata, name: "other" } };
  const spec = { size: "huge", className: "gold", version: "16" };
  const { violations } = judge(request(spec), old, [gold], [other]);
  expect(violations.map(({ field }) => field)).toEqual([
    ...["spec.size", "spec.version", "spec.version", "writeConnectionSecretToRef"],
  ]);
});

test("a version whose upgrade has failed may be set back, though the class allows it no more", () => {
  const was = withSpec({ className: "gold", version: "18" });
  const back = request({ className: "gold", version: "16" });
  const warnings = [
    "spec.version: the upgrade from 16 to 18 is given up, and the database starts again with 16",
  ];
  const failed = { ...was, status: { version: "16" } };
  expect(judge(back, failed, [gold], [])).toMatchObject({ violations: [], warnings });
  for (const status of [undefined, null, {}, { version: 16 }, { version: "18" }]) {
    expect(judge(back, { ...was, status }, [gold], []).violations).toHaveLength(2);
  }
});

test("an update that leaves out the class is judged by the class that it has, not by the default one", () => {
  const old = withSpec({ className: "gold", version: "18" });
  const { claim, violations } = judge(request({}), old, [gold, usual], []);
  expect(violations).toEqual([]);
  expect(claim.spec).toMatchObject({ className: "gold", version: "18" });
});

test("an update that sends the claim as it was written at first is taken", () => {
  const spec = { size: "large", className: "gold", databaseName: "shop" };
  const first = judge(request(spec), null, [gold], []).claim;
  const again = judge(request(spec), first, [gold], []);
  expect(again).toEqual({ claim: first, violations: [], warnings: [] });
});

test("a good claim is taken, and comes back with its defaults as good as before", () => {
  fc.assert(
    fc.property(claimAndClass(postgresClass), ({ claim, found }) => {
      const first = judge(claim, null, [found], []);
      expect(first.violations).toEqual([]);
      const second = judge(first.claim, first.claim, [found], []);
      expect(second).toEqual({ ...first, warnings: [] });
    }),
  );
});

test("any JSON gives faults, never a throw", () => {
  fc.assert(
    fc.property(
      anyClaim,
      fc.oneof(anyClaim, anyJson),
      fc.array(postgresClass, { maxLength: 2 }),
      (value, old, classes) => {
        const { claim, violations } = judge(value, old, classes, [goodClaim]);
        expect(typeof claim.metadata.name).toBe("string");
        for (const { field, problem } of violations) expect([field, problem]).not.toContain("");
      },
    ),
  );
});

describe("what needs no judging", () => {
  const labelled = { ...goodClaim, metadata: { ...goodClaim.metadata, labels: { a: "b" } } };
  const { metadata } = goodClaim;
  const leaving = { ...metadata, deletionTimestamp: "2026-01-01T00:00:00Z" };
  const ref = { name: "orders-postgres", namespace: "team-b" };
  test.each<readonly [string, unknown, unknown, boolean]>([
    ["a claim that is only labelled", labelled, goodClaim, true],
    [
      "a claim on its way out, whatever it asks for",
      { ...withSpec({ size: "large" }), metadata: leaving },
      goodClaim,
      true,
    ],
    [
      "a claim whose status alone is new",
      { ...goodClaim, status: { phase: "Ready" } },
      goodClaim,
      true,
    ],
  ])("%s", (_title, value, old, expected) => {
    expect(isExempt(value, old)).toBe(expected);
  });

  test.each<readonly [string, unknown, unknown]>([
    ["a new claim", goodClaim, null],
    ["a new claim, the old one not mentioned", goodClaim, undefined],
    ["a new claim that says that it is on its way out", { ...goodClaim, metadata: leaving }, null],
    ["another spec", withSpec({ size: "large" }), goodClaim],
    ["another ref", { ...goodClaim, writeConnectionSecretToRef: ref }, goodClaim],
    [
      "a time of deletion that is none",
      { ...withSpec({ size: "large" }), metadata: { ...metadata, deletionTimestamp: null } },
      goodClaim,
    ],
    ["what is no object", "claim", goodClaim],
  ])("but not %s", (_title, value, old) => {
    expect(isExempt(value, old)).toBe(false);
  });

  test("any JSON gives an answer, never a throw", () => {
    fc.assert(
      fc.property(fc.oneof(anyClaim, anyJson), fc.oneof(anyClaim, anyJson), (value, old) => {
        expect(typeof isExempt(value, old)).toBe("boolean");
      }),
    );
  });

  test("only what asks for the same as before is let through", () => {
    fc.assert(
      fc.property(claimAndClass(postgresClass), claimAndClass(postgresClass), (one, two) => {
        const [now, old] = [one.claim, two.claim];
        const isSame =
          JSON.stringify([now.spec, now.writeConnectionSecretToRef]) ===
          JSON.stringify([old.spec, old.writeConnectionSecretToRef]);
        expect(isExempt(now, old)).toBe(isSame);
        expect(isExempt({ ...old, metadata: now.metadata }, old)).toBe(true);
      }),
    );
  });
});
