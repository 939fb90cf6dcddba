/** Classes that a platform team may offer, deep-frozen. */
import * as fc from "fast-check";
import {
  builtInClass,
  completeClass,
  type Class,
  type ClassSpec,
  type PostgresClass,
  type Toleration,
} from "../../capabilities/claim/class";
import { endOfLife } from "../../capabilities/claim/end-of-life";
import { annotations, classKind, group, version } from "../../capabilities/claim/names";
import { frozen } from "./frozen";
import { subdomain } from "./names";

const amount = fc.record({
  request: fc.constantFrom("100m", "0.5", "250m", "1"),
  limit: fc.constantFrom("1000m", "1500m", "2", "4"),
});

const memory = fc.record({
  request: fc.constantFrom("256Mi", "512Mi", "0.5Gi"),
  limit: fc.constantFrom("1Gi", "1024Mi", "4G"),
});

const storageGB = fc.integer({ min: 1, max: 65536 });

const size = fc.record(
  { instances: fc.integer({ min: 1, max: 9 }), storageGB, cpu: amount, memory },
  { requiredKeys: ["cpu", "memory"] },
);

const durability = fc.constantFrom("preferred" as const, "required" as const);

/** Durability that is required takes a second instance. */
function kept(asked: ClassSpec): ClassSpec {
  if (asked.durability !== "required") return asked;
  const sizes = Object.entries(asked.sizes ?? builtInClass.sizes).map(([name, { ...found }]) => [
    name,
    { ...found, instances: Math.max(2, found.instances ?? 1) },
  ]);
  return { ...asked, sizes: Object.fromEntries(sizes) as NonNullable<ClassSpec["sizes"]> };
}

const majors = fc.uniqueArray(fc.constantFrom(...Object.keys(endOfLife)), { minLength: 1 });

/** The default is one of those allowed: a class that forbids its own default suits no claim. */
const versions = majors.chain(allowed =>
  fc.record({ default: fc.constantFrom(...allowed), allowed: fc.constant(allowed) }),
);

const key = fc.constantFrom("dedicated", "example.com/databases");
const effect = fc.oneof(
  fc.record({ effect: fc.constantFrom("NoSchedule" as const, "PreferNoSchedule" as const) }),
  fc.record(
    { effect: fc.constant("NoExecute" as const), tolerationSeconds: fc.nat() },
    { requiredKeys: ["effect"] },
  ),
  fc.constant({}),
);
const taint = fc.oneof(
  fc.record(
    {
      key,
      operator: fc.constant("Equal" as const),
      value: fc.constantFrom("true", "postgres"),
    },
    { requiredKeys: ["key"] },
  ),
  fc.record({ key, operator: fc.constant("Exists" as const) }, { requiredKeys: ["operator"] }),
);
const toleration: fc.Arbitrary<Toleration> = fc
  .tuple(taint, effect)
  .map(([what, when]) => ({ ...what, ...when }));

const labelValues = fc.dictionary(subdomain, fc.constantFrom("true", "ssd"), { maxKeys: 3 });

const volume = fc.constantFrom(
  { nfs: { server: "nas.example.com", path: "/backups" } },
  { persistentVolumeClaim: "backups" },
);
const policy = fc.constantFrom("Delete" as const, "Retain" as const);

const backup = fc.record(
  {
    method: fc.constant("dump" as const),
    volume,
    schedule: fc.constantFrom("0 3 * * *", "30 4 * * SUN"),
    retentionDays: fc.integer({ min: 1, max: 14 }),
    required: fc.boolean(),
    image: fc.constantFrom("registry.example.com/clients"),
  },
  { requiredKeys: ["method", "volume"] },
);

const spec: fc.Arbitrary<ClassSpec> = fc.record(
  {
    backend: fc.constant("cnpg" as const),
    versions,
    image: fc.constantFrom("registry.example.com/postgresql", "local/postgresql"),
    imagePullSecrets: fc.uniqueArray(subdomain, { maxLength: 3 }),
    durability,
    storage: fc.record({ defaultGB: storageGB, storageClassName: subdomain }, { requiredKeys: [] }),
    placement: fc.record(
      {
        nodeSelector: labelValues,
        tolerations: fc.array(toleration, { maxLength: 3 }),
        spread: durability,
      },
      { requiredKeys: [] },
    ),
    extensions: fc.record({
      allowed: fc.subarray(["pg_trgm", "uuid-ossp", "vector", "timescaledb"]),
    }),
    tls: fc.record({
      sslmode: fc.constantFrom("disable", "prefer", "require", "verify-ca", "verify-full"),
    }),
    deletionPolicies: fc.record(
      { default: policy, allowed: fc.uniqueArray(policy, { minLength: 1 }) },
      { requiredKeys: [] },
    ),
    clusterDomain: fc.constantFrom("cluster.local", "k8s.example.com"),
    backup,
    sizes: fc.record({ small: size, medium: size, large: size }, { requiredKeys: ["small"] }),
  },
  { requiredKeys: [] },
);

/** A PostgresClass that leaves out any of its fields. */
export const postgresClass: fc.Arbitrary<PostgresClass> = frozen(
  fc
    .record({ name: subdomain, isDefault: fc.boolean(), spec })
    .map(({ name, isDefault, spec }) => ({
      apiVersion: `${group}/${version}`,
      kind: classKind,
      metadata: {
        name,
        ...(isDefault ? { annotations: { [annotations.isDefaultClass]: "true" } } : {}),
      },
      // As it comes over the wire: objects with ordinary prototypes.
      spec: kept(JSON.parse(JSON.stringify(spec)) as ClassSpec),
    })),
);

/** A class with nothing left open. */
export const completedClass: fc.Arbitrary<Class> = frozen(postgresClass.map(completeClass));
