/** Claims as services that workloads are bound to. test/cluster/local/service-binding.test.ts has a database and a login. */
import { connectionSecret } from "../capabilities/reconcile/connection/connection-secret";
import { definitions } from "../capabilities/crd/crd";
import { goodClaim } from "./good-claim";
import { bindingFaults, bound, exampleObjects } from "./service-binding";

const inBase64 = (text: string): string => Buffer.from(text).toString("base64");

function valuesOfSecret(): Readonly<Record<string, string>> {
  const connection = {
    credentials: { username: inBase64("orders_db"), password: inBase64("p@ss w/o") },
    endpoint: "orders-db-rw.team-a.svc.cluster.local",
    pooledEndpoint: "orders-db-pooler.team-a.svc.cluster.local",
    certificate: inBase64("a certificate"),
  };
  const ref = { name: "orders-postgres", namespace: "team-a" };
  const { data } = connectionSecret(goodClaim, ref, connection, "cloudnative-pg");
  const decoded = Object.entries(data).map(([key, value]) => [
    key,
    Buffer.from(value, "base64").toString(),
  ]);
  return Object.fromEntries(decoded) as Readonly<Record<string, string>>;
}

test("the connection Secret is one to bind to", () => {
  const values = valuesOfSecret();
  expect(bindingFaults(values)).toEqual([]);
  expect(values).toMatchObject({ type: "postgresql", provider: "cloudnative-pg", port: "5432" });
});

test.each([
  ["type", "", "type says nothing"],
  ["port", "65536", "port is no port"],
  ["host", "orders db", "host is no name in DNS"],
  ["uri", "orders", "uri is none"],
  ["private-key", "x", "private-key is no client's"],
  ["JDBC_URI", "x", "JDBC_URI cannot be a file's name"],
])("one whose %s is %j is not", (key, value, fault) => {
  expect(bindingFaults({ ...valuesOfSecret(), [key]: value })).toEqual([fault]);
});

test("kinds of claims are labelled as services, and classes are none", () => {
  const labelled = definitions.map(({ metadata }) => [
    metadata.name.split(".")[0],
    metadata.labels?.["servicebinding.io/provisioned-service"],
  ]);
  expect(Object.fromEntries(labelled)).toEqual({
    postgresinstances: "true",
    postgresdatabases: "true",
    postgresclasses: undefined,
  });
});

describe("examples/service-binding.yaml", () => {
  const { claim, binding, workload } = exampleObjects();

  test("binds its Deployment to its claim", () => {
    const named = ({ apiVersion, kind, metadata }: typeof workload): unknown => ({
      ...{ apiVersion, kind, name: metadata.name },
    });
    expect(binding.apiVersion).toBe("servicebinding.io/v1");
    expect(binding.spec.service).toEqual(named(claim as never));
    expect(binding.spec.workload).toEqual(named(workload));
    const objects = [claim, binding, workload];
    expect(new Set(objects.map(({ metadata }) => metadata.namespace)).size).toBe(1);
  });

  test("takes its variables from keys that there are", () => {
    const keys = (binding.spec.env ?? []).map(({ key }) => key);
    expect(keys.length).toBeGreaterThan(0);
    expect(Object.keys(valuesOfSecret())).toEqual(expect.arrayContaining(keys));
  });

  test("has its files and variables in every container once it is bound", () => {
    const { spec } = bound(workload, binding, "ledger-postgres").spec.template;
    expect(spec.volumes).toEqual([
      { name: "ledger-database", secret: { secretName: "ledger-postgres" } },
    ]);
    const [container] = spec.containers;
    expect(container?.volumeMounts).toEqual([
      { name: "ledger-database", mountPath: "/bindings/database" },
    ]);
    expect(container?.env?.map(({ name }) => name)).toEqual([
      ...["SERVICE_BINDING_ROOT", "PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD"],
    ]);
  });
});
