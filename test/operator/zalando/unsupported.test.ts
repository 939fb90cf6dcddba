import { judge } from "../../../capabilities/admission/instance/judgement";
import type { ClassSpec } from "../../../capabilities/claim/class";
import type { ClaimSpec } from "../../../capabilities/claim/claim";
import {
  unsupported,
  unsupportedByClass,
} from "../../../capabilities/operator/zalando/unsupported";
import { named, withFields, withSpec } from "../../good-claim";
import { chosen } from "./surroundings";

test.each<readonly [ClaimSpec, readonly string[]]>([
  [{}, []],
  [{ hibernate: false, extensions: [], monitoring: false }, []],
  [{ parameters: { work_mem: "64MB" }, instances: 3, storageGB: 5, teamId: "pay" }, []],
  [{ hibernate: true }, ["spec.hibernate"]],
  [{ extensions: [{ name: "pg_trgm" }] }, ["spec.extensions"]],
  [{ pooler: {} }, ["spec.pooler"]],
  [{ monitoring: true }, ["spec.monitoring"]],
  [{ credentialsSecretName: "own" }, ["spec.credentialsSecretName"]],
  [{ databaseOwner: "standby" }, ["spec.databaseOwner"]],
  [{ databaseOwner: "orders_" }, ["spec.databaseOwner"]],
])("of a claim with %j it refuses %j", (spec, fields) => {
  const asked = { ...withFields({ writeConnectionSecretToRef: undefined }), spec };
  expect(unsupported(asked, chosen).map(({ field }) => field)).toEqual(fields);
});

const ending = "credentials.postgresql.acid.zalan.do";

test("a connection Secret never has a name that the operator could give to one of its own", () => {
  const ownTemplate = { ...chosen, zalando: { secretNameTemplate: "{username}.{cluster}.login" } };
  const asked = withFields({ writeConnectionSecretToRef: { name: "postgres.shop-other.login" } });
  const faults = unsupported(asked, ownTemplate).filter(({ field }) => !field.includes("teamId"));
  expect(faults).toEqual([
    {
      field: "writeConnectionSecretToRef",
      problem:
        'is "postgres.shop-other.login", a name as Zalando\'s operator gives to its own Secrets: use for example "orders-db-connection"',
    },
  ]);
});

test("a name by the operator's own template is refused once", () => {
  const zalandos = {
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name: "zalandos" },
    spec: { backend: "zalando", zalando: { teamId: "shop" } },
  } as const;
  const asked = withFields({ writeConnectionSecretToRef: { name: `postgres.other.${ending}` } });
  const claim = { ...asked, spec: { ...asked.spec, className: "zalandos" } };
  const { violations } = judge(claim, null, [zalandos], []);
  expect(violations.map(({ field }) => field)).toEqual(["writeConnectionSecretToRef"]);
});

test("the owner that a claim's name makes is refused by that name", () => {
  expect(unsupported(named("pooler"), chosen)).toEqual([
    {
      field: "metadata.name",
      problem:
        'makes the owner "pooler", a role that Zalando\'s operator keeps for itself: set spec.databaseOwner to another',
    },
  ]);
});

test("a team has to come from claim or class", () => {
  const teamless = { ...chosen, zalando: {} };
  expect(unsupported(withFields({}), teamless)).toEqual([
    {
      field: "spec.teamId",
      problem:
        'is not given, and class "team-class" has none: Zalando\'s operator needs the team of each database, for example "shop"',
    },
  ]);
  expect(unsupported(withSpec({ teamId: "pay" }), teamless)).toEqual([]);
});

test("a name is as long as Kubernetes makes pods of, with the team before it", () => {
  const longest = "a".repeat(52 - "shop-".length);
  expect(unsupported(named(longest), chosen)).toEqual([]);
  expect(unsupported(named(`${longest}a`), chosen)).toMatchObject([
    { field: "metadata.name", problem: expect.stringContaining("of 53 characters") as string },
  ]);
});

test.each<readonly [ClassSpec, readonly string[]]>([
  [{ backend: "zalando", zalando: { teamId: "shop" } }, []],
  [{ tls: { sslmode: "require" }, placement: { nodeSelector: { disk: "ssd" } } }, []],
  [{ durability: "required" }, []],
  [{ image: "registry.example.com/spilo" }, ["spec.image"]],
  [{ imagePullSecrets: ["mirror"] }, ["spec.imagePullSecrets"]],
  [{ placement: { spread: "required" } }, ["spec.placement.spread"]],
  [{ extensions: { allowed: [] } }, ["spec.extensions"]],
  [{ tls: { sslmode: "verify-full" } }, ["spec.tls.sslmode"]],
  [{ zalando: { secretNameTemplate: "{username}.{cluster}.x" } }, []],
  [{ zalando: { secretNameTemplate: "{username}.x" } }, ["spec.zalando.secretNameTemplate"]],
  [
    { zalando: { secretNameTemplate: "{username}.{cluster}.{who}" } },
    ["spec.zalando.secretNameTemplate"],
  ],
  [
    { zalando: { secretNameTemplate: "{username}.{cluster}}" } },
    ["spec.zalando.secretNameTemplate"],
  ],
])("of a class with %j it refuses %j", (spec, fields) => {
  expect(unsupportedByClass(spec).map(({ field }) => field)).toEqual(fields);
});
