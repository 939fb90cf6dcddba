import * as fc from "fast-check";
import { classViolations } from "../../../capabilities/admission/class/rules";
import type { ClassSpec, SizeSpec, Toleration } from "../../../capabilities/claim/class";
import { parseClass } from "../../../capabilities/claim/parse";
import type { Violation } from "../../../capabilities/claim/violation";
import { anyJson } from "../../arbitrary/claim";
import { postgresClass } from "../../arbitrary/class";

function broken(spec: ClassSpec, name = "gold"): readonly Violation[] {
  return classViolations({ metadata: { name }, spec });
}

type Case = readonly [title: string, spec: ClassSpec, faults: readonly Violation[]];

function table(cases: readonly Case[]): void {
  test.each(cases)("%s", (_title, spec, faults) => {
    expect(broken(spec)).toEqual(faults);
  });
}

test("takes a class that leaves out all, but not the built-in one's name", () => {
  expect(broken({})).toEqual([]);
  expect(broken({}, "built-in")).toEqual([
    {
      field: "metadata.name",
      problem:
        'is "built-in", the name of the class where there is no other, and the claims that were made with that would change: use another name',
    },
  ]);
});

describe("versions are such as CNPG runs, each once, with the default among them", () => {
  table([
    ["takes all that CNPG runs", { versions: { default: "14", allowed: ["14", "18"] } }, []],
    [
      "refuses one that CNPG does not run",
      { versions: { default: "16", allowed: ["16", "13"] } },
      [
        {
          field: "spec.versions.allowed[1]",
          problem: 'is "13", but CloudNativePG runs 14, 15, 16, 17, 18',
        },
      ],
    ],
    [
      "refuses one that comes twice",
      { versions: { default: "16", allowed: ["16", "17", "16"] } },
      [{ field: "spec.versions.allowed[2]", problem: 'is "16" again: leave it out' }],
    ],
    [
      "refuses a default that is not allowed",
      { versions: { default: "15", allowed: ["16", "17"] } },
      [
        {
          field: "spec.versions.default",
          problem:
            'is "15", but spec.versions.allowed has only 16, 17: name one of them, or allow it',
        },
      ],
    ],
  ]);
});

describe("the image is one, and without a tag", () => {
  const tagged = (image: string, bare: string): Case => [
    `refuses ${image}`,
    { image },
    [
      {
        field: "spec.image",
        problem: `is "${image}", but the claim's version becomes the tag: write "${bare}"`,
      },
    ],
  ];
  const illegal = (image: string): Case => [
    `refuses ${JSON.stringify(image)}`,
    { image },
    [
      {
        field: "spec.image",
        problem: `is ${JSON.stringify(image)}, but must be registry and path in lower-case letters, such as "registry.example.com/postgresql"`,
      },
    ],
  ];
  table([
    ["takes a short name", { image: "postgresql" }, []],
    ["takes a path", { image: "ghcr.io/cloudnative-pg/postgresql" }, []],
    ["takes a port", { image: "registry.example.com:5000/mirror/pg_sql-x__y.z" }, []],
    tagged("postgresql:16", "postgresql"),
    tagged("registry.example.com:5000/postgresql:16.4", "registry.example.com:5000/postgresql"),
    tagged("ghcr.io/postgresql@sha256:abc", "ghcr.io/postgresql"),
    tagged("ghcr.io/postgresql:16@sha256:abc", "ghcr.io/postgresql"),
    illegal("https://ghcr.io/postgresql"),
    illegal("ghcr.io/PostgreSQL"),
    illegal("ghcr.io/postgresql "),
    illegal("ghcr.io//postgresql"),
  ]);
});

