/** What a pod gets that asks for databases; that the policy of the command line makes the same of it is tested on a real API server. */
import { injectionPatch, podAnswer } from "../../capabilities/admission/injection";

const asked = "database.bizmatters.io/inject";
const done = "database.bizmatters.io/injected";
const six = ["PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "DATABASE_URL"];

type Environment = readonly { readonly name: string; readonly valueFrom?: unknown }[];

function pod(
  annotations: unknown,
  containers: unknown = [{ name: "orders" }],
): Record<string, unknown> {
  return { metadata: { annotations }, spec: { containers } };
}

function environmentOf(text: string, containers?: unknown): Environment {
  return injectionPatch(pod({ [asked]: text }, containers))[1]?.value as Environment;
}

const named = (text: string): readonly string[] => environmentOf(text).map(({ name }) => name);

const secretsOf = (text: string): readonly unknown[] => [
  ...new Set(
    environmentOf(text).map(
      ({ valueFrom }) => (valueFrom as { secretKeyRef: { name: string } }).secretKeyRef.name,
    ),
  ),
];

test("the pod is marked, and each container has the variables, initial ones too", () => {
  const { metadata } = pod({ [asked]: "orders" });
  const spec = { containers: [{}, {}], initContainers: [{}] };
  expect(injectionPatch({ metadata, spec }).map(({ path }) => path)).toEqual([
    "/metadata/annotations/database.bizmatters.io~1injected",
    "/spec/containers/0/env",
    "/spec/containers/1/env",
    "/spec/initContainers/0/env",
  ]);
});

test("the values come from the claim's connection Secret, or from that which is named", () => {
  expect(secretsOf("orders")).toEqual(["orders-connection"]);
  expect(secretsOf("orders=orders-postgres, audit-db")).toEqual([
    "orders-postgres",
    "audit-db-connection",
  ]);
  expect(environmentOf("orders")[0]).toEqual({
    name: "PGHOST",
    valueFrom: { secretKeyRef: { name: "orders-connection", key: "endpoint" } },
  });
});

test("the second and further claims have prefixes, and there are five at most", () => {
  expect(named(" orders ,, audit-db.x ")).toEqual([
    ...six,
    ...six.map(name => `AUDIT_DB_X_${name}`),
  ]);
  expect(named("a,b,c,d,e,f")).toHaveLength(5 * six.length);
});

test("a variable that a container has stays its own, and comes after those that it may refer to", () => {
  const own = { name: "PGHOST", value: "elsewhere" };
  const env = environmentOf("orders", [{ env: [own] }]);
  expect(env.map(({ name }) => name)).toEqual([...six.slice(1), "PGHOST"]);
  expect(env.at(-1)).toEqual(own);
});

test.each([
  ["asks for nothing", { other: "x" }],
  ["has no annotations", undefined],
  ["was served before", { [asked]: "orders", [done]: "orders" }],
  ["has what is no text", { [asked]: 1 }],
])("a pod that %s is left as it is", (_title, annotations) => {
  expect(injectionPatch(pod(annotations))).toEqual([]);
});

test.each([[undefined], ["x"], [[1, null]], [{}]])(
  "containers that are %j break nothing",
  containers => {
    expect(() => injectionPatch(pod({ [asked]: "orders" }, containers))).not.toThrow();
  },
);

const request = {
  uid: "1",
  kind: { group: "", version: "v1", kind: "Pod" },
  operation: "CREATE",
  object: pod({ [asked]: "orders" }),
};

test("pods that are made are answered", () => {
  expect(podAnswer({ request })).toMatchObject({ uid: "1", patch: [{}, {}] });
});

test.each([
  ["another kind", { kind: { group: "", version: "v1", kind: "Secret" } }],
  ["a Pod of another group", { kind: { group: "metrics.k8s.io", version: "v1", kind: "Pod" } }],
  ["a change", { operation: "UPDATE" }],
  ["no uid", { uid: undefined }],
  ["no object", { object: undefined }],
])("%s is not", (_title, other) => {
  expect(podAnswer({ request: { ...request, ...other } })).toBeUndefined();
});
