import * as fc from "fast-check";
import type { Claim, ClaimStatus } from "../../capabilities/claim/claim";
import type { PostgresClass } from "../../capabilities/claim/class";
import { annotations } from "../../capabilities/claim/names";
import { isContained } from "../../capabilities/kubernetes/sameness";
import { plan } from "../../capabilities/reconcile/plan";
import { anyClaim, claimAndClass } from "../arbitrary/claim";
import { postgresClass } from "../arbitrary/class";
import { goodClaim, withFields, withSpec } from "../good-claim";

test("the plan of a bare claim is that of the claim with its defaults", () => {
  const planned = plan(withFields({ spec: {} }), []);
  if (!("database" in planned)) throw new Error("the claim is good");
  const { claim, chosen, operator: backend, database, ref } = planned;
  expect(claim.spec).toEqual(goodClaim.spec);
  expect(chosen.name).toBe("built-in");
  expect(ref).toEqual(goodClaim.writeConnectionSecretToRef);
  expect(isContained(backend.objects.desired(claim, chosen), database)).toBe(true);
  expect(database.metadata.annotations).toHaveProperty([annotations.applied]);
});

test("a claim whose spec is empty asks for nothing in particular", () => {
  const empty = { ...goodClaim, spec: null } as unknown as Claim;
  expect(plan(empty, [])).toEqual(plan(withFields({ spec: {} }), []));
});

test("faults of schema come before those of rules, which they would only echo", () => {
  const claim = withSpec({ databaseName: "postgres" });
  const faulty = { ...claim, spec: { ...claim.spec, size: "huge" } } as unknown as Claim;
  expect(plan(faulty, [])).toEqual([
    { field: "spec.size", problem: 'is "huge", but must be one of small, medium, large' },
  ]);
  expect(plan(claim, [])).toMatchObject([{ field: "spec.databaseName" }]);
});

test("a claim whose class is not there has no plan", () => {
  expect(plan(withSpec({ className: "gold" }), [])).toMatchObject([{ field: "spec.className" }]);
});

test("every claim that keeps the rules has a plan, the same each time", () => {
  fc.assert(
    fc.property(claimAndClass(postgresClass), ({ claim, found }) => {
      const planned = plan(claim, [found]);
      expect(planned).toHaveProperty("database.kind", "Cluster");
      expect(JSON.stringify(plan(claim, [found]))).toBe(JSON.stringify(planned));
    }),
  );
});

test("whatever is stored as a claim gives a plan or faults, never a throw", () => {
  fc.assert(
    fc.property(anyClaim, fc.array(postgresClass, { maxLength: 2 }), (value, classes) => {
      const fields = typeof value === "object" && value !== null ? value : {};
      const stored = { ...goodClaim, ...fields, metadata: goodClaim.metadata } as Claim;
      const planned = plan(stored, classes);
      expect("database" in planned || planned.length > 0).toBe(true);
    }),
  );
});

describe("a version that is taken out of the claim's class", () => {
  const gold: PostgresClass = {
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name: "gold" },
    spec: { versions: { default: "16", allowed: ["16"] } },
  };
  const asking = (status?: ClaimStatus): Claim => ({
    ...withSpec({ className: "gold", version: "17" }),
    ...(status ? { status } : {}),
  });
  const told = (reason: string, observedGeneration = 1): ClaimStatus => {
    const common = { status: "False" as const, message: "", lastTransitionTime: "" };
    return { observedGeneration, conditions: [{ type: "Ready", reason, ...common }] };
  };

  test.each<readonly [string, ClaimStatus | undefined, boolean]>([
    ["stays where the data is of it", { version: "17" }, true],
    ["stays where the database is being set up with it", told("Provisioning"), true],
    ["is refused where nothing was ever said of the claim", undefined, false],
    ["is refused where it was refused before", told("Invalid"), false],
    ["is refused where the claim asked for another before", told("Provisioning", 0), false],
  ])("%s", (_title, status, isPlanned) => {
    expect("database" in plan(asking(status), [gold])).toBe(isPlanned);
  });
});
