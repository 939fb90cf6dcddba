import { cluster, retaining, type Cluster } from "../../../capabilities/operator/cnpg/cluster";
import { builtInClass, type Class } from "../../../capabilities/claim/class";
import { goodClaim, withSpec } from "../../good-claim";

test("a good claim becomes a Cluster of these fields and no others", () => {
  expect(cluster(goodClaim, builtInClass)).toStrictEqual({
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Cluster",
    metadata: {
      name: "orders-db",
      namespace: "team-a",
      labels: { "app.kubernetes.io/managed-by": "zero-touch-postgres" },
      ownerReferences: [
        {
          apiVersion: "database.bizmatters.io/v1alpha1",
          kind: "PostgresInstance",
          name: "orders-db",
          uid: "claim-uid",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      instances: 1,
      imageName: "ghcr.io/cloudnative-pg/postgresql:16",
      enableSuperuserAccess: false,
      bootstrap: { initdb: { database: "orders_db", owner: "orders_db" } },
      storage: { size: "20Gi" },
      resources: {
        requests: { cpu: "250m", memory: "256Mi" },
        limits: { cpu: "1000m", memory: "1Gi" },
      },
    },
  });
});

test("every field of the claim finds its place", () => {
  const claim = withSpec({
    size: "large",
    version: "17",
    storageGB: 7,
    instances: 3,
    databaseName: "shop",
    databaseOwner: "app",
  });
  expect(cluster(claim, builtInClass).spec).toMatchObject({
    instances: 3,
    imageName: "ghcr.io/cloudnative-pg/postgresql:17",
    bootstrap: { initdb: { database: "shop", owner: "app" } },
    storage: { size: "7Gi" },
    resources: {
      requests: { cpu: "1000m", memory: "1Gi" },
      limits: { cpu: "4000m", memory: "4Gi" },
    },
  });
});

test("every field of the class finds its place", () => {
  const tolerations = [{ key: "dedicated", operator: "Exists" }] as const;
  const small = {
    instances: 2,
    storageGB: 5,
    cpu: { request: "1", limit: "2" },
    memory: { request: "3Gi", limit: "4Gi" },
  };
  const chosen: Class = {
    ...builtInClass,
    image: "registry.example.com/postgresql",
    versions: { default: "15", allowed: ["15"] },
    storageClassName: "longhorn",
    nodeSelector: { disk: "ssd" },
    tolerations,
    sizes: { small },
  };
  const bare = withSpec({ version: undefined, storageGB: undefined });
  expect(cluster(bare, chosen).spec).toStrictEqual({
    instances: 2,
    imageName: "registry.example.com/postgresql:15",
    enableSuperuserAccess: false,
    bootstrap: { initdb: { database: "orders_db", owner: "orders_db" } },
    storage: { size: "5Gi", storageClass: "longhorn" },
    resources: {
      requests: { cpu: "1", memory: "3Gi" },
      limits: { cpu: "2", memory: "4Gi" },
    },
    affinity: { nodeSelector: { disk: "ssd" }, tolerations },
  });
});

test("a certificate with the class's own name for the server is asked for where clients check it and CNPG may not know it", () => {
  const names = (sslmode: "require" | "verify-full", clusterDomain: string): unknown =>
    cluster(goodClaim, { ...builtInClass, tls: { sslmode }, clusterDomain }).spec.certificates;
  expect(names("verify-full", "k8s.example.com")).toEqual({
    serverAltDNSNames: ["orders-db-rw.team-a.svc.k8s.example.com"],
  });
  expect(names("verify-full", "cluster.local")).toBeUndefined();
  expect(names("require", "k8s.example.com")).toBeUndefined();
});

test("with a pooler the certificate is asked for with its name too: PgBouncer shows the server's", () => {
  const names = (chosen: Partial<Class>): unknown =>
    cluster(withSpec({ pooler: {} }), { ...builtInClass, ...chosen }).spec.certificates;
  expect(names({})).toEqual({
    serverAltDNSNames: ["orders-db-pooler.team-a.svc.cluster.local"],
  });
  expect(names({ tls: { sslmode: "verify-full" }, clusterDomain: "k8s.example.com" })).toEqual({
    serverAltDNSNames: [
      "orders-db-rw.team-a.svc.k8s.example.com",
      "orders-db-pooler.team-a.svc.k8s.example.com",
    ],
  });
});

test("no names are asked for where someone has given the Cluster a certificate: CNPG refuses both", () => {
  const desired = cluster(withSpec({ pooler: {} }), builtInClass);
  const named = (certificates: object): unknown => {
    const found = { ...desired, ...{ spec: { ...desired.spec, certificates } } };
    return (retaining(desired, found) as Cluster).spec.certificates;
  };
  expect(named({ serverTLSSecret: "mine", serverCASecret: "mine" })).toBeUndefined();
  expect(named({ serverCASecret: "mine" })).toEqual(desired.spec.certificates);
});

test("instances are the claim's, else the size's, else one", () => {
  const { small } = builtInClass.sizes;
  if (!small) throw new Error("the built-in class offers small");
  const sized = (instances?: number): Class => ({
    ...builtInClass,
    sizes: { small: { cpu: small.cpu, memory: small.memory, ...(instances ? { instances } : {}) } },
  });
  expect(cluster(withSpec({ instances: 3 }), sized(2)).spec.instances).toBe(3);
  expect(cluster(goodClaim, sized(2)).spec.instances).toBe(2);
  expect(cluster(goodClaim, sized()).spec.instances).toBe(1);
});

test("a claim whose size the class does not offer is a fault of ours: the rules come first", () => {
  expect(() => cluster(goodClaim, { ...builtInClass, sizes: {} })).toThrow(
    "class built-in has no size small: the rules were not asked",
  );
});

describe("a commit waits for another instance where the class says so and there is one", () => {
  const small = {
    cpu: { request: "1", limit: "2" },
    memory: { request: "3Gi", limit: "4Gi" },
  };
  const durable = (durability: Class["durability"], instances: number): unknown =>
    cluster(goodClaim, { ...builtInClass, durability, sizes: { small: { ...small, instances } } })
      .spec.postgresql;
  const any = { method: "any", number: 1 };
  test.each<readonly [Class["durability"], number, unknown]>([
    [undefined, 3, undefined],
    ["preferred", 1, undefined],
    ["required", 1, undefined],
    ["preferred", 2, { synchronous: { ...any, dataDurability: "preferred" } }],
    ["required", 3, { synchronous: { ...any, dataDurability: "required", failoverQuorum: true } }],
  ])("%s with %d instances", (durability, instances, expected) => {
    expect(durable(durability, instances)).toEqual(expected);
  });
});

test("pull secrets are named, and instances are kept apart as the class says", () => {
  const { spec } = cluster(goodClaim, {
    ...builtInClass,
    imagePullSecrets: ["mirror", "backup"],
    spread: "required",
  });
  expect(spec.imagePullSecrets).toEqual([{ name: "mirror" }, { name: "backup" }]);
  expect(spec.affinity).toEqual({ podAntiAffinityType: "required" });
});

test("volumes stay in the StorageClass in which they are, named or not", () => {
  const desired = cluster(goodClaim, { ...builtInClass, storageClassName: "slow" });
  const storageOf = (storage: object): unknown =>
    Reflect.get(retaining(desired, { ...desired, ...{ spec: { storage } } }), "spec");
  expect(storageOf({ storageClass: "fast", size: "1Gi" })).toMatchObject({
    storage: { storageClass: "fast", size: "20Gi" },
  });
  expect(storageOf({ size: "1Gi" })).toMatchObject({ storage: { size: "20Gi" } });
  expect(JSON.stringify(storageOf({}))).not.toContain("storageClass");
});

test("parameters stand beside what the class makes of replication; without either there is no postgresql", () => {
  const parameters = { work_mem: "64MB" };
  const durable: Class = { ...builtInClass, durability: "preferred" };
  const of = (claim: ReturnType<typeof withSpec>, chosen = builtInClass): unknown =>
    cluster(claim, chosen).spec.postgresql;
  expect(of(withSpec({ parameters }))).toEqual({ parameters });
  expect(of(withSpec({ parameters: {} }))).toBeUndefined();
  expect(of(withSpec({ parameters, instances: 2 }), durable)).toEqual({
    synchronous: { method: "any", number: 1, dataDurability: "preferred" },
    parameters,
  });
});

test.each([
  [undefined, undefined],
  [true, { "cnpg.io/hibernation": "on" }],
  [false, { "cnpg.io/hibernation": "off" }],
])("hibernate %s is CNPG's annotation", (hibernate, annotations) => {
  expect(cluster(withSpec({ hibernate }), builtInClass).metadata.annotations).toEqual(annotations);
});
