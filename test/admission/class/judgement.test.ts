import * as fc from "fast-check";
import {
  deletionViolations,
  isClassExempt,
  judgeClass,
} from "../../../capabilities/admission/class/judgement";
import type { Claim } from "../../../capabilities/claim/claim";
import type { ClassSpec, PostgresClass, SizeSpec } from "../../../capabilities/claim/class";
import { annotations } from "../../../capabilities/claim/names";
import { anyJson } from "../../arbitrary/claim";
import { postgresClass } from "../../arbitrary/class";
import { deepFreeze } from "../../arbitrary/frozen";
import { withFields } from "../../good-claim";

type Marks = { readonly name?: string; readonly made?: string; readonly isDefault?: boolean };

function classOf(spec: ClassSpec = {}, { name = "gold", made, isDefault }: Marks = {}) {
  return deepFreeze({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: {
      name,
      ...(made === undefined ? {} : { creationTimestamp: made }),
      ...(isDefault ? { annotations: { [annotations.isDefaultClass]: "true" } } : {}),
    },
    spec,
  } as PostgresClass);
}

function user(name: string, spec: Claim["spec"] = {}, className = "gold"): Claim {
  return withFields({
    metadata: { name, namespace: "shop" },
    spec: { size: "small", version: "16", className, ...spec },
  });
}

const size: SizeSpec = {
  cpu: { request: "1", limit: "2" },
  memory: { request: "1Gi", limit: "2Gi" },
};
const sizes = { small: size, large: size };
const claims = [user("a"), user("b", { size: "large", version: "15" }), user("c", {}, "silver")];

function warnings(before: ClassSpec, after: ClassSpec, users = claims): readonly string[] {
  const judged = judgeClass(classOf(after), classOf(before), [classOf(before)], users);
  expect(judged.violations).toEqual([]);
  return judged.warnings;
}

test("faults of schema and of rules come at once, and the other sizes are judged beside a faulty one", () => {
  const { violations } = judgeClass(
    {
      metadata: { name: "gold" },
      spec: {
        color: "red",
        image: "postgresql:16",
        versions: { default: "15", allowed: ["16"] },
        sizes: {
          small: { ...size, cpu: { request: "lots", limit: "1" } },
          large: { ...size, cpu: { request: "3", limit: "2" } },
        },
      },
    },
    null,
    [],
    [],
  );
  expect(violations.map(({ field }) => field)).toEqual([
    "spec.color",
    "spec.sizes.small.cpu.request",
    "spec.versions.default",
    "spec.image",
    "spec.sizes.large.cpu.request",
  ]);
});

describe("nothing that claims live by is taken away", () => {
  test("a size that claims have stays", () => {
    const judged = judgeClass(
      classOf({ sizes: { small: size } }),
      classOf({ sizes }),
      [],
      [...claims, user("d", { size: "large" })],
    );
    expect(judged.violations).toEqual([
      {
        field: "spec.sizes",
        problem: "has no large any more, which shop/b, shop/d have: keep it, or change them first",
      },
    ]);
  });

  test("durability is not required of claims that ask for one instance", () => {
    const large = { ...size, instances: 3 };
    const after = { durability: "required", sizes: { large } } as const;
    const users = ["a", "b"].map((name, index) =>
      user(name, { size: "large", ...(index === 0 ? { instances: 1 } : {}) }),
    );
    const judged = judgeClass(classOf(after), classOf({ sizes: { large } }), [], users);
    expect(judged.violations).toEqual([
      {
        field: "spec.durability",
        problem: "is required, but shop/a asks for 1 instance: give them 2 first",
      },
    ]);
  });

  test("a deletionPolicy that claims ask for stays", () => {
    const judged = judgeClass(
      classOf({ deletionPolicies: { allowed: ["Delete"] } }),
      classOf({}),
      [],
      [user("a", { deletionPolicy: "Retain" }), user("b", { deletionPolicy: "Delete" })],
    );
    expect(judged.violations).toEqual([
      {
        field: "spec.deletionPolicies",
        problem: "has no policy any more that shop/a asks for: keep it, or change them first",
      },
    ]);
  });

  test("a size that nobody has may go", () => {
    expect(warnings({ sizes: { ...sizes, medium: size } }, { sizes })).toEqual([]);
  });
});

