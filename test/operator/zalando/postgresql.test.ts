import { builtInClass } from "../../../capabilities/claim/class";
import {
  endpoint,
  postgresql,
  retaining,
  surplus,
} from "../../../capabilities/operator/zalando/postgresql";
import { goodClaim, withSpec } from "../../good-claim";
import { chosen } from "./surroundings";

test("a claim becomes exactly this", () => {
  const parameters = { work_mem: "64MB" };
  expect(postgresql(withSpec({ version: "15", instances: 2, parameters }), chosen)).toEqual({
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    metadata: {
      name: "shop-orders-db",
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
      teamId: "shop",
      numberOfInstances: 2,
      postgresql: { version: "15", parameters },
      volume: { size: "20Gi" },
      resources: {
        requests: { cpu: "250m", memory: "256Mi" },
        limits: { cpu: "1000m", memory: "1Gi" },
      },
      users: { orders_db: [] },
      databases: { orders_db: "orders_db" },
    },
  });
});

test("a class places its instances, and has commits wait for a replica where there is one", () => {
  const tolerations = [{ key: "dedicated", operator: "Exists" }] as const;
  const placed = {
    ...chosen,
    ...{ nodeSelector: { disk: "ssd" }, tolerations, storageClassName: "fast" },
    durability: "required" as const,
  };
  const { spec } = postgresql(withSpec({ instances: 2 }), placed);
  expect(spec).toMatchObject({
    volume: { size: "20Gi", storageClass: "fast" },
    patroni: { synchronous_mode: true, synchronous_mode_strict: true },
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: "disk", operator: "In", values: ["ssd"] }] },
        ],
      },
    },
    tolerations,
  });
  expect(postgresql(withSpec({ instances: 1 }), placed).spec).not.toHaveProperty("patroni");
});

test("the database is called like the claim where the operator has no prefix", () => {
  const plain = { ...chosen, zalando: { teamId: "shop" } };
  expect(postgresql(goodClaim, plain).metadata.name).toBe("orders-db");
  expect(endpoint(goodClaim, plain)).toBe("orders-db.team-a.svc.cluster.local");
  expect(endpoint(goodClaim, { ...chosen, clusterDomain: "k8s.example.com" })).toBe(
    "shop-orders-db.team-a.svc.k8s.example.com",
  );
  expect(builtInClass.zalando).toEqual({});
});

test("volumes keep their class, never shrink, and a version stays as it was made", () => {
  const before = postgresql(withSpec({ version: "15" }), { ...chosen, storageClassName: "slow" });
  const enlarged = {
    ...before,
    spec: { ...before.spec, volume: { ...before.spec.volume, size: "30Gi" } },
  };
  const after = postgresql(withSpec({ version: "17" }), { ...chosen, storageClassName: "fast" });
  expect(retaining(after, enlarged)).toMatchObject({
    spec: { postgresql: { version: "15" }, volume: { size: "30Gi", storageClass: "slow" } },
  });
  expect(surplus(enlarged, after)).toEqual({ has: "30Gi", wanted: "20Gi" });
  expect(surplus(before, after)).toBeUndefined();
});