describe("placement is such as pods can have", () => {
  const tolerated = (title: string, toleration: Toleration, ...problems: string[]): Case => [
    title,
    { placement: { tolerations: [toleration] } },
    problems.map(problem => ({ field: "spec.placement.tolerations[0]", problem })),
  ];
  table([
    ["takes labels", { placement: { nodeSelector: { "example.com/disk": "ssd", a: "" } } }, []],
    [
      "refuses what no label is named",
      { placement: { nodeSelector: { "a b": "x", "a/b/c": "y" } } },
      ["a b", "a/b/c"].map(name => ({
        field: "spec.placement.nodeSelector",
        problem: `has "${name}", which no label of a node can be named: write for example "example.com/databases"`,
      })),
    ],
    tolerated("takes a key and a value", { key: "dedicated", value: "pg", effect: "NoSchedule" }),
    tolerated("takes every taint", { operator: "Exists" }),
    tolerated(
      "refuses a value where existence is enough",
      { key: "dedicated", operator: "Exists", value: "pg" },
      "has operator Exists and a value: leave the value out, or use Equal",
    ),
    tolerated(
      "refuses a value without key",
      { value: "pg" },
      "has no key: name one, or tolerate every taint with operator Exists",
    ),
    tolerated(
      "refuses seconds where nothing is evicted",
      { key: "dedicated", operator: "Exists", effect: "NoSchedule", tolerationSeconds: 5 },
      "has tolerationSeconds, which go with effect NoExecute alone: leave them out, or set it",
    ),
    tolerated(
      "refuses a key that no taint has",
      { key: "a b", operator: "Exists" },
      'has a key that no taint can have: write for example "example.com/databases"',
    ),
  ]);
});

describe("amounts make sense, and a request is within its limit", () => {
  const small: SizeSpec = {
    cpu: { request: "250m", limit: "1" },
    memory: { request: "256Mi", limit: "1Gi" },
  };
  const sized = (title: string, size: Partial<SizeSpec>, ...faults: Violation[]): Case => [
    title,
    { sizes: { small: { ...small, ...size } } },
    faults.map(({ field, problem }) => ({ field: `spec.sizes.small.${field}`, problem })),
  ];
  table([
    sized("takes a request that is the limit", { cpu: { request: "1000m", limit: "1" } }),
    sized(
      "refuses a request above the limit, in whatever unit",
      { cpu: { request: "1500m", limit: "1" }, memory: { request: "1Gi", limit: "1G" } },
      { field: "cpu.request", problem: 'is "1500m", which is above the limit of "1"' },
      { field: "memory.request", problem: 'is "1Gi", which is above the limit of "1G"' },
    ),
    sized(
      "refuses memory in thousandths, or without a unit",
      { memory: { request: "256m", limit: "512" } },
      {
        field: "memory.request",
        problem: 'is "256m", which is less than 1Mi: write for example 256Mi',
      },
      {
        field: "memory.limit",
        problem: 'is "512", which is less than 1Mi: write for example 256Mi',
      },
    ),
    sized(
      "refuses no cpu, and cpu in bytes",
      { cpu: { request: "0", limit: "1Gi" } },
      { field: "cpu.request", problem: 'is "0", which is none: write for example 250m' },
      {
        field: "cpu.limit",
        problem: 'is "1Gi", but cpu is counted in cores: write for example 250m or 1.5',
      },
    ),
  ]);
});

describe("durability can be kept, and pull secrets are named once", () => {
  const size: SizeSpec = {
    cpu: { request: "250m", limit: "1" },
    memory: { request: "256Mi", limit: "1Gi" },
  };
  const fault = (name: string): Violation => ({
    field: `spec.sizes.${name}.instances`,
    problem:
      "is 1, but spec.durability is required, which takes at least 2, and 3 to go on without one",
  });
  table([
    ["takes one instance where a second is preferred", { durability: "preferred" }, []],
    [
      "refuses one instance where a second is required",
      {
        durability: "required",
        sizes: {
          small: size,
          medium: { ...size, instances: 1 },
          large: { ...size, instances: 2 },
        },
      },
      [fault("small"), fault("medium")],
    ],
    [
      "the sizes of the built-in class have one",
      { durability: "required" },
      [fault("small"), fault("medium"), fault("large")],
    ],
    [
      "refuses a pull secret that comes twice",
      { imagePullSecrets: ["a", "b", "a"] },
      [{ field: "spec.imagePullSecrets[2]", problem: 'is "a" again: leave it out' }],
    ],
  ]);
});

test("classes that a platform team may offer break no rule", () => {
  fc.assert(
    fc.property(postgresClass, made => {
      const { found, faults } = parseClass(made);
      expect([...faults, ...classViolations(found)]).toEqual([]);
    }),
  );
});

test("any JSON gives faults, never a throw", () => {
  fc.assert(
    fc.property(anyJson, anyJson, (spec, metadata) => {
      const { found } = parseClass({ metadata, spec });
      for (const { field, problem } of classViolations(found)) {
        expect([field, problem]).not.toContain("");
      }
    }),
  );
});
