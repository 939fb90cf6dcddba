import * as fc from "fast-check";
import { changeViolations } from "../../../capabilities/admission/instance/changes";
import { isExempt } from "../../../capabilities/admission/instance/judgement";
import { withDefaults } from "../../../capabilities/admission/instance/defaults";
import { parseClaim } from "../../../capabilities/claim/parse";
import type { Claim, ClaimSpec } from "../../../capabilities/claim/claim";
import { builtInClass } from "../../../capabilities/claim/class";
import type { Violation } from "../../../capabilities/claim/violation";
import { anyClaim, claimAndClass } from "../../arbitrary/claim";
import { completedClass, postgresClass } from "../../arbitrary/class";
import { goodClaim, withSpec } from "../../good-claim";

type Changes = { readonly [K in keyof ClaimSpec]?: ClaimSpec[K] | undefined };

const immutable = (field: string, before: string, now: string): readonly Violation[] => [
  {
    field,
    problem: `was "${before}" and cannot become "${now}": it is immutable; make a new claim instead`,
  },
];

const cases: readonly (readonly [string, Changes, Changes, readonly Violation[]])[] = [
  ["takes a claim as it was", {}, {}, []],
  ["takes another size", { size: "small" }, { size: "large" }, []],
  ["takes more and fewer instances", { instances: 3 }, { instances: 1 }, []],
  ["takes another ref", { connectionSecretName: "a" }, { connectionSecretName: "b" }, []],
  [
    "refuses another class",
    { className: "gold" },
    { className: "silver" },
    immutable("spec.className", "gold", "silver"),
  ],
  [
    "refuses to drop the class",
    { className: "gold" },
    { className: undefined },
    immutable("spec.className", "gold", ""),
  ],
  ["takes a class for an older claim without", { className: undefined }, { className: "gold" }, []],
  [
    "refuses another database",
    { databaseName: "shop" },
    { databaseName: "store" },
    immutable("spec.databaseName", "shop", "store"),
  ],
  [
    "refuses to name a database that was derived",
    {},
    { databaseName: "shop" },
    immutable("spec.databaseName", "orders_db", "shop"),
  ],
  [
    "refuses to drop the database's name",
    { databaseName: "shop" },
    {},
    immutable("spec.databaseName", "shop", "orders_db"),
  ],
  ["takes the derived name written out", {}, { databaseName: "orders_db" }, []],
  [
    "refuses another owner",
    { databaseOwner: "app" },
    { databaseOwner: "web" },
    immutable("spec.databaseOwner", "app", "web"),
  ],
  ["takes the derived owner written out", {}, { databaseOwner: "orders_db" }, []],
  [
    "takes an owner written out that was left to the Secret: who it is, is seen when that is read",
    { credentialsSecretName: "given" },
    { credentialsSecretName: "given", databaseOwner: "app" },
    [],
  ],
  [
    "takes other credentials for those that are brought",
    { credentialsSecretName: "given", databaseOwner: "app" },
    { credentialsSecretName: "another", databaseOwner: "app" },
    [],
  ],
  [
    "refuses another owner with them",
    { credentialsSecretName: "given", databaseOwner: "app" },
    { credentialsSecretName: "another", databaseOwner: "web" },
    immutable("spec.databaseOwner", "app", "web"),
  ],
  [
    "refuses credentials for a claim that brought none",
    {},
    { credentialsSecretName: "given" },
    [
      {
        field: "spec.credentialsSecretName",
        problem:
          'was not given and cannot become "given": who makes the credentials is decided with the database; make a new claim instead',
      },
    ],
  ],
  [
    "refuses to drop credentials",
    { credentialsSecretName: "given", databaseOwner: "app" },
    { databaseOwner: "app" },
    [
      {
        field: "spec.credentialsSecretName",
        problem:
          'was "given" and cannot be dropped: who makes the credentials is decided with the database; make a new claim instead',
      },
    ],
  ],
  ["takes a higher version", { version: "16" }, { version: "17" }, []],
  ["takes a version of more digits", { version: "9" }, { version: "10" }, []],
  [
    "refuses a lower version",
    { version: "16" },
    { version: "15" },
    [
      {
        field: "spec.version",
        problem:
          'was "16" and cannot go down to "15": PostgreSQL has no downgrade; make a new claim and move the data',
      },
    ],
  ],
  [
    "refuses a lower version of fewer digits",
    { version: "10" },
    { version: "9" },
    [
      {
        field: "spec.version",
        problem:
          'was "10" and cannot go down to "9": PostgreSQL has no downgrade; make a new claim and move the data',
      },
    ],
  ],
  ["takes a version for an older claim without", { version: undefined }, { version: "15" }, []],
  ["takes more storage", { storageGB: 20 }, { storageGB: 21 }, []],
  [
    "refuses storage smaller than before",
    { storageGB: 20 },
    { storageGB: 19 },
    [
      {
        field: "spec.storageGB",
        problem:
          "was 20 and cannot shrink to 19: volumes only grow; make a new claim and move the data",
      },
    ],
  ],
  ["takes storage for an older claim without", { storageGB: undefined }, { storageGB: 1 }, []],
];

