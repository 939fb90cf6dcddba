import { operatorSecretNames, operatorSecretSuffixes } from "../../../capabilities/operator/facts";
import * as fc from "fast-check";
import { violations } from "../../../capabilities/admission/instance/rules";
import type { Claim } from "../../../capabilities/claim/claim";
import { builtInClass, classOf, type Class } from "../../../capabilities/claim/class";
import { parseClaim } from "../../../capabilities/claim/parse";
import type { Violation } from "../../../capabilities/claim/violation";
import { anyClaim, claimAndClass } from "../../arbitrary/claim";
import { postgresClass } from "../../arbitrary/class";
import { goodClaim, named, withFields, withSpec } from "../../good-claim";

type Case = readonly [title: string, claim: Claim, faults: readonly Violation[]];

function broken(claim: Claim, chosen: Class | undefined = builtInClass): readonly Violation[] {
  return violations({ claim, chosen, classNames: [] });
}

function table(cases: readonly Case[], chosen?: Class): void {
  test.each(cases)("%s", (_title, claim, faults) => {
    expect(broken(claim, chosen)).toEqual(faults);
  });
}

const keeps = "which PostgreSQL or CloudNativePG keeps for itself";
const letters =
  'must begin with a letter, end with a letter or digit, and have only lower-case letters, digits and "-" between';

function nameFault(problem: string): readonly Violation[] {
  return [{ field: "metadata.name", problem }];
}

describe("the claim's name is one that a Cluster can have", () => {
  const long = "a".repeat(51);
  table([
    ["takes a good claim", goodClaim, []],
    ["takes a name of 50 characters", named("a".repeat(50)), []],
    ["takes a single letter", named("a"), []],
    ["takes a name that the API server has yet to make", named(""), []],
    [
      "refuses a name of 51 characters",
      named(long),
      nameFault(
        `"${long}" has 51 characters, but a cluster name has at most 50: use for example "${"a".repeat(47)}"`,
      ),
    ],
    [
      "refuses a digit at the start",
      named("1abc"),
      nameFault(`"1abc" ${letters}: use for example "db-1abc"`),
    ],
    ["refuses a dot", named("a.b"), nameFault(`"a.b" ${letters}: use for example "a-b"`)],
    ["refuses a hyphen at the end", named("a-"), nameFault(`"a-" ${letters}: use for example "a"`)],
    [
      "refuses capital letters",
      named("Orders"),
      nameFault(`"Orders" ${letters}: use for example "orders"`),
    ],
    [
      "tells of length and letters at once",
      named(`${long}.`),
      [
        ...nameFault(
          `"${long}." has 52 characters, but a cluster name has at most 50: use for example "${"a".repeat(47)}"`,
        ),
        ...nameFault(`"${long}." ${letters}: use for example "${"a".repeat(47)}"`),
      ],
    ],
  ]);
});

describe("a name that becomes database or owner is not reserved", () => {
  const instead = "or set spec.databaseName and spec.databaseOwner";
  const onName = (changes: Parameters<typeof withSpec>[0]): Claim => ({
    ...withSpec(changes),
    metadata: { ...goodClaim.metadata, name: "postgres" },
  });
  table([
    [
      "refuses postgres",
      named("postgres"),
      nameFault(
        `"postgres" makes the database and owner "postgres", ${keeps}: use for example "postgres-db", ${instead}`,
      ),
    ],
    [
      "refuses a name that only becomes reserved with underscores",
      named("streaming-replica"),
      nameFault(
        `"streaming-replica" makes the database and owner "streaming_replica", ${keeps}: use for example "streaming-replica-db", ${instead}`,
      ),
    ],
    [
      "refuses the prefix of PostgreSQL",
      named("pg-orders"),
      nameFault(
        `"pg-orders" makes the database and owner "pg_orders", ${keeps}: use for example "db-pg-orders", ${instead}`,
      ),
    ],
    [
      "refuses as owner what PostgreSQL keeps as a role",
      named("public"),
      nameFault(
        `"public" makes the owner "public", ${keeps}: use for example "public-db", ${instead}`,
      ),
    ],
    [
      "speaks of the owner alone where the database is named",
      onName({ databaseName: "shop" }),
      nameFault(
        `"postgres" makes the owner "postgres", ${keeps}: use for example "postgres-db", ${instead}`,
      ),
    ],
    [
      "speaks of the database alone where the owner is named",
      onName({ databaseOwner: "shop" }),
      nameFault(
        `"postgres" makes the database "postgres", ${keeps}: use for example "postgres-db", ${instead}`,
      ),
    ],
    ["takes any name where both are named", onName({ databaseName: "a", databaseOwner: "b" }), []],
    ["takes a name with pg elsewhere", named("my-pg-db"), []],
    ["takes pg itself", named("pg"), []],
  ]);
});