describe("what a change brings about is told", () => {
  const versions = { default: "16", allowed: ["15", "16"] };

  test("a version that is no longer allowed stays where it is used", () => {
    const after = { versions: { default: "16", allowed: ["16"] } };
    expect(warnings({ versions }, after)).toEqual([
      "version 15 is no longer allowed; shop/b stay as they are until their version is raised",
    ]);
  });

  test("two instances of which both must be there", () => {
    const pair = { ...size, instances: 2 };
    const after = { durability: "required", sizes: { small: pair, large: pair } } as const;
    const said =
      "small, large: with 2 instances and durability required, writes wait whenever one of them is away; 3 go on without one";
    expect(judgeClass(classOf(after), null, [], []).warnings).toEqual([said]);
    expect(warnings({ sizes: after.sizes }, after)).toEqual([said]);
    expect(warnings(after, { ...after, storage: { defaultGB: 9 } })).toEqual([]);
  });

  test("data that was to stay goes with its claim, where the claim does not choose", () => {
    const retaining = { deletionPolicies: { default: "Retain" } } as const;
    const users = [user("a", {}), user("b", { deletionPolicy: "Retain" })];
    expect(judgeClass(classOf({}), classOf(retaining), [], users).warnings).toEqual([
      "from now on the data of shop/a goes with the claim when that is deleted",
    ]);
    expect(judgeClass(classOf(retaining), classOf({}), [], users).warnings).toEqual([]);
  });

  test("volumes do not move", () => {
    expect(warnings({ storage: { storageClassName: "fast" } }, {})).toEqual([
      "volumes do not move: shop/a, shop/b keep fast, new claims get the cluster's default StorageClass",
    ]);
  });

  test.each<readonly [string, ClassSpec]>([
    ["another image", { sizes, image: "registry.example.com/postgresql" }],
    ["other nodes", { sizes, placement: { nodeSelector: { disk: "ssd" } } }],
    ["another spread", { sizes, placement: { spread: "required" } }],
    ["other tolerations", { sizes, placement: { tolerations: [{ operator: "Exists" }] } }],
  ])("%s: PostgreSQL restarts everywhere", (_title, after) => {
    expect(warnings({ sizes }, after)).toEqual([
      "PostgreSQL restarts in shop/a, shop/b: image, resources or placement of their instances change",
    ]);
  });

  test("other resources of a size: PostgreSQL restarts where claims have it", () => {
    const more = { ...size, cpu: { request: "1", limit: "3" } };
    expect(warnings({ sizes }, { sizes: { ...sizes, large: more } })).toEqual([
      "PostgreSQL restarts in shop/b: image, resources or placement of their instances change",
    ]);
  });

  test("many claims are counted, not named", () => {
    const many = ["e", "d", "c", "b", "a"].map(name => user(name));
    expect(warnings({}, { image: "registry.example.com/postgresql" }, many)).toEqual([
      "PostgreSQL restarts in shop/a, shop/b, shop/c and 2 more: image, resources or placement of their instances change",
    ]);
  });

  test("what concerns new claims alone is not worth a word", () => {
    const after = { versions: { default: "15", allowed: ["15", "16"] }, storage: { defaultGB: 9 } };
    expect(warnings({ versions }, after)).toEqual([]);
    expect(warnings({}, { image: "registry.example.com/postgresql" }, [])).toEqual([]);
  });
});

