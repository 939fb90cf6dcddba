/** An application with its databases: what is made of it, and what its container finds in its environment. */
import { Application, type ApplicationArgs } from "../../pulumi";
import { askedOf, ended, mocked, type Asked } from "./mocks";

afterEach(ended);

type Container = {
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly securityContext: object;
};

async function containerOf(asked: readonly Asked[]): Promise<Container | undefined> {
  const [deployment] = await askedOf(asked, "kubernetes:apps/v1:Deployment");
  const { spec } = deployment?.inputs as {
    readonly spec: {
      readonly template: { readonly spec: { readonly containers: readonly Container[] } };
    };
  };
  return spec.template.spec.containers[0];
}

async function made(args: ApplicationArgs): Promise<readonly Asked[]> {
  const asked = await mocked();
  new Application("shop", args);
  await askedOf(asked, "");
  return asked;
}

const image = "registry.example.com/shop:1.0";

test("its database lies in its own namespace, and its container finds it by the usual names", async () => {
  const asked = await made({
    image,
    namespace: "shop",
    database: { name: "orders", size: "medium" },
  });
  const [claim] = await askedOf(
    asked,
    "kubernetes:database.bizmatters.io/v1alpha1:PostgresInstance",
  );
  expect(claim?.inputs).toMatchObject({
    metadata: { name: "postgres-orders", namespace: "shop" },
    spec: { databaseName: "orders", size: "medium" },
  });
  const container = await containerOf(asked);
  expect(container?.env.map(({ name }) => name)).toEqual([
    ...["PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "DATABASE_URL"],
  ]);
});

test("of several databases the further ones have their names before the variables", async () => {
  const asked = await made({
    image,
    databases: [{ name: "orders" }, { name: "audit-log", instance: "platform/home" }],
  });
  const names = (await containerOf(asked))?.env.map(({ name }) => name) ?? [];
  expect(names).toHaveLength(12);
  expect(names).toContain("PGHOST");
  expect(names).toContain("AUDIT_LOG_PGHOST");
  expect(
    await askedOf(asked, "kubernetes:database.bizmatters.io/v1alpha1:PostgresDatabase"),
  ).toHaveLength(1);
});

test("it keeps variables of its own, and PodSecurity restricted takes its pods", async () => {
  const asked = await made({ image, env: [{ name: "LOG", value: "debug" }] });
  const container = await containerOf(asked);
  expect(container?.env).toEqual([{ name: "LOG", value: "debug" }]);
  expect(container?.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    runAsNonRoot: true,
    seccompProfile: { type: "RuntimeDefault" },
  });
});

test("one that serves a port has a Service, and one that serves none has none", async () => {
  const service = "kubernetes:core/v1:Service";
  const [found] = await askedOf(await made({ image, port: 8080 }), service);
  expect(found?.inputs).toMatchObject({ spec: { ports: [{ port: 8080 }] } });
  expect(await askedOf(await made({ image }), service)).toEqual([]);
});

test("a database and a list of them is a mistake", async () => {
  await mocked();
  const both = { image, database: { name: "a" }, databases: [{ name: "b" }] };
  expect(() => new Application("shop", both)).toThrow("database and databases are both given");
});