test.each(cases)("%s", (_title, before, now, faults) => {
  expect(changeViolations(withSpec(now), withSpec(before), builtInClass)).toEqual(faults);
});

test("tells of all faults at once, in the order of the rules", () => {
  const claim = withSpec({
    className: "silver",
    databaseName: "a",
    databaseOwner: "b",
    version: "15",
    storageGB: 1,
  });
  expect(changeViolations(claim, goodClaim, builtInClass).map(({ field }) => field)).toEqual([
    ...["spec.className", "spec.databaseName", "spec.databaseOwner"],
    ...["spec.version", "spec.storageGB"],
  ]);
});

test("an unchanged claim breaks no rule of change", () => {
  fc.assert(
    fc.property(claimAndClass(postgresClass), ({ claim }) => {
      expect(changeViolations(claim, claim, builtInClass)).toEqual([]);
    }),
  );
});

test("a claim sent again without what was filled in breaks no rule of change, whatever class comes later", () => {
  fc.assert(
    fc.property(claimAndClass(postgresClass), completedClass, ({ claim, chosen }, later) => {
      const { size, instances, credentialsSecretName } = claim.spec;
      const old = withDefaults(claim, undefined, chosen);
      const again: Claim = {
        ...claim,
        spec: {
          ...(size ? { size } : {}),
          ...(instances ? { instances } : {}),
          ...(credentialsSecretName ? { credentialsSecretName } : {}),
        },
      };
      expect(changeViolations(withDefaults(again, old, later), old, builtInClass)).toEqual([]);
    }),
  );
});

test("any JSON gives faults, never a throw", () => {
  fc.assert(
    fc.property(anyClaim, anyClaim, (value, old) => {
      const faults = changeViolations(parseClaim(value).claim, parseClaim(old).claim, builtInClass);
      for (const { field, problem } of faults) expect([field, problem]).not.toContain("");
    }),
  );
});

describe("a version whose upgrade has not come through", () => {
  const old: Claim = { ...withSpec({ version: "17" }), status: { version: "15" } };

  test("may go back to the one that the database has", () => {
    expect(changeViolations(withSpec({ version: "15" }), old, builtInClass)).toEqual([]);
  });

  test.each(["14", "16"])("may not go down to another: %s", version => {
    expect(changeViolations(withSpec({ version }), old, builtInClass)).toEqual([
      {
        field: "spec.version",
        problem: `was "17" and cannot go down to "${version}", but for "15", which it still has: PostgreSQL has no downgrade; make a new claim and move the data`,
      },
    ]);
  });

  test("may go up", () => {
    expect(changeViolations(withSpec({ version: "18" }), old, builtInClass)).toEqual([]);
  });
});

describe("the request that made a claim", () => {
  const field = "metadata.annotations.database.bizmatters.io/kratix-request";
  const made = (by: string | undefined): Claim =>
    parseClaim({
      ...goodClaim,
      metadata: {
        ...goodClaim.metadata,
        ...(by === undefined
          ? {}
          : { annotations: { "database.bizmatters.io/kratix-request": by } }),
      },
    }).claim;
  const [shops, evils] = ["postgresql/shop/orders-db", "postgresql/evil/orders-db"];

  test.each([
    ["stays", shops, shops, []],
    ["may be left out, and stays all the same", shops, undefined, []],
    [
      "cannot become another",
      shops,
      evils,
      [
        {
          field,
          problem: `is "${evils}", but this claim is of request "${shops}": give the request another name`,
        },
      ],
    ],
    [
      "cannot be put on the claim of a person",
      undefined,
      shops,
      [
        {
          field,
          problem: `is "${shops}", but this claim was made without a request: give the request another name`,
        },
      ],
    ],
  ])("%s", (_what, before, now, expected) => {
    const old = made(before);
    expect(changeViolations(made(now), old, builtInClass)).toEqual(expected);
    const kept = withDefaults(made(now), old, undefined).metadata.annotations;
    expect(Object.values(kept ?? {})).toEqual([now ?? before]);
  });

  test("is judged although nothing else has changed", () => {
    expect(isExempt(made(evils), made(shops))).toBe(false);
    expect(isExempt(made(shops), made(shops))).toBe(true);
  });
});