describe("database and owner are not reserved", () => {
  const fault = (field: string, value: string, instead: string): readonly Violation[] => [
    { field, problem: `is "${value}", ${keeps}: use for example "${instead}"` },
  ];
  const database = (databaseName: string): Claim => withSpec({ databaseName });
  const owner = (databaseOwner: string): Claim => withSpec({ databaseOwner });
  const long = `pg_${"a".repeat(60)}`;
  table([
    [
      "refuses database postgres",
      database("postgres"),
      fault("spec.databaseName", "postgres", "postgres_db"),
    ],
    [
      "refuses database template1",
      database("template1"),
      fault("spec.databaseName", "template1", "template1_db"),
    ],
    [
      "refuses database pg_orders",
      database("pg_orders"),
      fault("spec.databaseName", "pg_orders", "db_pg_orders"),
    ],
    [
      "suggests no name that starts with a digit",
      owner("pg_1"),
      fault("spec.databaseOwner", "pg_1", "db_pg_1"),
    ],
    [
      "suggests no other reserved name",
      owner("pg_pg_x"),
      fault("spec.databaseOwner", "pg_pg_x", "db_pg_pg_x"),
    ],
    [
      "suggests no name that is too long",
      owner(long),
      fault("spec.databaseOwner", long, `db_${long}`.slice(0, 63)),
    ],
    [
      "refuses owner postgres",
      owner("postgres"),
      fault("spec.databaseOwner", "postgres", "postgres_db"),
    ],
    [
      "refuses owner streaming_replica",
      owner("streaming_replica"),
      fault("spec.databaseOwner", "streaming_replica", "streaming_replica_db"),
    ],
    ["refuses owner public", owner("public"), fault("spec.databaseOwner", "public", "public_db")],
    ["takes database public", database("public"), []],
    [
      "takes database and owner of other names",
      withSpec({ databaseName: "shop", databaseOwner: "app" }),
      [],
    ],
  ]);
});

describe("the class is there", () => {
  test("refuses a class that is not there, and names those that are", () => {
    const claim = withSpec({ className: "golden" });
    expect(violations({ claim, chosen: undefined, classNames: ["gold", "silver"] })).toEqual([
      {
        field: "spec.className",
        problem:
          'is "golden", but no PostgresClass has this name: there are gold, silver; leave it out for the default class',
      },
    ]);
  });

  test("refuses a class where there is none", () => {
    const claim = withSpec({ className: "gold" });
    expect(violations({ claim, chosen: undefined, classNames: [] })).toEqual([
      {
        field: "spec.className",
        problem:
          'is "gold", but no PostgresClass has this name: there is no PostgresClass yet; leave it out for the default class',
      },
    ]);
  });
});

test("a version that is no longer allowed stays where it is, and is not gone up to", () => {
  const chosen: Class = { ...builtInClass, versions: { default: "17", allowed: ["17"] } };
  const judged = { claim: withSpec({ version: "16" }), chosen, classNames: [] };
  const fault = { field: "spec.version", problem: 'is "16", but class built-in allows 17' };
  expect(violations({ ...judged, standing: ["16"] })).toEqual([]);
  expect(violations({ ...judged, standing: [undefined, "15"] })).toEqual([fault]);
  expect(violations(judged)).toEqual([fault]);
});