describe("a second default is taken, and which one wins is told", () => {
  const old = classOf({}, { name: "silver", made: "2026-01-01T00:00:00Z", isDefault: true });
  const said = (newest: string): string =>
    `PostgresClasses "gold", "silver" are all marked as default: claims that name no class get "${newest}", the newest; take the annotation database.bizmatters.io/is-default-class off the others`;

  test.each<readonly [string, Marks, Marks | undefined, readonly string[]]>([
    ["one that is being made", { isDefault: true }, undefined, [said("gold")]],
    [
      "one that becomes it, but is older",
      { isDefault: true, made: "2025-01-01T00:00:00Z" },
      { made: "2025-01-01T00:00:00Z" },
      [said("silver")],
    ],
    ["one that was it before is not told again", { isDefault: true }, { isDefault: true }, []],
    ["one that is none", {}, undefined, []],
  ])("%s", (_title, marks, before, expected) => {
    const judged = judgeClass(classOf({}, marks), before && classOf({}, before), [old], []);
    expect(judged).toEqual({ violations: [], warnings: expected });
  });

  test("the only default is no rival of itself", () => {
    const marked = classOf({}, { isDefault: true });
    expect(judgeClass(marked, classOf(), [marked], []).warnings).toEqual([]);
  });
});

describe("a class that claims have cannot be deleted", () => {
  const problems = (found: PostgresClass, users: readonly Claim[]): readonly string[] =>
    deletionViolations(found, [found], users).map(({ problem }) => problem);

  test("the claims are named, and counted where they are many", () => {
    expect(problems(classOf(), claims)).toEqual([
      "is the class of 2 claims, shop/a, shop/b: delete them first",
    ]);
    expect(problems(classOf(), [user("a")])).toEqual([
      "is the class of 1 claim, shop/a: delete it first",
    ]);
    const many = ["a", "b", "c", "d", "e"].map(name => user(name));
    expect(problems(classOf(), many)).toEqual([
      "is the class of 5 claims, shop/a, shop/b, shop/c and 2 more: delete them first",
    ]);
  });

  test("claims on their way out, and those of other classes, do not keep it", () => {
    const leaving = withFields({
      metadata: { name: "a", namespace: "shop", deletionTimestamp: "2026-01-01T00:00:00Z" },
      spec: { className: "gold" },
    });
    expect(problems(classOf(), [leaving, user("b", {}, "silver")])).toEqual([]);
  });

  test("claims that name no class keep the default one", () => {
    const unnamed = withFields({ metadata: { name: "a", namespace: "shop" }, spec: {} });
    expect(problems(classOf({}, { isDefault: true }), [unnamed])).toHaveLength(1);
    expect(problems(classOf(), [unnamed])).toEqual([]);
  });
});

describe("a change that leaves what is offered as it was is not judged", () => {
  const old = { ...classOf({ image: "Bad:1" }) };

  test("labels, other annotations, and the deletion of one that is older than a rule", () => {
    const { metadata, ...rest } = old;
    const labelled = { ...rest, metadata: { ...metadata, labels: { a: "b" } } };
    expect(isClassExempt(labelled, old)).toBe(true);
    const deletionTimestamp = "2026-01-01T00:00:00Z";
    expect(isClassExempt({ metadata: { name: "gold", deletionTimestamp } }, old)).toBe(true);
  });

  test("but not a new one, another spec, or another mark", () => {
    expect(isClassExempt(old, null)).toBe(false);
    expect(isClassExempt(classOf({ image: "Bad:2" }), old)).toBe(false);
    expect(isClassExempt(classOf({ image: "Bad:1" }, { isDefault: true }), old)).toBe(false);
  });

  test("any JSON gives an answer, never a throw", () => {
    fc.assert(
      fc.property(anyJson, anyJson, (value, old) => {
        expect(typeof isClassExempt(value, old)).toBe("boolean");
        expect(Array.isArray(judgeClass(value, old, [], []).violations)).toBe(true);
      }),
    );
  });
});

test("an unchanged class brings nothing about", () => {
  fc.assert(
    fc.property(postgresClass, made => {
      expect(judgeClass(made, made, [made], [user("a", {}, made.metadata.name)]).warnings).toEqual(
        [],
      );
    }),
  );
});
