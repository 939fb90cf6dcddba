import * as fc from "fast-check";
import {
  builtInClass,
  classOf,
  completeClass,
  defaultClass,
  type ClassSpec,
  type PostgresClass,
} from "../../capabilities/claim/class";
import { annotations } from "../../capabilities/claim/names";
import { postgresClass } from "../arbitrary/class";
import { deepFreeze } from "../arbitrary/frozen";
import { withSpec } from "../good-claim";

function found(name: string, spec: ClassSpec = {}, made?: string): PostgresClass {
  return deepFreeze({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: {
      name,
      ...(made === undefined
        ? {}
        : { creationTimestamp: made, annotations: { [annotations.isDefaultClass]: "true" } }),
    },
    spec,
  });
}

const january = "2026-01-01T00:00:00Z";
const february = "2026-02-01T00:00:00Z";

test("a class that leaves out all is the built-in class of another name", () => {
  expect(completeClass(found("mine"))).toEqual({ ...builtInClass, name: "mine" });
});

test("what a class says goes before what the built-in class says", () => {
  const small = { cpu: { request: "1", limit: "2" }, memory: { request: "1Gi", limit: "2Gi" } };
  const tolerations = [{ key: "dedicated", operator: "Exists" }] as const;
  const spec: ClassSpec = {
    backend: "cnpg",
    versions: { default: "15", allowed: ["15"] },
    image: "registry.example.com/postgresql",
    imagePullSecrets: ["mirror"],
    durability: "required",
    storage: { defaultGB: 10, storageClassName: "longhorn" },
    placement: { nodeSelector: { disk: "ssd" }, tolerations, spread: "required" },
    extensions: { allowed: ["pg_trgm"] },
    tls: { sslmode: "require" },
    zalando: { teamId: "shop" },
    clusterDomain: "k8s.example.com",
    shared: { maxDatabases: 5 },
    deletionPolicies: { default: "Retain" },
    sizes: { small },
  };
  expect(completeClass(found("mine", spec))).toEqual({
    name: "mine",
    backend: "cnpg",
    versions: { default: "15", allowed: ["15"] },
    image: "registry.example.com/postgresql",
    imagePullSecrets: ["mirror"],
    durability: "required",
    spread: "required",
    defaultGB: 10,
    storageClassName: "longhorn",
    nodeSelector: { disk: "ssd" },
    tolerations,
    allowedExtensions: ["pg_trgm"],
    tls: { sslmode: "require" },
    zalando: { teamId: "shop" },
    clusterDomain: "k8s.example.com",
    // What it leaves open of these is the built-in class's.
    shared: { maxDatabases: 5, connectionLimit: 20 },
    deletionPolicies: { default: "Retain", allowed: ["Delete", "Retain"] },
    // A size that is left out is not offered.
    sizes: { small },
  });
});

test("a class has every field, whatever it leaves out", () => {
  fc.assert(
    fc.property(postgresClass, made => {
      const { storageClassName, durability, spread, tls, backup, ...needed } = completeClass(made);
      expect(Object.values(needed)).not.toContain(undefined);
      expect([storageClassName, durability, spread, tls, backup]).toHaveLength(5);
    }),
  );
});

test.each<readonly [string, readonly PostgresClass[], string | undefined]>([
  ["none is marked", [found("a"), found("b")], undefined],
  ["one is marked", [found("a"), found("b", {}, january)], "b"],
  ["the newest of two", [found("a", {}, january), found("b", {}, february)], "b"],
  [
    "of two of one second the first by name",
    [found("b", {}, january), found("a", {}, january)],
    "a",
  ],
])("the default class: %s", (_title, classes, expected) => {
  expect(defaultClass(deepFreeze(classes))?.metadata.name).toBe(expected);
});

test("a class that is marked with something else than true is no default", () => {
  const { metadata, ...rest } = found("a", {}, january);
  const marked = {
    ...rest,
    metadata: { ...metadata, annotations: { [annotations.isDefaultClass]: "no" } },
  };
  expect(defaultClass([marked])).toBeUndefined();
});

test.each<readonly [string, string | undefined, readonly PostgresClass[], string | undefined]>([
  ["the one it names", "a", [found("a"), found("b", {}, january)], "a"],
  ["the default, if it names none", undefined, [found("a"), found("b", {}, january)], "b"],
  ["the built-in one, if there is no default", undefined, [found("a")], "built-in"],
  ["the built-in one, by its name", "built-in", [found("a", {}, january)], "built-in"],
  ["none, if the one it names is not there", "c", [found("a"), found("b", {}, january)], undefined],
])("a claim's class is %s", (_title, className, classes, expected) => {
  expect(classOf(withSpec({ className }), classes)?.name).toBe(expected);
});

test("a class that is called built-in does not change the built-in class", () => {
  const image = "registry.example.com/postgresql";
  const other = found("built-in", { image });
  expect(classOf(withSpec({ className: "built-in" }), [other])).toBe(builtInClass);
});