describe("what becomes of the data is the class's offer", () => {
  const chosen: Class = {
    ...builtInClass,
    name: "kept",
    deletionPolicies: { default: "Retain", allowed: [] },
  };
  const fault = {
    field: "spec.deletionPolicy",
    problem: 'is "Delete", but class kept allows Retain',
  };
  table(
    [
      ["takes the class's own", withSpec({ deletionPolicy: "Retain" }), []],
      ["takes none", withSpec({}), []],
      ["refuses another", withSpec({ deletionPolicy: "Delete" }), [fault]],
    ],
    chosen,
  );
});

describe("durability that a class requires is kept", () => {
  const { small, large } = builtInClass.sizes;
  if (!small || !large) throw new Error("the built-in class offers all sizes");
  const chosen: Class = {
    ...builtInClass,
    name: "gold",
    durability: "required",
    sizes: { small, large: { ...large, instances: 3 } },
  };
  const fault = {
    field: "spec.instances",
    problem:
      "is 1, but class gold keeps every write on two instances (durability: required): use at least 2, or 3 to go on without one",
  };
  table(
    [
      ["takes two instances", withSpec({ instances: 2 }), []],
      ["takes those of the size", withSpec({ size: "large" }), []],
      ["refuses one", withSpec({ size: "large", instances: 1 }), [fault]],
      ["refuses one by the size", withSpec({ size: "small" }), [fault]],
    ],
    chosen,
  );
});

describe("size and version are those of the class", () => {
  const { small, large } = builtInClass.sizes;
  if (!small || !large) throw new Error("the built-in class offers all sizes");
  const chosen: Class = {
    ...builtInClass,
    name: "gold",
    versions: { default: "17", allowed: ["16", "17"] },
    sizes: { small, large },
  };
  table(
    [
      ["takes a size that is offered", withSpec({ size: "large" }), []],
      ["takes a version that is allowed", withSpec({ version: "17" }), []],
      ["takes what is left out", withSpec({ size: undefined, version: undefined }), []],
      [
        "refuses a size that is not offered",
        withSpec({ size: "medium" }),
        [{ field: "spec.size", problem: 'is "medium", but class gold offers small, large' }],
      ],
      [
        "refuses a version that is not allowed",
        withSpec({ version: "18" }),
        [{ field: "spec.version", problem: 'is "18", but class gold allows 16, 17' }],
      ],
    ],
    chosen,
  );

  test("refuses the size that is taken where none is named, if it is not offered", () => {
    expect(broken(withSpec({ size: undefined }), { ...chosen, sizes: { large } })).toEqual([
      { field: "spec.size", problem: 'is "small", but class gold offers large' },
    ]);
  });
});

describe("the places of the ref agree", () => {
  const spec = goodClaim.spec;
  const refs = (name: string, namespace?: string): Claim["writeConnectionSecretToRef"] => ({
    name,
    ...(namespace === undefined ? {} : { namespace }),
  });
  const differs = (field: string, asked: string): Violation => ({
    field,
    problem: `asks for ${asked}, but writeConnectionSecretToRef for team-a/orders-postgres: keep one of them`,
  });
  const inSpec = refs("orders-postgres", "team-b");
  if (!inSpec) throw new Error("there is a ref");
  table([
    ["takes no ref at all", withFields({ writeConnectionSecretToRef: undefined }), []],
    [
      "takes the same in all places, the namespace written out or not",
      withSpec({
        writeConnectionSecretToRef: { name: "orders-postgres" },
        connectionSecretName: "orders-postgres",
      }),
      [],
    ],
    [
      "refuses another namespace in spec",
      withFields({ spec: { ...spec, writeConnectionSecretToRef: inSpec } }),
      [differs("spec.writeConnectionSecretToRef", "team-b/orders-postgres")],
    ],
    [
      "refuses another name in each place, and tells of both",
      withSpec({ writeConnectionSecretToRef: { name: "x" }, connectionSecretName: "y" }),
      [
        differs("spec.writeConnectionSecretToRef", "team-a/x"),
        differs("spec.connectionSecretName", "team-a/y"),
      ],
    ],
  ]);
});

