/** What the webhook takes of claims for databases in shared instances, and that what it takes can be made. */
import * as fc from "fast-check";
import {
  holderViolations,
  holdingViolations,
  type Held,
} from "../../../capabilities/admission/holders";
import { judgeDatabase } from "../../../capabilities/admission/database/judgement";
import {
  databaseName,
  databaseOwner,
  type AnyClaim,
  type Claim,
} from "../../../capabilities/claim/claim";
import { builtInClass } from "../../../capabilities/claim/class";
import {
  inOrderOfAge,
  isSharedWith,
  type DatabaseClaim,
  type DatabaseSpec,
} from "../../../capabilities/claim/database";
import { dnsSubdomain } from "../../../capabilities/claim/names";
import { parseDatabaseClaim } from "../../../capabilities/claim/parse";
import { isReservedOwner } from "../../../capabilities/admission/instance/rules";
import { plan } from "../../../capabilities/reconcile/plan";
import { planWithin } from "../../../capabilities/reconcile/shared/plan";
import { deepFreeze } from "../../arbitrary/frozen";
import { edited } from "../../hostile/edits";

const instance: Claim = deepFreeze({
  apiVersion: "database.bizmatters.io/v1alpha1",
  kind: "PostgresInstance",
  metadata: { name: "home", namespace: "platform", uid: "instance-uid" },
  spec: { share: {}, databaseOwner: "landlord" },
});

function database(spec: Partial<DatabaseSpec> = {}, name = "orders"): DatabaseClaim {
  return deepFreeze({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresDatabase",
    metadata: { name, namespace: "team-a", uid: `uid of ${name}` },
    spec: { instanceRef: { name: "home", namespace: "platform" }, ...spec },
  });
}

function faultsOf(claim: DatabaseClaim, before?: DatabaseClaim): readonly string[] {
  const { violations } = judgeDatabase(claim, before, { instance, chosen: builtInClass });
  return violations.map(({ field, problem }) => `${field} ${problem}`);
}

test.each<readonly [string, DatabaseClaim, readonly string[]]>([
  ["a plain claim", database(), []],
  ["a name with a dash, which becomes _", database({}, "order-book"), []],
  [
    "a name that is no label",
    database({}, "Orders"),
    [expect.stringContaining('"Orders" must have at most 63')],
  ],
  [
    "a reserved name",
    database({}, "postgres"),
    [expect.stringContaining('metadata.name makes "postgres"')],
  ],
  [
    "PostgreSQL's prefix",
    database({ owner: "pg_me" }),
    [expect.stringContaining('spec.owner makes "pg_me"')],
  ],
  [
    "the instance's own database and owner",
    database({ databaseName: "home", owner: "landlord" }),
    [
      expect.stringContaining(
        'spec.databaseName makes "home", the own database or owner of PostgresInstance platform/home',
      ),
      expect.stringContaining('spec.owner makes "landlord"'),
    ],
  ],
  [
    "more connections than the class has",
    database({ connectionLimit: 21 }),
    ["spec.connectionLimit is 21, but class built-in of the instance allows 20 at most"],
  ],
  [
    "an extension that the class has not",
    database({ extensions: [{ name: "file_fdw" }] }),
    [expect.stringContaining("spec.extensions[0].name")],
  ],
  [
    "two places that differ",
    database({ connectionSecretName: "a", writeConnectionSecretToRef: { name: "b" } }),
    [expect.stringContaining("keep one of them")],
  ],
  [
    "a Secret with the name of a password",
    database({ writeConnectionSecretToRef: { name: "home.orders", namespace: "platform" } }),
    [expect.stringContaining("a name as the passwords of the instance's roles have")],
  ],
])("of %s", (_title, claim, faults) => {
  expect(faultsOf(claim)).toEqual(faults);
});

test("instance, database and owner stay; all else may change, and Delete is warned of", () => {
  expect(faultsOf(database({ connectionLimit: 3, deletionPolicy: "Delete" }), database())).toEqual(
    [],
  );
  const moved = { instanceRef: { name: "other", namespace: "platform" } };
  expect(faultsOf(database(moved), database())).toEqual([
    'spec.instanceRef was "platform/home" and cannot become "platform/other": it is immutable; make a new claim and move the data',
  ]);
  // The owner follows the database's name.
  expect(faultsOf(database({ databaseName: "b" }), database())).toHaveLength(2);
  const { warnings } = judgeDatabase(database({ deletionPolicy: "Delete" }), database(), {
    ...{ instance, chosen: builtInClass },
  });
  expect(warnings).toEqual([
    "spec.deletionPolicy: from now on the data goes with the claim when that is deleted",
  ]);
});

type Share = NonNullable<Claim["spec"]["share"]>;

