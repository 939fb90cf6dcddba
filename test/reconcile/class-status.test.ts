import { once } from "../../capabilities/reconcile/pace";
import * as fc from "fast-check";
import type { Claim } from "../../capabilities/claim/claim";
import type { ClassStatus, PostgresClass } from "../../capabilities/claim/class";
import { annotations } from "../../capabilities/claim/names";
import {
  burst,
  classesConcerned,
  classStatus,
  concernsClaims,
  createClassTelling,
} from "../../capabilities/reconcile/class-status";
import { withFields } from "../good-claim";

const gold: PostgresClass = {
  apiVersion: "database.bizmatters.io/v1alpha1",
  kind: "PostgresClass",
  metadata: { name: "gold", uid: "gold-uid", generation: 2 },
  spec: { versions: { default: "15", allowed: ["15"] } },
};

function user(name: string, className: string | undefined = "gold", isLeaving = false): Claim {
  return withFields({
    metadata: {
      name,
      namespace: "shop",
      ...(isLeaving ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
    },
    spec: className === "" ? {} : { className },
  });
}

/** A class with claims, its clock in hand. */
function rig(claims: Claim[] = []) {
  const state = { found: gold as PostgresClass | undefined, now: 0 };
  const writes: { readonly at: number; readonly status: ClassStatus }[] = [];
  const tell = createClassTelling(
    {
      found: () => state.found,
      claims: () => claims,
      setClassStatus: async (found, status) => {
        writes.push({ at: state.now, status });
        state.found = { ...found, status };
        return Promise.resolve();
      },
    },
    () => state.now,
  );
  return { state, writes, tell, claims };
}

test("a class says what it comes to and how many claims name it; those on their way out do not count", () => {
  const claims = [
    user("a"),
    user("b"),
    user("c", "silver"),
    user("d", ""),
    user("e", "gold", true),
  ];
  expect(classStatus(gold, claims)).toEqual({
    observedGeneration: 2,
    backend: "cnpg",
    defaultVersion: "15",
    claims: 2,
  });
  expect(classStatus({ ...gold, spec: {} }, []).defaultVersion).toBe("16");
});

test("a burst of claims is one write, and what has not changed is none", async () => {
  const { state, writes, tell, claims } = rig();
  for (let count = 1; count <= 100; count++) {
    claims.push(user(`claim-${count}`));
    expect(await tell("gold")).toEqual(once(burst - state.now));
    state.now += 10;
  }
  state.now = burst;
  await tell("gold");
  expect(writes.map(({ at, status }) => [at, status.claims])).toEqual([[burst, 100]]);
  await tell("gold");
  state.now += burst;
  await tell("gold");
  expect(writes).toHaveLength(1);
});

test("a class that is gone is told nothing and forgotten", async () => {
  const { state, writes, tell } = rig();
  await tell("gold");
  state.now = burst;
  state.found = undefined;
  expect(await tell("gold")).toBeUndefined();
  expect(writes).toEqual([]);
});

test("whenever claims come and go, the last count is told, and never two within a burst", async () => {
  const steps = fc.array(fc.record({ pause: fc.nat({ max: 2 * burst }), comes: fc.boolean() }), {
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(steps, async taken => {
      const { state, writes, tell, claims } = rig();
      let due: number | undefined;
      const run = async (): Promise<void> => {
        const again = await tell("gold");
        due = again && state.now + again.afterMs;
      };
      for (const { pause, comes } of taken) {
        const next = state.now + pause;
        if (due !== undefined && due <= next) {
          state.now = due;
          await run();
        }
        state.now = next;
        if (comes) claims.push(user(`claim-${claims.length}`));
        else claims.pop();
        await run();
      }
      while (due !== undefined) {
        state.now = due;
        await run();
      }
      const times = writes.map(({ at }) => at);
      const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
      expect(gaps.filter(gap => gap < burst)).toEqual([]);
      if (taken.length > 0) expect(state.found?.status?.claims).toBe(claims.length);
    }),
  );
});

test.each<readonly [string, Claim | undefined, Claim | undefined, readonly string[]]>([
  ["a new claim", undefined, user("a"), ["gold"]],
  ["one that is gone", user("a"), undefined, ["gold"]],
  ["one on its way out", user("a"), user("a", "gold", true), ["gold"]],
  ["one that was on its way out", user("a", "gold", true), undefined, []],
  ["one that is as it was", user("a"), user("a"), []],
  ["one that gets its class", user("a", ""), user("a"), ["gold"]],
  ["one of another class", user("a", "silver"), user("a"), ["silver", "gold"]],
])("the count is concerned by %s", (_title, before, after, expected) => {
  expect(classesConcerned(before, after)).toEqual(expected);
});

describe("a change of a class concerns its claims", () => {
  const marked = { ...gold.metadata, annotations: { [annotations.isDefaultClass]: "true" } };
  test.each<readonly [string, PostgresClass | undefined, PostgresClass | undefined, boolean]>([
    ["when it comes", undefined, gold, true],
    ["when it goes", gold, undefined, true],
    ["by its spec", gold, { ...gold, metadata: { ...gold.metadata, generation: 3 } }, true],
    ["made anew", gold, { ...gold, metadata: { ...gold.metadata, uid: "other" } }, true],
    ["as the default", gold, { ...gold, metadata: marked }, true],
    ["not by its status", gold, { ...gold, status: { claims: 3 } }, false],
  ])("%s", (_title, before, after, expected) => {
    expect(concernsClaims(before, after)).toBe(expected);
  });
});