describe("where no webhook sees a claim, its secret stays in the namespace", () => {
  const at = (namespace: string, ref: string): Claim =>
    withFields({
      metadata: { ...goodClaim.metadata, namespace },
      writeConnectionSecretToRef: { name: "orders-postgres", namespace: ref },
    });
  const problem = (namespace: string): string =>
    `asks for Secret team-b/orders-postgres, but for claims in ${namespace} nobody can check that their author may write to another namespace: use one in ${namespace}, or make the claim elsewhere`;
  const field = "writeConnectionSecretToRef";
  table([
    [
      "refuses from kube-system",
      at("kube-system", "team-b"),
      [{ field, problem: problem("kube-system") }],
    ],
    [
      "refuses from pepr-system",
      at("pepr-system", "team-b"),
      [{ field, problem: problem("pepr-system") }],
    ],
    ["takes one in kube-system itself", at("kube-system", "kube-system"), []],
    ["takes one from elsewhere", at("team-a", "team-b"), []],
  ]);
});

describe("the connection secret is none of the operator's own", () => {
  const fault = (field: string, name: string): Violation => ({
    field,
    problem: `is "${name}", the name of a Secret that the operator makes for this claim: use for example "orders-db-connection"`,
  });
  const top = (name: string): Claim => withFields({ writeConnectionSecretToRef: { name } });
  const superusers = "postgres.other-db.credentials.postgresql.acid.zalan.do";
  table([
    ...operatorSecretSuffixes.map(
      suffix =>
        [
          `refuses ${suffix}`,
          top(`orders-db${suffix}`),
          [fault("writeConnectionSecretToRef", `orders-db${suffix}`)],
        ] as const,
    ),
    [
      "refuses it in each place where it is asked for",
      {
        ...top("orders-db-app"),
        spec: { ...goodClaim.spec, connectionSecretName: "orders-db-app" },
      },
      [
        fault("writeConnectionSecretToRef", "orders-db-app"),
        fault("spec.connectionSecretName", "orders-db-app"),
      ],
    ],
    ["takes the claim's own name", top("orders-db"), []],
    ["takes one like that of another claim", top("shop-app"), []],
    [
      "refuses one like those that Zalando's operator makes, whoever runs the database: it would take over the password",
      top(superusers),
      [
        {
          field: "writeConnectionSecretToRef",
          problem: `is "${superusers}", a name as an operator gives to its own Secrets: use for example "orders-db-connection"`,
        },
      ],
    ],
  ]);

  test("their names are the claim's with each suffix", () => {
    expect(operatorSecretNames(goodClaim)).toEqual([
      ...["orders-db-app", "orders-db-ca", "orders-db-pooler", "orders-db-server"],
      ...["orders-db-replication", "orders-db-superuser"],
    ]);
  });
});

describe("the credentials that a claim brings are the user's own", () => {
  const field = "spec.credentialsSecretName";
  const brings = (name: string, changes: Partial<Claim> = {}): Claim => ({
    ...withSpec({ credentialsSecretName: name }),
    ...changes,
  });
  const both = (at: string): Violation => ({
    field: at,
    problem: `is "orders-postgres", which spec.credentialsSecretName names too: a Secret cannot be read and written; use for example "orders-db-connection"`,
  });
  table([
    ["takes another Secret", brings("given"), []],
    ["takes one like that of another claim", brings("shop-app"), []],
    ...operatorSecretSuffixes.map(suffix => {
      const name = `orders-db${suffix}`;
      const problem = `is "${name}", the name of a Secret that the operator makes for this claim: name one of your own, or leave it out`;
      return [`refuses ${suffix}`, brings(name), [{ field, problem }]] as const;
    }),
    [
      "refuses the connection secret, wherever that is asked for",
      brings("orders-postgres", {
        spec: {
          ...withSpec({ credentialsSecretName: "orders-postgres" }).spec,
          connectionSecretName: "orders-postgres",
        },
      }),
      [both("writeConnectionSecretToRef"), both("spec.connectionSecretName")],
    ],
    [
      "takes a connection secret of that name in another namespace",
      brings("orders-postgres", {
        writeConnectionSecretToRef: { name: "orders-postgres", namespace: "team-b" },
      }),
      [],
    ],
    [
      "refuses them where no webhook asks whether the author may read them",
      {
        ...withSpec({ credentialsSecretName: "given" }),
        metadata: { ...goodClaim.metadata, namespace: "kube-system" },
        writeConnectionSecretToRef: { name: "orders-postgres" },
      },
      [
        {
          field,
          problem:
            "asks for Secret kube-system/given, but for claims in kube-system nobody can check that their author may read it: make the claim elsewhere",
        },
      ],
    ],
    [
      "takes a claim whose name would be no owner, since the Secret says who that is",
      {
        ...withSpec({ credentialsSecretName: "given", databaseName: "shop" }),
        metadata: { ...goodClaim.metadata, name: "public" },
      },
      [],
    ],
    [
      "refuses a name that would be no database all the same",
      {
        ...withSpec({ credentialsSecretName: "given" }),
        metadata: { ...goodClaim.metadata, name: "template0" },
      },
      [
        {
          field: "metadata.name",
          problem:
            '"template0" makes the database "template0", which PostgreSQL or CloudNativePG keeps for itself: use for example "template0-db", or set spec.databaseName and spec.databaseOwner',
        },
      ],
    ],
  ]);
});

