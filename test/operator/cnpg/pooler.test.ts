/** The CNPG Pooler and the PodMonitor of a claim. */
import { monitoring } from "../../../capabilities/operator/cnpg/monitoring";
import { pooler } from "../../../capabilities/operator/cnpg/pooler";
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import { withSpec } from "../../good-claim";

test.each([
  [{}, 1, "session"],
  [{ instances: 3, mode: "transaction" as const }, 3, "transaction"],
])("pooler %j becomes a Pooler before the primary", (asked, instances, poolMode) => {
  const { desired } = pooler(withSpec({ pooler: asked }));
  expect(desired).toMatchObject({
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Pooler",
    metadata: { name: "orders-db-pooler", namespace: "team-a" },
  });
  expect(Reflect.get(desired as KubeObject, "spec")).toStrictEqual({
    cluster: { name: "orders-db" },
    type: "rw",
    instances,
    pgbouncer: { poolMode },
  });
});

test("no pooler is desired where none is asked for", () => {
  expect(pooler(withSpec({})).desired).toBeUndefined();
});

test.each<readonly [object | undefined, string, string]>([
  [undefined, "progressing", "the pooler is not made yet"],
  [{ phase: "active" }, "healthy", "the pooler is there (instances: 2)"],
  [{ phase: "paused" }, "progressing", "the pooler is paused"],
  [{ phase: "inactive", phaseReason: "no Cluster" }, "progressing", "no Cluster"],
  [{ phase: "failed", phaseReason: "Invalid", error: "bad" }, "failed", "Invalid: bad"],
  [{ phase: "failed" }, "failed", "no reason given"],
  // Releases of CNPG without a phase.
  [{ instances: 1 }, "progressing", "the pooler is not made yet"],
  [{ instances: 2 }, "healthy", "the pooler is there (instances: 2)"],
])("a Pooler of status %j is %s: %s", (status, state, message) => {
  const { health, desired } = pooler(withSpec({ pooler: { instances: 2 } }));
  const found = { ...desired, ...(status ? { status } : {}) } as KubeObject;
  expect(health(found)).toEqual({ state, message });
});

test("monitoring becomes a PodMonitor of the Cluster's pods", () => {
  const { desired } = monitoring(withSpec({ monitoring: true }));
  expect(desired).toMatchObject({
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: { name: "orders-db", namespace: "team-a" },
    spec: {
      selector: { matchLabels: { "cnpg.io/cluster": "orders-db" } },
      podMetricsEndpoints: [{ port: "metrics" }],
    },
  });
});

test.each([undefined, false])("monitoring %s asks for none", asked => {
  expect(monitoring(withSpec({ monitoring: asked })).desired).toBeUndefined();
});