test.each<readonly [string, Share | undefined, string, boolean]>([
  ["nobody without share", undefined, "platform", false],
  ["its own namespace", {}, "platform", true],
  ["no other by itself", {}, "team-a", false],
  ["one that it names", { namespaces: ["team-a"] }, "team-a", true],
  ["all by *", { namespaces: ["*"] }, "team-b", true],
  ["one with its labels", { selector: { matchLabels: { tier: "a" } } }, "team-a", true],
  [
    "none with some of them",
    { selector: { matchLabels: { tier: "a", zone: "c" } } },
    "team-a",
    false,
  ],
  ["none where no label is asked for", { selector: { matchLabels: {} } }, "team-a", false],
])("an instance shares itself with %s", (_title, share, namespace, isShared) => {
  const asked = { ...instance, spec: share ? { share } : {} };
  expect(isSharedWith(asked, namespace, { tier: "a", zone: "b" })).toBe(isShared);
});

test("the oldest claims come first; of one second the first by name", () => {
  const at = (name: string, second: number): DatabaseClaim => ({
    ...database({}, name),
    metadata: { name, namespace: "n", creationTimestamp: `2026-12-01T00:00:0${second}Z` },
  });
  const names = inOrderOfAge([at("c", 2), at("b", 1), at("a", 1)]).map(
    ({ metadata }) => metadata.name,
  );
  expect(names).toEqual(["a", "b", "c"]);
});

test("a Secret that another claim writes is told, whatever kind that is of", () => {
  const field = "writeConnectionSecretToRef";
  const ref = { name: "orders-connection", namespace: "team-a" };
  const held = (holder: AnyClaim): Held => ({ field, ref, holders: [holder] });
  expect(holderViolations(database(), [held(database())])).toEqual([]);
  expect(holderViolations(database(), [held(instance)])).toEqual([
    {
      field,
      problem:
        "asks for Secret team-a/orders-connection, which PostgresInstance platform/home needs: use another name",
    },
  ]);
});

test("an instance is kept by claims and by data that claims have left, five of each by name", () => {
  const tenants = ["a", "b", "c", "d", "e", "f"].map(name => database({}, name));
  const left = {
    "database.bizmatters.io/claim-name": "gone",
    "database.bizmatters.io/claim-namespace": "team-b",
  };
  const kept = {
    apiVersion: "v1",
    kind: "Database",
    metadata: { name: "home.gone", labels: left },
  };
  expect(holdingViolations({ tenants: [], databases: [] })).toEqual([]);
  expect(holdingViolations({ tenants, databases: [kept] }).map(({ problem }) => problem)).toEqual([
    "cannot be deleted: the instance holds the data of PostgresDatabases team-a/a, team-a/b, team-a/c, team-a/d, team-a/e and 1 more; delete them first",
    expect.stringContaining("keeps the data of PostgresDatabases team-b/gone, which are gone"),
  ]);
});

const spec = fc.record(
  {
    instanceRef: fc.constant({ name: "home", namespace: "platform" }),
    databaseName: fc.oneof(
      fc.string(),
      fc.constantFrom("orders", "home", "landlord", "pg_x", "a_b"),
    ),
    owner: fc.oneof(
      fc.string(),
      fc.constantFrom("orders", "postgres", "public", "streaming_replica"),
    ),
    connectionLimit: fc.oneof(fc.integer(), fc.constantFrom(1, 20)),
    deletionPolicy: fc.constantFrom("Delete", "Retain", "delete"),
    extensions: fc.constantFrom([{ name: "pg_trgm" }], [{ name: "file_fdw" }]),
  },
  { requiredKeys: ["instanceRef"] },
);

test("whatever is asked for is judged, and what is taken has legal names that are nobody's else", () => {
  const host = plan(instance, []);
  if (!("database" in host)) throw new Error("the instance is good");
  const own: readonly string[] = [databaseName(instance), databaseOwner(instance)];
  const asked = fc.record({
    metadata: fc.record({ name: fc.constantFrom("orders", "a-b", "A", "") }),
    spec,
  });
  fc.assert(
    fc.property(edited(asked), text => {
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        return;
      }
      const { claim, faults } = parseDatabaseClaim(value);
      const { violations } = judgeDatabase(claim, undefined, { instance, chosen: builtInClass });
      if (faults.length + violations.length > 0) return;
      const made = planWithin({ claim, host, found: undefined, refused: undefined });
      for (const { metadata, ...object } of made?.shared?.objects ?? []) {
        expect(metadata.name).toMatch(new RegExp(dnsSubdomain));
        const { name } = Reflect.get(object, "spec") as { readonly name: string };
        expect(isReservedOwner(name) || own.includes(name)).toBe(false);
      }
    }),
    { numRuns: 2000 },
  );
});