test("tells of all faults at once, in the order of the rules", () => {
  const claim: Claim = {
    ...withSpec({ size: "medium", version: "9", databaseName: "postgres" }),
    metadata: { ...goodClaim.metadata, name: "None" },
    writeConnectionSecretToRef: { name: "None-app" },
  };
  const { small } = builtInClass.sizes;
  const fields = broken(claim, { ...builtInClass, sizes: small ? { small } : {} });
  expect(fields.map(({ field }) => field)).toEqual([
    ...["metadata.name", "spec.databaseName", "spec.size", "spec.version"],
    "writeConnectionSecretToRef",
  ]);
});

test("a claim that keeps the rules of its class is not at fault", () => {
  fc.assert(
    fc.property(claimAndClass(postgresClass), ({ claim, chosen, found }) => {
      expect(violations({ claim, chosen, classNames: [found.metadata.name] })).toEqual([]);
    }),
  );
});

test("any JSON gives faults, never a throw", () => {
  fc.assert(
    fc.property(anyClaim, fc.array(postgresClass, { maxLength: 2 }), (value, classes) => {
      const { claim } = parseClaim(value);
      const chosen = classOf(claim, classes);
      for (const { field, problem } of violations({ claim, chosen, classNames: [] })) {
        expect([field, problem]).not.toContain("");
      }
    }),
  );
});

describe("extensions are those that the class allows, each once", () => {
  const chosen: Class = { ...builtInClass, name: "mine", allowedExtensions: ["pg_trgm", "hstore"] };
  table(
    [
      ["takes none", withSpec({ extensions: [] }), []],
      [
        "takes those allowed",
        withSpec({ extensions: [{ name: "hstore" }, { name: "pg_trgm", ensure: "absent" }] }),
        [],
      ],
      [
        "refuses others, to drop them too",
        withSpec({ extensions: [{ name: "file_fdw" }, { name: "pgaudit", ensure: "absent" }] }),
        [
          {
            field: "spec.extensions[0].name",
            problem:
              'is "file_fdw", but class mine allows pg_trgm, hstore; ask the platform team for others',
          },
          {
            field: "spec.extensions[1].name",
            problem:
              'is "pgaudit", but class mine allows pg_trgm, hstore; ask the platform team for others',
          },
        ],
      ],
      [
        "refuses one that is there twice",
        withSpec({ extensions: [{ name: "hstore" }, { name: "hstore", ensure: "absent" }] }),
        [
          {
            field: "spec.extensions[1].name",
            problem: 'is "hstore" for the second time: keep one of them',
          },
        ],
      ],
    ],
    chosen,
  );
  table(
    [
      [
        "says so where a class allows none",
        withSpec({ extensions: [{ name: "hstore" }] }),
        [
          {
            field: "spec.extensions[0].name",
            problem: 'is "hstore", but class mine allows none; ask the platform team for others',
          },
        ],
      ],
    ],
    { ...chosen, allowedExtensions: [] },
  );
});
