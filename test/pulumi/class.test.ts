/** The class that Pulumi's configuration makes: one that admission takes, and whose claims have the backups that it says. */
import * as pulumi from "@pulumi/pulumi";
import { judgeClass } from "../../capabilities/admission/class/judgement";
import type { PostgresClass as ClassObject } from "../../capabilities/claim/class";
import { parseClass } from "../../capabilities/claim/parse";
import { plan } from "../../capabilities/reconcile/plan";
import { classFromConfig, PostgresClass } from "../../pulumi";
import { classSpec } from "../../pulumi/class";
import { goodClaim } from "../good-claim";
import { askedOf, ended, mocked, valueOf } from "./mocks";

const classType = "kubernetes:database.bizmatters.io/v1alpha1:PostgresClass";

afterEach(ended);

/** The class that a program with this configuration makes. */
async function classOf(config: Readonly<Record<string, string>>): Promise<ClassObject> {
  const asked = await mocked();
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries(config).map(([key, value]) => [`project:${key}`, value])),
  );
  await valueOf(classFromConfig("home").className);
  const [found] = await askedOf(asked, classType);
  return found?.inputs as ClassObject;
}

const everything = {
  postgres_backup_nfs_path: "nas.home:/volume1/postgres",
  postgres_backup_retention_days: "14",
  postgres_storage_class: "fast",
  postgres_version: "17",
  postgres_default_storage_size: "25Gi",
};

test("without any key it is PostgreSQL 15 in 10Gi on Longhorn, without backups", async () => {
  expect(await classOf({})).toEqual({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name: "home", annotations: {} },
    spec: {
      backend: "cnpg",
      versions: { default: "15", allowed: ["15", "16", "17", "18"] },
      storage: { defaultGB: 10, storageClassName: "longhorn" },
    },
  });
});

test.each([{}, everything])("admission takes the class of %j", async config => {
  const made = await classOf(config);
  expect(parseClass(made).faults).toEqual([]);
  expect(judgeClass(made, undefined, [], []).violations).toEqual([]);
});

test("from the key to the nightly dump: every claim of the class has the CronJob", async () => {
  const made = await classOf(everything);
  const claim = { ...goodClaim, spec: { className: "home" } };
  const planned = plan(claim, [made]);
  if (!("database" in planned)) throw new Error(JSON.stringify(planned));
  const env = expect.arrayContaining([{ name: "RETENTION_DAYS", value: "14" }]) as unknown;
  const nfs = { server: "nas.home", path: "/volume1/postgres" };
  const image = "ghcr.io/cloudnative-pg/postgresql:17";
  const pod = { containers: [{ image, env }], volumes: [{ nfs }, {}] };
  expect(planned.backup?.cronJob).toMatchObject({
    spec: { jobTemplate: { spec: { template: { spec: pod } } } },
  });
  expect(JSON.stringify(planned.database)).toContain(
    '"storage":{"size":"25Gi","storageClass":"fast"}',
  );
});

test("one that is to be the default is marked so", async () => {
  const asked = await mocked();
  await valueOf(new PostgresClass("home", { isDefault: true }).className);
  const [found] = await askedOf(asked, classType);
  expect(found?.inputs).toMatchObject({
    metadata: { annotations: { "database.bizmatters.io/is-default-class": "true" } },
  });
});

test.each([
  [{ backupNfsPath: "/volume1" }, 'backupNfsPath is "/volume1", but must be a server and a path'],
  [{ backupNfsPath: "nas:volume1" }, "but must be a server and a path"],
  [{ defaultStorageSize: "500Mi" }, 'defaultStorageSize is "500Mi", but must be'],
])("%j is told, with what to write", (offer, message) => {
  expect(() => classSpec(offer)).toThrow(message);
});
